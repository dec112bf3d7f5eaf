import { describe, expect, test } from 'vitest';
import { type FileType, formOf, loadFormat, setStatusInFile } from '../../../source/adapters/sources/formats.ts';
import { linkSources } from '../../../source/adapters/sources/joining/link.ts';

/** One list of each kind, as its own program writes it: two items that are open, of which the second comes last. */
const lists: Readonly<Record<FileType, { readonly path: string; readonly text: string }>> = {
  gsd: {
    path: '.planning/ROADMAP.md',
    text: [
      '# Roadmap: Shop',
      '## Phases',
      '- [x] **Phase 1: Catalog** - list the products',
      '- [ ] **Phase 2: Search** - find products',
      '- [ ] **Phase 3: Cart** - keep products',
      '## Phase Details',
      '### Phase 1: Catalog',
      '**Depends on**: Nothing (first phase)',
      '### Phase 2: Search',
      '**Goal**: products can be found',
      '**Depends on**: Phase 1',
      'Plans:',
      '- [x] 02-01-PLAN.md — build the index',
      '- [ ] 02-02: show results in `src/search.ts`',
      '### Phase 3: Cart',
      '**Depends on**: Phase 2',
      '## Progress',
      '| Phase | Plans Complete | Status |',
      '|---|---|---|',
      '| 1. Catalog | 1/1 | Complete |',
      '',
    ].join('\n'),
  },
  'spec-kit': {
    path: 'specs/001-search/tasks.md',
    text: [
      '# Tasks: Search',
      '## Phase 1: Setup',
      '- [x] T001 Create the folders',
      '## Phase 2: Models',
      '- [ ] T002 [P] [US1] Index in src/index.ts',
      '- [ ] T003 [P] [US1] Page in `src/page.ts`',
      '- [ ] T004 [US1] Wire both in src/app.ts',
      '## Phase 3: Polish',
      '- [ ] T005 Docs in docs/search.md (depends on T002)',
      '',
    ].join('\n'),
  },
  openspec: {
    path: 'openspec/changes/add-search/tasks.md',
    text: '## 1. Implementation\n\n- [x] 1.1 Add index\n- [ ] 1.2 Add page in `src/page.ts`\n\n## 2. Tests\n\n- [ ] 2.1 Test it\n',
  },
  kiro: {
    path: '.kiro/specs/search/tasks.md',
    text: [
      '# Implementation Plan',
      '',
      '- [-] 1. Set up the folders',
      '  - _Requirements: 1.1_',
      '- [ ] 2. Search',
      '  - [x] 2.1 Build the index',
      '    - Words and their places',
      '    - _Requirements: 1.2, 1.3_',
      '  - [ ]* 2.2 Test the index in `test/index.ts`',
      '',
    ].join('\n'),
  },
  backlog: {
    path: 'backlog/tasks/task-10 - Search.md',
    text: [
      '---',
      'id: task-10',
      'title: "Search: the catalog"',
      'status: To Do',
      'assignee: [ada]',
      'dependencies:',
      '  - task-9',
      'priority: high',
      "milestone: 'M1'",
      '---',
      '## Description',
      'Find products by words in `src/search.ts`.',
      '',
      '## Acceptance Criteria',
      '- [ ] #1 found',
      '',
    ].join('\n'),
  },
  'task-master': {
    path: '.taskmaster/tasks/tasks.json',
    text: `${JSON.stringify(
      {
        master: {
          tasks: [
            { id: 1, title: 'Catalog', status: 'done', dependencies: [] },
            {
              id: 2,
              title: 'Search',
              status: 'pending',
              priority: 'high',
              dependencies: [1],
              details: 'In `src/search.ts`.',
              subtasks: [
                { id: 1, title: 'Index', status: 'pending', dependencies: [] },
                { id: 2, title: 'Page', status: 'deferred', dependencies: [1] },
              ],
            },
            { id: 3, title: 'Cart', status: 'pending', dependencies: [2], testStrategy: 'By hand.' },
          ],
        },
      },
      null,
      2,
    )}\n`,
  },
  ralph: {
    path: 'prd.json',
    text: '{\n\t"branchName": "ralph/x",\n\t"userStories": [\n\t\t{ "id": "US-001", "title": "Search", "priority": 1, "passes": true },\n\t\t{ "id": "US-002", "title": "Cart", "priority": 2, "acceptanceCriteria": ["kept"], "passes" : false }\n\t]\n}',
  },
  beads: {
    path: '.beads/issues.jsonl',
    text: [
      { id: 'a-1', title: 'Epic', status: 'open', issue_type: 'epic', priority: 1 },
      { id: 'a-2', title: 'Index', status: 'open', dependencies: [{ depends_on_id: 'a-1', type: 'parent-child' }] },
      {
        id: 'a-3',
        title: 'Page',
        status: 'in_progress',
        priority: 0,
        dependencies: [
          { depends_on_id: 'a-2', type: 'blocks' },
          { depends_on_id: 'a-4', type: 'blocks' },
        ],
      },
      { id: 'a-4', title: 'Done', status: 'closed' },
      { id: 'a-5', title: 'After the epic', status: 'open', dependencies: [{ depends_on_id: 'a-1', type: 'blocks' }] },
    ]
      .map(issue => `${JSON.stringify(issue)}\n`)
      .join(''),
  },
  checklist: {
    // Found by this name, which many such lists have.
    path: 'TODO.md',
    text: [
      '# Plans',
      '## v1.1',
      '- [ ] Search the **catalog** in `src/search.ts`',
      '- [x] List the catalog',
      '- [ ] Cart',
      '  - [ ] A-7: keep it (depends on A-8)',
      '  - [ ] A-8: price it',
      '```',
      '- [ ] not an entry',
      '```',
      '',
    ].join('\n'),
  },
};

