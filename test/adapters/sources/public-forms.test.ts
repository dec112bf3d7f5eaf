/** Forms that files of public projects have, beyond what the programs that define them write. */
import { describe, expect, test } from 'vitest';
import { type FileType, loadFormat, setStatusInFile } from '../../../source/adapters/sources/formats.ts';
import { linkSources } from '../../../source/adapters/sources/joining/link.ts';

interface OneFile {
  readonly path: string;
  readonly text: string;
}

async function read(type: FileType, files: readonly OneFile[], beside: Readonly<Record<string, string>> = {}) {
  const format = await loadFormat(type);
  const contents = files.map(file => format.read({ ...file, beside: path => beside[path] ?? null }));
  const items = contents.flatMap(content => content.items);
  const problems = contents.flatMap(content => content.problems);
  const linked = linkSources([{ type, places: files.map(({ path }) => path), items, problems, stamp: '' }], []);
  return { ...linked, problems: [...problems, ...linked.problems] };
}

const rows = ({ items }: Awaited<ReturnType<typeof read>>): readonly string[] =>
  items.map(({ id, status, dependsOn }) => [id, status, ...dependsOn].join(' '));

describe('a roadmap of GSD', () => {
  const roadmap = (...lines: readonly string[]) => [{ path: '.planning/ROADMAP.md', text: lines.join('\n') }];

  test('with waves, which run side by side, and what a plan names', async () => {
    const found = await read(
      'gsd',
      roadmap(
        '## Phase 1: Base',
        '### Plans',
        '**Plans:** 2 plans in 1 wave (all parallel)',
        '- [x] `01-01-PLAN.md` — Numbers',
        '- [ ] `01-02-PLAN.md` — Lints',
        '## Phase 2: Rest',
        '### Plans',
        '**Plans:** 4 plans in 2 waves',
        '**Wave 1 — Cleaning (independent):**',
        '- [ ] `02-01-PLAN.md` — Dead code',
        '- [ ] `02-02-PLAN.md` — Edges [depends on 01-02]',
        '**Wave 2 — Speed (depends on 02-01):**',
        '- [ ] `02-03-PLAN.md` — Dispatch',
        '**Afterwards:**',
        '- [ ] Tidy up',
        '## Gates',
        '- [ ] `make lint` passes',
      ),
    );
    expect(found.problems).toEqual([]);
    expect(rows(found)).toEqual([
      '01-01 complete',
      '01-02 planned',
      '02-01 planned 01-01 01-02',
      '02-02 planned 01-01 01-02',
      '02-03 planned 01-01 01-02 02-01 02-02',
    ]);
    expect(found.items.map(item => item.parallel)).toEqual([true, true, true, true, true]);
    expect(found.items[0]?.title).toBe('Numbers');
  });

  test('whose phases say what they depend on in a section, and whose plans leave their phase out', async () => {
    const found = await read(
      'gsd',
      roadmap(
        '## Phase 1: Base',
        '- [ ] 01-PLAN.md — Scans (Wave 1)',
        '- [ ] 02-PLAN.md — Tests (Wave 1)',
        '- [ ] 03-PLAN.md — Docs (Wave 2)',
        '## Phase 2: Search',
        '### Dependencies',
        '- Nothing',
        '### Plans',
        '- [ ] 02-01: Index',
        '## Phase 3: Cart',
        '### Dependencies',
        '- Phase 1 (see RUST-02)',
        '- [ ] 03-01-PLAN.md — Keep it',
        '## Phase 4: Polish',
        '**Status**: planned',
        '### Dependencies',
        '- All previous phases (words need 2 of them)',
      ),
    );
    expect(rows(found)).toEqual([
      '01-01 planned',
      '01-02 planned',
      '01-03 planned 01-01 01-02',
      '02-01 planned',
      '03-01 planned 01-01 01-02 01-03',
      'phase-4 planned 01-01 01-02 01-03 02-01 03-01',
    ]);
    const place = { source: 'gsd', name: '01-02', path: '.planning/ROADMAP.md', line: 3, heading: '' };
    const text = '## Phase 1: Base\n- [ ] 01-PLAN.md — Scans\n- [ ] 02-PLAN.md — Tests\n';
    expect((await setStatusInFile(text, place, 'complete', async () => null))?.text).toBe(
      text.replace('[ ] 02-', '[x] 02-'),
    );
  });
});

