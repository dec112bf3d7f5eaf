import { describe, expect, test } from 'vitest';
import { type FileType, formOf, setStatusInFile } from '../../../source/adapters/sources/formats.ts';
import { alone, lists, readList } from './lists.ts';

describe('items with status, dependencies and group', () => {
  test.each<[FileType, readonly (readonly [string, string, string, string | null])[]]>([
    [
      'gsd',
      [
        ['phase-1', 'complete', '', 'Phase 1: Catalog'],
        ['02-01', 'complete', 'phase-1', 'Phase 2: Search'],
        ['02-02', 'planned', 'phase-1 02-01', 'Phase 2: Search'],
        ['phase-3', 'planned', '02-01 02-02', 'Phase 3: Cart'],
      ],
    ],
    [
      'spec-kit',
      [
        ['T001', 'complete', '', 'Phase 1: Setup'],
        ['T002', 'planned', 'T001', 'Phase 2: Models'],
        ['T003', 'planned', 'T001', 'Phase 2: Models'],
        ['T004', 'planned', 'T002 T003', 'Phase 2: Models'],
        ['T005', 'planned', 'T002 T004', 'Phase 3: Polish'],
      ],
    ],
    [
      'openspec',
      [
        ['1.1', 'complete', '', 'add-search'],
        ['1.2', 'planned', '', 'add-search'],
        ['2.1', 'planned', '', 'add-search'],
      ],
    ],
    [
      'kiro',
      [
        ['1', 'in-progress', '', 'search'],
        ['2.1', 'complete', '', 'search'],
        ['2.2', 'planned', '', 'search'],
      ],
    ],
    ['backlog', [['task-10', 'planned', '', 'M1']]],
    [
      'task-master',
      [
        ['1', 'complete', '', null],
        ['2.1', 'planned', '1', 'Search'],
        ['2.2', 'blocked', '2.1 1', 'Search'],
        ['3', 'planned', '2.1 2.2', null],
      ],
    ],
    [
      'ralph',
      [
        ['US-001', 'complete', '', null],
        ['US-002', 'planned', '', null],
      ],
    ],
    [
      'beads',
      [
        ['a-2', 'planned', '', 'Epic'],
        ['a-3', 'in-progress', 'a-2', null],
        ['a-5', 'planned', 'a-2', null],
      ],
    ],
    [
      'checklist',
      [
        ['search-the-catalog-in-src-search-ts', 'planned', '', 'v1.1'],
        ['list-the-catalog', 'complete', '', 'v1.1'],
        ['A-7', 'planned', 'A-8', 'Cart'],
        ['A-8', 'planned', '', 'Cart'],
      ],
    ],
  ])('%s', async (type, expected) => {
    const { items, problems } = await readList(type);
    expect(items.map(({ id, status, dependsOn, group }) => [id, status, dependsOn.join(' '), group])).toEqual(expected);
    expect(problems.map(({ code }) => code)).toEqual(type === 'backlog' ? ['dependency'] : []);
    expect(items.every(item => item.source === type && item.aliases.includes(`${type}:${item.name}`))).toBe(true);
  });

  test('scope, priority and what may run side by side', async () => {
    const specKit = await readList('spec-kit');
    expect(specKit.items.map(item => [item.scope.kind, item.scope.paths.join(' '), item.parallel])).toEqual([
      ['unknown', '', false],
      ['known', 'src/index.ts', true],
      ['known', 'src/page.ts', true],
      ['known', 'src/app.ts', false],
      ['known', 'docs/search.md', false],
    ]);
    expect((await readList('backlog')).items[0]).toMatchObject({
      priority: 1,
      scope: { kind: 'inferred', paths: ['src/search.ts'] },
    });
    expect((await readList('task-master')).items[1]).toMatchObject({ priority: 1, scope: { kind: 'unknown' } });
    expect((await readList('beads')).items[1]).toMatchObject({ priority: 0 });
    expect((await readList('ralph')).items[1]).toMatchObject({ priority: 2 });
    expect((await readList('kiro')).items.map(({ notes }) => notes.join('; '))).toEqual([
      'requirements 1.1',
      'requirements 1.2, 1.3',
      'optional',
    ]);
  });

  test('an agent gets the words of the item and where the rest stands', async () => {
    const { texts } = await readList('kiro');
    expect(texts.get('2.2')).toContain('.kiro/specs/search/');
    expect(texts.get('2.2')).toContain('Part of: 2. Search');
    expect((await readList('task-master')).texts.get('3')).toContain('## How to test\n\nBy hand.');
    expect((await readList('backlog')).texts.get('task-10')).toContain('## Acceptance Criteria');
  });
});

