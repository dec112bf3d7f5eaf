/** Each kind of list in a repository that has nothing else: read, planned, worked on side by side, written back, undone, read again. */
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { expect, it } from 'vitest';
import type { Product } from '../../helpers/programs/product.ts';
import { temporaryProduct } from '../../helpers/programs/temporary-product.ts';
import { isLong } from '../../helpers/tiers.ts';

interface Form {
  readonly type: string;
  readonly ids: readonly [string, string];
  readonly files?: Readonly<Record<string, string>>;
  readonly sources?: readonly unknown[];
  /** For each item: the file that holds it, and what stands there before and after its landing. */
  readonly written?: readonly (readonly [path: string, before: string, after: string])[];
  /** A program on the path that holds the items itself: what a landing and its undo ask of it. */
  readonly program?: { readonly name: string; readonly script: string; readonly done: RegExp; readonly undone: RegExp };
}

/** Neither starts its work before the other one is there: they run side by side or not at all. */
const together = `both="$(git rev-parse --path-format=absolute --git-common-dir)/../../both"
mkdir -p "$both" out && touch "$both/$CM_KEY"
for turn in $(seq 300); do [ "$(ls "$both" | wc -l)" -ge 2 ] && break; sleep 0.1; done
[ "$(ls "$both" | wc -l)" -ge 2 ] || { echo "nobody works beside me"; exit 1; }
echo "work of $CM_KEY" > "out/$CM_KEY.txt" && git add -A && git commit -qm "Work of $CM_KEY"`;

const boxes = (
  path: string,
  ids: readonly [string, string],
  text: string,
): Pick<Form, 'files' | 'ids' | 'written'> => ({
  ids,
  files: { [path]: text },
  written: ids.map(id => {
    const line = text.split(/\r?\n/).find(one => one.includes(`[ ] ${id}`)) ?? '';
    return [path, line, line.replace('[ ]', '[x]')] as const;
  }),
});

const backlogTask = (id: string) =>
  `---\r\nid: ${id}\r\ntitle: 'Write: ${id}'\r\nstatus: To Do\r\nassignee: []\r\nlabels:   [a,  b]\r\n---\r\n\r\nIn \`out/${id}.txt\`.\r\n`;
const issues = ['a-1', 'a-2'].map(id => ({ id, title: `Write \`out/${id}.txt\``, status: 'open', priority: 1 }));

/** As `gh` and `glab` print an issue. */
const issue = (number: number, words: Readonly<Record<string, unknown>>) => ({
  title: `Write ${number}`,
  milestone: null,
  assignees: [],
  ...words,
});