/** No other file of the version is there. */
const alone = async (): Promise<null> => null;

async function read(type: FileType, text = lists[type].text) {
  const format = await loadFormat(type);
  const content = format.read({ path: lists[type].path, text, beside: () => null });
  const source = { type, places: [lists[type].path], stamp: '', ...content };
  const linked = linkSources([source], []);
  return { ...linked, problems: [...content.problems, ...linked.problems] };
}

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
    const { items, problems } = await read(type);
    expect(items.map(({ id, status, dependsOn, group }) => [id, status, dependsOn.join(' '), group])).toEqual(expected);
    expect(problems.map(({ code }) => code)).toEqual(type === 'backlog' ? ['dependency'] : []);
    expect(items.every(item => item.source === type && item.aliases.includes(`${type}:${item.name}`))).toBe(true);
  });

  test('scope, priority and what may run side by side', async () => {
    const specKit = await read('spec-kit');
    expect(specKit.items.map(item => [item.scope.kind, item.scope.paths.join(' '), item.parallel])).toEqual([
      ['unknown', '', false],
      ['known', 'src/index.ts', true],
      ['known', 'src/page.ts', true],
      ['known', 'src/app.ts', false],
      ['known', 'docs/search.md', false],
    ]);
    expect((await read('backlog')).items[0]).toMatchObject({
      priority: 1,
      scope: { kind: 'inferred', paths: ['src/search.ts'] },
    });
    expect((await read('task-master')).items[1]).toMatchObject({ priority: 1, scope: { kind: 'unknown' } });
    expect((await read('beads')).items[1]).toMatchObject({ priority: 0 });
    expect((await read('ralph')).items[1]).toMatchObject({ priority: 2 });
    expect((await read('kiro')).items.map(({ notes }) => notes.join('; '))).toEqual([
      'requirements 1.1',
      'requirements 1.2, 1.3',
      'optional',
    ]);
  });

  test('an agent gets the words of the item and where the rest stands', async () => {
    const { texts } = await read('kiro');
    expect(texts.get('2.2')).toContain('.kiro/specs/search/');
    expect(texts.get('2.2')).toContain('Part of: 2. Search');
    expect((await read('task-master')).texts.get('3')).toContain('## How to test\n\nBy hand.');
    expect((await read('backlog')).texts.get('task-10')).toContain('## Acceptance Criteria');
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
    const { items, problems } = await read('spec-kit', text);
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

describe('bad input is a sentence, and never an error', () => {
  const deep = `${'['.repeat(5000)}${']'.repeat(5000)}`;
  test.each<[FileType, string, string, RegExp]>([
    ['task-master', 'broken JSON', '{"master":{"tasks":[{"id":1,]}}', /not valid JSON on line 1/],
    ['task-master', 'nesting', `{"master":{"tasks":${deep}}}`, /nested more than/],
    ['task-master', 'no list', '{"tasks":{}}', /no list named/],
    ['task-master', 'a list in its place', '[]', /not an object/],
    ['ralph', 'broken JSON', '{"userStories":[', /not valid JSON/],
    ['ralph', 'no passes', '{"userStories":[{"id":"A","title":"x"}]}', /does not say whether it passes/],
    ['beads', 'a broken line', '{"id":"a-1","title":"x","status":"open"}\n{oops\n', /Line 2 .* is not an issue/],
    ['backlog', 'an open end', '---\nid: task-1\ntitle: x\n', /never closed/],
    [
      'backlog',
      'a bomb',
      `---\na: &a [x,x]\n${'bcdefghij'
        .split('')
        .map((name, at) => `${name}: &${name} [${`*${'abcdefghi'[at]},`.repeat(9)}]`)
        .join('\n')}\n---\n`,
      /cannot be read|no id/,
    ],
    ['backlog', 'no YAML', '---\nid: [unclosed\n---\n', /not valid YAML/],
    ['backlog', 'no front matter', '# Title\n', /no front matter/],
    [
      'backlog',
      'a status nobody knows',
      '---\nid: task-1\ntitle: x\nstatus: Maybe\n---\n',
      /status "Maybe" is unknown/,
    ],
    ['checklist', 'a mark nobody knows', '- [?] one\n', /unknown status/],
  ])('%s: %s', async (type, _, text, message) => {
    const { problems } = await read(type, text);
    expect(problems.length).toBeGreaterThan(0);
    expect(problems[0]?.message).toMatch(message);
  });

  test.each(Object.keys(lists).filter((type): type is FileType => type in lists))(
    '%s: nothing and noise',
    async type => {
      for (const text of ['', '\0\ufffd', '[]', '{}', '---\n---\n', '- [ ]', '- [ ] ', deep]) await read(type, text);
    },
  );

  test('names that every object has are names like any other', async () => {
    const { items } = await read(
      'task-master',
      '{"__proto__":{"tasks":[{"id":1,"title":"x","status":"pending","__proto__":{"status":"done"}}]}}',
    );
    expect(items.map(({ id, status }) => [id, status])).toEqual([['__proto__/1', 'planned']]);
    expect(({} as Record<string, unknown>).tasks).toBeUndefined();
    const yaml = await read('backlog', '---\n__proto__:\n  id: task-9\nid: task-1\ntitle: x\nstatus: todo\n---\n');
    expect(yaml.items.map(({ id }) => id)).toEqual(['task-1']);
  });

  test('more entries than anybody works on', async () => {
    const { items, problems } = await read('checklist', '- [ ] one\n'.repeat(20_500));
    expect(items).toHaveLength(20_000);
    expect(problems.some(({ code }) => code === 'size')).toBe(true);
  });
});