describe('a status is written, and everything else stays as it is', () => {
  test.each<[FileType, string, string, string]>([
    ['gsd', '02-02', '- [ ] 02-02', '- [x] 02-02'],
    ['gsd', 'phase-3', '- [ ] **Phase 3', '- [x] **Phase 3'],
    ['spec-kit', '001-search/T003', '- [ ] T003', '- [x] T003'],
    ['openspec', 'add-search/1.2', '- [ ] 1.2', '- [x] 1.2'],
    ['kiro', 'search/2.2', '- [ ]* 2.2', '- [x]* 2.2'],
    ['backlog', 'task-10', 'status: To Do', 'status: Done'],
    [
      'task-master',
      '2.1',
      '"title": "Index",\n            "status": "pending"',
      '"title": "Index",\n            "status": "done"',
    ],
    ['task-master', '3', '"title": "Cart",\n        "status": "pending"', '"title": "Cart",\n        "status": "done"'],
    ['ralph', 'US-002', '"passes" : false', '"passes" : true'],
    // Its id begins with the name of its file.
    ['checklist', 'TODO.md/v1-1/cart/A-8', '- [ ] A-8', '- [x] A-8'],
  ])('%s %s', async (source, name, before, after) => {
    for (const text of [lists[source].text, `\ufeff${lists[source].text.replaceAll('\n', '\r\n')}`]) {
      const [from, to] = text.startsWith('\ufeff')
        ? [before.replaceAll('\n', '\r\n'), after.replaceAll('\n', '\r\n')]
        : [before, after];
      expect(text.split(from)).toHaveLength(2);
      const place = { source, name, path: lists[source].path, line: 1, heading: '' };
      const done = await setStatusInFile(text, place, 'complete', alone);
      expect(done?.text).toBe(text.replace(from, to));
      expect(done?.text.split('\n')[(done.line ?? 0) - 1]).toContain(to.split('\n').at(-1)?.trim());
      expect((await setStatusInFile(done?.text ?? '', place, 'planned', alone))?.text).toBe(text);
      // What says so already stays as it is.
      expect((await setStatusInFile(done?.text ?? '', place, 'complete', alone))?.text).toBe(done?.text);
      expect((await setStatusInFile(text, place, 'planned', alone))?.text).toBe(text);
    }
  });

  test.each<[FileType, string]>([
    ['beads', 'a-2'],
    ['spec-kit', '001-search/T999'],
    ['task-master', '9'],
    ['backlog', 'task-11'],
  ])('%s %s cannot be written', async (source, name) => {
    const place = { source, name, path: lists[source].path, line: 1, heading: '' };
    expect(await setStatusInFile(lists[source].text, place, 'complete', alone)).toBeNull();
  });

  test('which of two with one name is meant cannot be known', async () => {
    const text = '- [ ] T001 One\n- [ ] T001 Two\n';
    const place = {
      source: 'spec-kit',
      name: '001-search/T001',
      path: 'specs/001-search/tasks.md',
      line: 1,
      heading: '',
    };
    expect(await setStatusInFile(text, place, 'complete', alone)).toBeNull();
    const { items, problems } = await readList('spec-kit', text);
    expect(items.map(({ id, duplicate }) => [id, duplicate])).toEqual([
      ['spec-kit:001-search/T001@1', true],
      ['spec-kit:001-search/T001@2', true],
    ]);
    expect(problems).toMatchObject([{ code: 'duplicate', line: 2 }]);
  });
});

test.each(Object.entries(lists))('a file of %s is known by its looks', async (type, { text }) => {
  expect(
    (await formOf(text, type === 'kiro' || type === 'openspec' || type === 'gsd' ? lists[type].path : 'plan'))?.type,
  ).toBe(type);
});