const forms: readonly Form[] = [
  {
    type: 'roadmap',
    ids: ['US-041', 'US-042'],
    files: {
      'docs/ROADMAP.md':
        '# Roadmap\r\n\r\n### US-041: One\r\n\r\n**Status**: 📝 Planned\r\n**Files**: `out/US-041.txt`\r\n\r\n### US-042: Two\r\n\r\n**Status**:   planned  \r\n**Files**: `out/US-042.txt`\r\n',
    },
    written: [
      ['docs/ROADMAP.md', '**Status**: 📝 Planned', '**Status**: ✅ Complete'],
      ['docs/ROADMAP.md', '**Status**:   planned  ', '**Status**:   ✅ Complete  '],
    ],
  },
  {
    type: 'gsd',
    ...boxes(
      '.planning/ROADMAP.md',
      ['01-01', '01-02'],
      '# Roadmap\n\n## Phase 1: Catalog\n\n**Plans:** 2 plans in 1 wave\n\n- [ ] 01-01-PLAN.md — write `out/01-01.txt`\n- [ ] 01-02-PLAN.md — write `out/01-02.txt`\n',
    ),
  },
  {
    type: 'spec-kit',
    ...boxes(
      'specs/001-search/tasks.md',
      ['T001', 'T002'],
      '# Tasks\r\n\r\n## Phase 1: Setup\r\n\r\n- [ ] T001 [P] [US1] Write out/T001.txt\r\n- [ ] T002 [P] Write out/T002.txt',
    ),
  },
  {
    type: 'openspec',
    ...boxes(
      'openspec/changes/add-search/tasks.md',
      ['1.1', '1.2'],
      '## 1. Implementation\n- [ ] 1.1 Write `out/1.1.txt`\n- [ ] 1.2 Write `out/1.2.txt`\n',
    ),
  },
  {
    type: 'kiro',
    ...boxes(
      '.kiro/specs/search/tasks.md',
      ['1', '2.1'],
      '# Implementation Plan\n\n- [ ] 1. Write `out/1.txt`\n  - _Requirements: 1.1_\n- [ ] 2. Rest\n\t- [ ] 2.1 Write `out/2.1.txt`\n',
    ),
  },
  {
    type: 'backlog',
    ids: ['task-1', 'task-2'],
    files: {
      'backlog/tasks/task-1 - Write.md': backlogTask('task-1'),
      'backlog/tasks/task-2 - Write.md': backlogTask('task-2'),
    },
    written: ['task-1', 'task-2'].map(id => [`backlog/tasks/${id} - Write.md`, 'status: To Do', 'status: Done']),
  },
  {
    type: 'task-master',
    ids: ['1', '2'],
    files: {
      '.taskmaster/tasks/tasks.json':
        '{ "master": {"tasks": [\n\t{"id": 1, "title": "One", "details": "In `out/1.txt`.", "status" : "pending", "dependencies": []},\n\t{"id": 2, "title": "Two", "details": "In `out/2.txt`.", "status":"pending" }\n]}}',
    },
    written: [
      ['.taskmaster/tasks/tasks.json', '"status" : "pending"', '"status" : "done"'],
      ['.taskmaster/tasks/tasks.json', '"status":"pending"', '"status":"done"'],
    ],
  },
  {
    type: 'ralph',
    ids: ['US-001', 'US-002'],
    files: {
      'prd.json':
        '{"userStories": [\n  {"id": "US-001", "title": "Write `out/US-001.txt`", "passes" : false},\n  {"id": "US-002", "title": "Write `out/US-002.txt`", "passes":false}]}\n',
    },
    written: [
      ['prd.json', '"passes" : false', '"passes" : true'],
      ['prd.json', '"passes":false', '"passes":true'],
    ],
  },
  {
    type: 'checklist',
    sources: [{ type: 'checklist', path: 'docs/plan.md' }],
    ...boxes(
      'docs/plan.md',
      ['A-7', 'A-8'],
      'Plans\n=====\n\n* [ ] A-7: write `out/A-7.txt`\n* [ ] A-8: write `out/A-8.txt`\n',
    ),
  },
  {
    type: 'beads',
    ids: ['a-1', 'a-2'],
    files: { '.beads/issues.jsonl': issues.map(issue => `${JSON.stringify(issue)}\n`).join('') },
    program: { name: 'bd', script: '', done: /^close (a-[12])$/m, undone: /^reopen (a-[12])$/m },
  },
  {
    type: 'github',
    ids: ['#1', '#2'],
    sources: [{ type: 'github', close: true }],
    program: {
      name: 'gh',
      script: `case "$1 $2" in "issue list") echo '${JSON.stringify(
        [1, 2].map(number => ({
          number,
          title: `Write ${number}`,
          body: `Files: out/#${number}.txt`,
          labels: [{ name: 'priority:high' }],
          milestone: null,
          assignees: [],
          url: `https://github.com/o/shop/issues/${number}`,
          parent: null,
          subIssues: [],
          blockedBy: [],
        })),
      )}';; esac`,
      done: /^issue close ([12])$/m,
      undone: /^issue reopen ([12])$/m,
    },
  },
  {
    type: 'gitlab',
    ids: ['#1', '#2'],
    sources: [{ type: 'gitlab', close: true }],
    program: {
      name: 'glab',
      script: `case "$1 $2" in "issue list") echo '${JSON.stringify(
        [1, 2].map(iid => issue(iid, { iid, description: `Files: out/#${iid}.txt`, state: 'opened', labels: [] })),
      )}';; esac`,
      done: /^issue close ([12])$/m,
      undone: /^issue reopen ([12])$/m,
    },
  },
  {
    type: 'command',
    ids: ['LIN-1', 'LIN-2'],
    sources: [{ command: ['lists', 'print'], write: ['lists', '{status}', '{id}'] }],
    program: {
      name: 'lists',
      script: `case "$1" in print) echo '${JSON.stringify({
        items: ['LIN-1', 'LIN-2'].map(id => ({ id, title: `Write ${id}`, files: [`out/${id}.txt`] })),
      })}';; esac`,
      done: /^complete (LIN-[12])$/m,
      undone: /^planned (LIN-[12])$/m,
    },
  },
];