describe('a board of Backlog.md', () => {
  const task = (id: string, status: string, ...lines: readonly string[]): OneFile => ({
    path: `backlog/tasks/${id} - x.md`,
    text: ['---', `id: ${id}`, 'title: x', `status: ${status}`, ...lines, '---', ''].join('\n'),
  });
  const config = 'statuses: ["Inbox", "Doing", "Verifying", "Shipped", "Announced"]\ndefault_status: Inbox\n';

  test('has the columns of its configuration', async () => {
    const files = ['Inbox', 'doing', 'Verifying', 'Shipped', 'Announced', 'Elsewhere'].map((status, at) =>
      task(`back-${at}`, status),
    );
    const found = await read('backlog', files, { 'backlog/config.yml': config });
    expect(found.items.map(({ status }) => status)).toEqual([
      'planned',
      'in-progress',
      'in-progress',
      'complete',
      'complete',
      'unknown',
    ]);
    expect(found.problems.map(({ message }) => message)).toEqual([
      'back-5 in backlog/tasks/back-5 - x.md: the status "Elsewhere" is unknown, so the item never runs. Write Inbox, Doing, Verifying, Shipped, Announced.',
    ]);
  });

  test('gets its own words', async () => {
    const { path, text } = task('back-1', "'Inbox'");
    const place = { source: 'backlog', name: 'back-1', path, line: 1, heading: '' };
    const beside = async (other: string) => (other === 'backlog/config.yml' ? config : null);
    const done = await setStatusInFile(text, place, 'complete', beside);
    expect(done?.text).toBe(text.replace("'Inbox'", "'Shipped'"));
    expect((await setStatusInFile(done?.text ?? '', place, 'planned', beside))?.text).toBe(text);
  });

  test('where the prefix of the ids was changed, and its folder explains itself', async () => {
    const files = [
      task('BACK-2', 'To Do', 'dependencies:', '  - task-1'),
      task('BACK-1', 'To Do'),
      { path: 'backlog/tasks/readme.md', text: '# This folder\n' },
    ];
    const found = await read('backlog', files);
    expect(found.problems).toEqual([]);
    expect(rows(found)).toEqual(['BACK-2 planned BACK-1', 'BACK-1 planned']);
  });
});

test('numbers in the words of OpenSpec are dependencies only where they are items', async () => {
  const text = [
    '- [ ] 1.1 Share the check; after the #1280 merge it is the only one',
    '- [ ] 1.2 Requires Node 20 and needs 1.1',
    '- [ ] 1.3 Last <!-- blocked by 9.9 -->',
    '',
  ].join('\n');
  const found = await read('openspec', [{ path: 'openspec/changes/a/tasks.md', text }]);
  expect(found.problems).toEqual([]);
  expect(rows(found)).toEqual(['1.1 planned', '1.2 planned 1.1', '1.3 planned']);
});

test('entries of a spec marked to run side by side, and what they say to depend on', async () => {
  const text = [
    '- [ ] 1. Base',
    '  - [x] 1.1 Folders',
    '  - [ ] 1.2 (P) Numbers',
    '    - _Requirements: 1.1, 7.2_',
    '  - [ ] 1.3 (P) Words in `src/words.ts`',
    '- [ ] 2. Rest',
    '  - [ ] 2.1 (P) Search',
    '    - _Depends: 1.3_',
    '  - [ ] 2.2 Page',
    '',
  ].join('\n');
  const found = await read('kiro', [{ path: '.kiro/specs/a/tasks.md', text }]);
  expect(found.problems).toEqual([]);
  expect(rows(found)).toEqual([
    '1.1 complete',
    '1.2 planned 1.1',
    '1.3 planned 1.1',
    '2.1 planned 1.3 1.2',
    '2.2 planned 2.1',
  ]);
  expect(found.items.map(({ title, parallel }) => [title, parallel])).toEqual([
    ['Folders', false],
    ['Numbers', true],
    ['Words in src/words.ts', true],
    ['Search', true],
    ['Page', false],
  ]);
});

test('stories in a list of their own are those of ralph', async () => {
  const text =
    '[\n  {"id": "DVB-1", "title": "One", "priority": 1, "passes": true},\n  {"id": "DVB-2", "title": "Two", "passes": false},\n  {"id": "DVB-3", "title": "Three", "passes": false, "blocked": true}\n]\n';
  const found = await read('ralph', [{ path: 'prd.json', text }]);
  expect(rows(found)).toEqual(['DVB-1 complete', 'DVB-2 planned', 'DVB-3 blocked']);
});
