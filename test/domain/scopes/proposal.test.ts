import { describe, expect, test } from 'vitest';
import type { Item } from '../../../source/domain/item.ts';
import { parseRoadmap } from '../../../source/domain/roadmap/parse.ts';
import { applyEdits, scopeEdits } from '../../../source/domain/roadmap/scope-line.ts';
import { globOf } from '../../../source/domain/scope/glob-of.ts';
import { applyScopes } from '../../../source/domain/scope/set-scopes.ts';
import { proposeDependencies } from '../../../source/domain/scope/suggest/dependencies.ts';
import { widening } from '../../../source/domain/scope/suggest/proposal.ts';

function itemsOf(text: string): readonly Item[] {
  return parseRoadmap(text, { path: 'ROADMAP.md' }).items;
}

/** The text with the scope of its first item set, or null. */
function written(text: string, paths: readonly string[], dependsOn: readonly string[] = []) {
  const [item] = itemsOf(text);
  if (item === undefined) throw new Error('the item is missing');
  const edits = scopeEdits(text, { key: item.key, line: item.line, heading: item.heading, paths, dependsOn });
  return edits === null ? null : applyEdits(text, edits);
}

describe('writing a scope into a ROADMAP', () => {
  test.each([
    [
      'below the status line',
      '## US-1: A\n**Status**: 📝 Planned\n\nText\n',
      '## US-1: A\n**Status**: 📝 Planned\n**Files**: `a.ts`\n\nText\n',
    ],
    [
      'in the form of a list',
      '## US-1: A\n- **Status**: 📝 Planned\n',
      '## US-1: A\n- **Status**: 📝 Planned\n- **Files**: `a.ts`\n',
    ],
    ['below the heading', '## US-1: A 📝 Planned\n\nText\n', '## US-1: A 📝 Planned\n\n**Files**: `a.ts`\n\nText\n'],
    [
      'below a heading without a blank line',
      '## US-1: A 📝 Planned\nText\n',
      '## US-1: A 📝 Planned\n**Files**: `a.ts`\n\nText\n',
    ],
    ['behind a heading at the end', '## US-1: A 📝 Planned', '## US-1: A 📝 Planned\n**Files**: `a.ts`\n'],
    [
      'in place of what stands there',
      '## US-1: A\n**Status**: 📝 Planned\n**Files**: to be found\n',
      '## US-1: A\n**Status**: 📝 Planned\n**Files**: `a.ts`\n',
    ],
    [
      'with the line ends of the file',
      '## US-1: A\r\n**Status**: 📝 Planned\r\n',
      '## US-1: A\r\n**Status**: 📝 Planned\r\n**Files**: `a.ts`\r\n',
    ],
  ])('%s', (_, before, after) => {
    expect(written(before, ['a.ts'])).toBe(after);
  });

  test('adds dependencies to those that stand there', () => {
    const rest = '\n## US-2: B\n**Status**: 📝 Planned\n\n## US-3: C\n**Status**: 📝 Planned\n';
    const text = `## US-1: A\n**Status**: 📝 Planned\n**Dependencies**: US-2\n${rest}`;
    expect(written(text, ['a.ts'], ['US-3'])).toContain('**Dependencies**: US-2, US-3\n');
    expect(written(text.replace('US-2\n', 'None\n'), ['a.ts'], ['US-3'])).toContain('**Dependencies**: US-3\n');
  });

  test.each([
    ['files in a list below the label', '## US-1: A\n**Status**: 📝 Planned\n**Files**:\n- `b.ts`\n', ['a.ts']],
    ['a path that would be read as a wider one', '## US-1: A\n**Status**: 📝 Planned\n', ['pages/[name].ts']],
    ['a path with a blank', '## US-1: A\n**Status**: 📝 Planned\n', ['a b.ts']],
    ['no path', '## US-1: A\n**Status**: 📝 Planned\n', []],
  ])('writes nothing: %s', (_, text, paths) => {
    expect(written(text, paths)).toBeNull();
  });

  test('of copies of an id changes only the one that is meant', () => {
    const text = '## US-1: A\n**Status**: 📝 Planned\n\n## US-1: B\n**Status**: 📝 Planned\n';
    expect(written(text, ['a.ts'])).toBe(text.replace('Planned\n', 'Planned\n**Files**: `a.ts`\n'));
  });
});

describe('a scope that a person has set', () => {
  const [item] = itemsOf('## US-1: A\n**Status**: 📝 Planned\n');
  const set = {
    priorityId: 'US-1',
    paths: ['a.ts'],
    dependsOn: ['US-9'],
    replaces: { kind: 'unknown', paths: [] },
  } as const;

  test('counts over an unknown one, without dependencies that are not there', () => {
    const [changed] = applyScopes(item === undefined ? [] : [item], { 'US-1': set });
    expect(changed).toMatchObject({ scope: { kind: 'known', paths: ['a.ts'] }, dependsOn: [] });
  });

  test('gives way to what the source says by now', () => {
    const items = itemsOf('## US-1: A\n**Status**: 📝 Planned\n**Files**: `b.ts`\n');
    expect(applyScopes(items, { 'US-1': set })).toEqual(items);
  });
});

describe('dependencies', () => {
  const text = ['US-1', 'US-2', 'US-3'].map(id => `## ${id}: Work\n**Status**: 📝 Planned\n`).join('\n');
  const items = itemsOf(text);
  const texts = (...words: readonly string[]) =>
    items.map((item, at) => ({
      item,
      text: words[at] ?? '',
      created: [] as { path: string; reasons: string[]; likelihood: number }[],
    }));
  const proposed = (described: ReturnType<typeof texts>) =>
    Object.fromEntries([...proposeDependencies(described, items)].map(([id, all]) => [id, all.map(one => one.id)]));

  test('are proposed where the text says so, not where it merely names an item', () => {
    expect(proposed(texts('', 'Only after US-1 has landed.', 'Unlike US-1, and not US-10.'))).toEqual({
      'US-2': ['US-1'],
    });
  });

  test('never close a circle', () => {
    expect(proposed(texts('Needs US-2.', 'Needs US-1.'))).toEqual({ 'US-1': ['US-2'] });
  });

  test('are proposed on the item that creates a file', () => {
    const described = texts('', '', '').map((one, at) =>
      at === 1 ? one : { ...one, created: [{ path: 'src/new.ts', reasons: [], likelihood: 0.9 }] },
    );
    expect(proposed(described)).toEqual({ 'US-3': ['US-1'] });
  });
});

test('paths become patterns that match them, and proposals say what they widen', () => {
  expect(['src/a.ts', 'pages/[name].ts', 'a b.ts'].map(globOf)).toEqual(['src/a.ts', 'pages/*name*.ts', 'a*b.ts']);
  const files = [
    { path: 'src/a.ts', reasons: [], likelihood: 1 },
    { path: 'b.ts', reasons: [], likelihood: 1 },
  ];
  expect(widening({ kind: 'known', paths: ['src/**'] }, files)).toEqual(['b.ts']);
  expect(widening({ kind: 'unknown', paths: [] }, files)).toEqual(['src/a.ts', 'b.ts']);
});
