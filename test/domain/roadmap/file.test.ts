import { existsSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Roadmap } from '../../../source/domain/item.ts';
import { parseRoadmap } from '../../../source/domain/roadmap/parse.ts';
import { findItems } from '../../../source/domain/roadmap/resolve.ts';

const fixture = readFileSync(new URL('../../fixtures/roadmap/lighthouse.md', import.meta.url), 'utf8');

/** What must hold for any text at all. */
function expectSound(text: string, { items, problems }: Roadmap): void {
  const lines = text.split('\n').length;
  const ids = new Set(items.map(item => item.id));
  expect(ids.size).toBe(items.length);
  expect(items.filter((item, at) => item.line <= (items[at - 1]?.endLine ?? 0) || item.endLine < item.line)).toEqual(
    [],
  );
  expect(items.at(-1)?.endLine ?? 0).toBeLessThanOrEqual(lines);
  expect(items.filter(item => item.dependsOn.some(id => !ids.has(id)))).toEqual([]);
  expect(items.filter(item => item.duplicate !== (item.id !== item.key))).toEqual([]);
  expect(items.filter(item => (item.scope.paths.length === 0) !== (item.scope.kind === 'unknown'))).toEqual([]);
  expect(items.flatMap(item => item.scope.paths).filter(path => /(?:^|\/)\.\.(?:\/|$)|^\//.test(path))).toEqual([]);
  const shown = items
    .flatMap(item => [item.title, item.heading, ...item.notes])
    .concat(problems.map(problem => problem.message));
  expect(shown.filter(words => /[\x00-\x1f\x7f-\x9f\u202a-\u202e]/.test(words))).toEqual([]);
  expect(problems.filter(problem => problem.line < 1 || problem.line > lines)).toEqual([]);
}

describe('a whole file', () => {
  test('is read item by item', () => {
    const roadmap = parseRoadmap(fixture, { path: 'docs/ROADMAP.md' });
    expectSound(fixture, roadmap);
    expect(roadmap.path).toBe('docs/ROADMAP.md');
    expect(
      roadmap.items.map(item => [item.id, item.status, item.dependsOn.join(' '), item.scope.kind, item.estimateHours]),
    ).toEqual([
      ['US-101', 'complete', '', 'unknown', 8],
      ['US-102', 'planned', 'US-101', 'known', 20],
      ['US-103', 'in-progress', '', 'inferred', null],
      ['PRIORITY-3.5', 'blocked', 'US-103 US-102', 'unknown', null],
      ['US-104', 'planned', '', 'unknown', null],
      ['US-105', 'planned', 'US-104', 'unknown', null],
      ['US-106@64', 'testing', 'US-101', 'unknown', null],
      ['US-106@71', 'planned', '', 'unknown', null],
      ['US-107', 'unknown', '', 'unknown', null],
    ]);
    expect(roadmap.items[1]?.scope.paths).toEqual(['signal/**', 'tests/signal/*.ts']);
    expect(roadmap.items[2]).toMatchObject({ agentType: 'architect', aliases: ['PRIORITY-3'] });
    expect(roadmap.items[6]?.notes).toEqual(['A licence (asked for)']);
    expect(roadmap.problems.map(problem => [problem.line, problem.code])).toEqual([
      [34, 'mismatch'],
      [71, 'duplicate'],
      [73, 'status'],
    ]);
  });

  test('reads the same with other line ends and a byte order mark', () => {
    const other = `\ufeff${fixture.replaceAll('\n', '\r\n')}`;
    expect(parseRoadmap(other, { path: null })).toEqual(parseRoadmap(fixture, { path: null }));
  });

  test.each(['', '\n', '\ufeff', '\r\n\r\n', '#', '##', '## ', '```', '<!--', '|', '**Status**:'])('%j', text => {
    const roadmap = parseRoadmap(text, { path: null });
    expect(roadmap.items).toEqual([]);
    expectSound(text, roadmap);
  });

  test('keys shared by a summary and the item itself are told apart and reported once', () => {
    const text =
      '### PRIORITY 12: US-047 - Specs ✅ Complete\n\n### US-047: Specs 📝 Planned\n\n### PRIORITY 12: US-048 - Other 📝\n';
    const { items, problems } = parseRoadmap(text, { path: null });
    expect(items.map(item => [item.id, item.duplicate])).toEqual([
      ['US-047@1', true],
      ['US-047@3', true],
      ['US-048@5', true],
    ]);
    expect(problems.map(problem => [problem.line, problem.code])).toEqual([
      [3, 'restated'],
      [5, 'duplicate'],
    ]);
  });

  test('PRIORITY 10 and US-010 are different items', () => {
    const { items } = parseRoadmap('## PRIORITY 10: A 📝\n\n## US-010: B 📝\n', { path: null });
    expect(items.map(item => item.id)).toEqual(['PRIORITY-10', 'US-010']);
  });
});

describe('any text', () => {
  const piece = fc.constantFrom(
    '## US-001: A',
    '### PRIORITY 2: US-003 - B 📝 Planned',
    '### US-1: C ✅',
    '## US-002 through US-004',
    '**Status**: ✅ Complete',
    '**Status**:',
    '**Dependencies**: US-001, PRIORITY 2, 3',
    '**Blocks**:',
    '- US-003 (x)',
    '- **Files**: `a/`, `../b`',
    '**Files**: `src/**`',
    '```',
    '~~~~',
    '   ```js',
    '<!--',
    '-->',
    '---',
    '### Dependencies',
    '\t- nested',
    '',
    '| a | b |',
    '\u202e**\x1b[31m**',
  );
  const line = fc.oneof(
    { weight: 4, arbitrary: piece },
    { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 30 }) },
  );
  const text = fc
    .tuple(fc.array(line, { maxLength: 40 }), fc.constantFrom('\n', '\r\n'))
    .map(([lines, end]) => lines.join(end));

  test('gives sound items and problems', () => {
    fc.assert(
      fc.property(text, source =>
        expectSound(source, parseRoadmap(source, { path: null, readSpec: () => '`a/b.ts`' })),
      ),
      { numRuns: 400 },
    );
  });

  test.each([
    ['one endless line', () => `## US-001: ${'x`*📝'.repeat(200_000)}`],
    ['endless emoji', () => '### US-001: ⭐📝\n'.repeat(50_000)],
    ['long headings', () => `## US-001: ${'⭐'.repeat(380)}\n`.repeat(1_000)],
    ['marks only', () => '*_`~#|[]()<>-:'.repeat(70_000)],
    ['endless labels', () => '**A**: `b` | '.repeat(80_000)],
    ['deep lists', () => Array.from({ length: 2_000 }, (_, at) => `${' '.repeat(at % 500)}- x`).join('\n')],
    ['fences', () => '```\n~~~\n'.repeat(100_000)],
    ['brackets in dependencies', () => `## US-001: A\n**Dependencies**: ${'('.repeat(500_000)}`],
    ['ids in dependencies', () => `## US-001: A\n**Dependencies**: ${'US-001, '.repeat(120_000)}`],
    ['garbage', () => Array.from({ length: 300_000 }, (_, at) => String.fromCharCode((at * 7919) % 0xd800)).join('')],
  ])('a megabyte of %s', (_name, make) => {
    const source = make();
    expectSound(source, parseRoadmap(source, { path: null }));
  });
});

describe('findItems', () => {
  // The X's of the last heading are what authors write for a number that is not given yet.
  const { items } = parseRoadmap(
    '## US-010: A 📝\n## PRIORITY 10: B 📝\n## PRIORITY 2.65: US-043 - C 📝\n## US-014: D 📝\n## US-014: E 📝\n## BUG-XXX: F 📝\n',
    { path: null },
  );
  test.each([
    ['US-010', ['US-010']],
    ['us-10', ['US-010']],
    [' US-10 ', ['US-010']],
    ['PRIORITY 10', ['PRIORITY-10']],
    ['priority-10', ['PRIORITY-10']],
    ['PRIORITÉ 10', ['PRIORITY-10']],
    ['US-043', ['US-043']],
    ['PRIORITY 2.65', ['US-043']],
    ['PRIORITY-2.65', ['US-043']],
    ['priority 2.65', ['US-043']],
    ['US-043@3', ['US-043']],
    ['US-014', ['US-014@4', 'US-014@5']],
    ['US-014@5', ['US-014@5']],
    ['us-14@4', ['US-014@4']],
    ['US-014@6', []],
    ['bug-xxx', ['BUG-XXX']],
    ['US-01', []],
    ['10', []],
    ['', []],
    ['US-010; rm', []],
  ])('%s', (wanted, ids) => {
    expect(findItems(items, wanted).map(item => item.id)).toEqual(ids);
  });

  test('finds ad-hoc items by their own ids', () => {
    const [first] = items;
    if (first === undefined) throw new Error('no item');
    const adHoc = { ...first, id: 'RUN-ab12', key: 'RUN-ab12', aliases: [], line: 0 };
    expect(findItems([...items, adHoc], 'run-AB12')).toEqual([adHoc]);
  });
});

const real = process.env.CM_TUI_REAL_ROADMAP;
if (real === undefined || !existsSync(real)) {
  console.log('roadmap-file: CM_TUI_REAL_ROADMAP names no file, so no real roadmap is tried.');
} else {
  test('a real roadmap', () => {
    const text = readFileSync(real, 'utf8');
    const roadmap = parseRoadmap(text, { path: null });
    expectSound(text, roadmap);
    const count = (code: string) => roadmap.problems.filter(problem => problem.code === code).length;
    console.log(
      `roadmap-file: ${roadmap.items.length} items, ${roadmap.items.filter(item => item.status === 'planned').length} planned, ` +
        `${count('duplicate')} duplicated ids, ${count('restated')} told twice, ${count('mismatch')} mismatches`,
    );
    expect(roadmap.items.length).toBeGreaterThan(0);
  });
}
