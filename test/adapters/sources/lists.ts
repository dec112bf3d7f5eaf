import { type FileType, loadFormat } from '../../../source/adapters/sources/formats.ts';
import { linkSources } from '../../../source/adapters/sources/joining/link.ts';

/** One list of each kind, as its own program writes it: two items that are open, of which the second comes last. */
export const lists: Readonly<Record<FileType, { readonly path: string; readonly text: string }>> = {
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
export const alone = async (): Promise<null> => null;

/** The items of a file of this form, as one source gives them. */
export async function readList(type: FileType, text = lists[type].text) {
  const format = await loadFormat(type);
  const content = format.read({ path: lists[type].path, text, beside: () => null });
  const source = { type, places: [lists[type].path], stamp: '', ...content };
  const linked = linkSources([source], []);
  return { ...linked, problems: [...content.problems, ...linked.problems] };
}