/** A program of that name, which notes how it was run. */
function withProgram(product: Product, { name, script }: NonNullable<Form['program']>) {
  const bin = join(product.base, 'bin');
  const notes = join(product.base, 'asked.txt');
  mkdirSync(bin);
  writeFileSync(join(bin, name), `#!/bin/sh\necho "$*" >> '${notes}'\n${script}\n`);
  chmodSync(join(bin, name), 0o755);
  return {
    product: product.with({ PATH: `${bin}${delimiter}${product.env.PATH ?? ''}` }),
    asked: () => (existsSync(notes) ? readFileSync(notes, 'utf8') : ''),
  };
}

interface Roadmap {
  readonly items: readonly { readonly id: string; readonly status: string; readonly source: string }[];
  readonly problems: readonly unknown[];
}

// The first holds what all lists of files have in common; the last asks a forge.
it.for(forms.filter(({ type }) => isLong || type === 'task-master' || type === 'github'))(
  'a list of $type alone',
  { timeout: 180_000 },
  async ({ type, ids, files = {}, sources, written = [], program }) => {
    const made = temporaryProduct({
      items: [],
      agent: together,
      files,
      settings: sources === undefined ? {} : { sources },
    });
    made.git('rm', '-q', 'docs/roadmap/ROADMAP.md');
    made.git('commit', '-qm', 'No ROADMAP here');
    const { product, asked } = program === undefined ? { product: made, asked: () => '' } : withProgram(made, program);

    const before = await product.json<Roadmap>('roadmap', '--json');
    expect(before.problems).toEqual([]);
    expect(before.items.map(item => [item.id, item.status, item.source])).toEqual(ids.map(id => [id, 'planned', type]));
    const plan = await product.json<{ readonly rounds?: unknown; readonly items: readonly unknown[] }>(
      'plan',
      '--json',
    );
    expect(JSON.stringify(plan)).not.toContain('"overlap"');

    const all = await product.run('start', '--headless', '--auto', '--approve', 'clean', '--exit-when-idle');
    expect(all.stderr).not.toContain('nobody works beside me');
    for (const id of ids) expect(product.read(`out/${id}.txt`)).toBe(`work of ${id}\n`);
    const landed = (path: string) =>
      written.reduce((text, [place, from, to]) => (place === path ? text.replace(from, to) : text), files[path] ?? '');
    for (const path of Object.keys(files)) expect(product.read(path)).toBe(landed(path));
    expect(product.git('status', '--porcelain')).toBe('');

    const undone = await product.run('undo');
    expect(undone).toMatchObject({ code: 0, stderr: '' });
    const gone = ids.find(id => !existsSync(join(product.root, `out/${id}.txt`)));
    expect(gone).toBeDefined();
    for (const [at, [path, from, to]] of written.entries()) {
      const [inFile, other] = ids[at] === gone ? [from, to] : [to, from];
      expect(product.read(path)).toContain(inFile);
      if (written.filter(one => one[0] === path).length === 1) expect(product.read(path)).not.toContain(other);
    }
    if (program !== undefined) {
      const short = (id: string) => id.replace('#', '');
      expect(asked().match(new RegExp(program.done, 'gm'))).toHaveLength(2);
      expect(program.undone.exec(asked())?.[1]).toBe(short(gone ?? ''));
      return;
    }
    const after = await product.json<Roadmap>('roadmap', '--json');
    expect(after.items.map(item => [item.id, item.status])).toEqual(
      ids.map(id => [id, id === gone ? 'planned' : 'complete']),
    );
  },
);
