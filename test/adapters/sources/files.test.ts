import { mkdirSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { createSources } from '../../../source/adapters/sources/index.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';
import { isLong } from '../../helpers/tiers.ts';

function setup(files: Readonly<Record<string, string>>, more: object = {}) {
  const root = temporaryFolder();
  const put = (path: string, text: string): void => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  for (const [path, text] of Object.entries(files)) put(path, text);
  const sources = createSources({ root, roadmap: null, ownership: null, readOnlyTypes: [], ...more });
  const ids = async () => (await sources.read()).roadmap.items.map(({ id }) => id);
  return { root, put, sources, ids };
}

const card = (id: string, status = 'To Do'): string => `---\nid: ${id}\ntitle: ${id}\nstatus: ${status}\n---\n`;

test('several lists are joined, and names that are there twice are told by their source', async () => {
  const { ids, sources } = setup({
    'ROADMAP.md': '## US-001: A ✅\n',
    'prd.json': '{"userStories":[{"id":"US-001","title":"x","passes":false}]}',
    'specs/001-a/tasks.md': '- [ ] T001 One\n',
    'specs/002-b/tasks.md': '- [ ] T001 Two\n- [ ] T002 Three\n',
  });
  expect(await ids()).toEqual(['US-001', '001-a/T001', '002-b/T001', 'T002', 'ralph:US-001']);
  expect((await sources.read()).roadmap.sources?.map(({ type, items }) => [type, items])).toEqual([
    ['roadmap', 1],
    ['spec-kit', 3],
    ['ralph', 1],
  ]);
});

test('files that change, appear and vanish are noticed, each by itself', async () => {
  const { root, put, ids, sources } = setup({
    'backlog/tasks/task-1.md': card('task-1'),
    'backlog/tasks/task-2.md': card('task-2'),
  });
  expect(await ids()).toEqual(['task-1', 'task-2']);
  // A file that has just been written is read again: a later change might show the same times.
  let before = await sources.read();
  await vi.waitFor(async () => {
    const last = before;
    before = await sources.read();
    expect(before).toBe(last);
  }, 30_000);
  put('backlog/tasks/task-10.md', card('task-10'));
  expect(await ids()).toEqual(['task-1', 'task-2', 'task-10']);
  put('backlog/tasks/task-2.md', card('task-2', 'Done'));
  expect((await sources.read()).roadmap.items[1]?.status).toBe('complete');
  rmSync(join(root, 'backlog/tasks/task-1.md'));
  expect(await ids()).toEqual(['task-2', 'task-10']);
  rmSync(join(root, 'backlog'), { recursive: true });
  expect(await ids()).toEqual([]);
});

test('a file that cannot be read is a sentence, and the others are read', async () => {
  const { root, put, sources } = setup({
    'specs/001-a/tasks.md': '- [ ] T001 One\n',
    '.taskmaster/tasks/tasks.json': '{oops',
  });
  const outside = join(temporaryFolder(), 'secret.md');
  writeFileSync(outside, '- [ ] T009 Secret\n');
  mkdirSync(join(root, 'specs/002-b'));
  symlinkSync(outside, join(root, 'specs/002-b/tasks.md'));
  put('specs/003-c/tasks.md', '');
  truncateSync(join(root, 'specs/003-c/tasks.md'), 50 * 1024 * 1024);
  const { roadmap } = await sources.read();
  expect(roadmap.items.map(({ id }) => id)).toEqual(['T001']);
  expect(roadmap.problems.map(({ message }) => message).join('\n')).toMatch(
    /002-b[\s\S]*003-c\/tasks.md is larger than 16 MiB[\s\S]*not valid JSON/,
  );
});

test('a folder that cannot be listed is a sentence, and links that lead nowhere hide nothing', async () => {
  const { root, sources } = setup({ 'specs/001-a/tasks.md': '- [ ] T001 One\n' });
  symlinkSync('loop', join(root, 'specs/loop'));
  symlinkSync('gone', join(root, 'specs/003-c'));
  mkdirSync(join(root, 'backlog'));
  symlinkSync('tasks', join(root, 'backlog/tasks'));
  const { roadmap } = await sources.read();
  expect(roadmap.items.map(({ id }) => id)).toEqual(['T001']);
  expect(roadmap.problems.map(({ message }) => message)).toEqual(['The folder backlog/tasks cannot be listed: ELOOP.']);
});

test('a change in one file of very many is noticed', { timeout: 120_000 }, async () => {
  const count = isLong ? 5000 : 400;
  const numbers = Array.from({ length: count }, (_, at) => at + 1);
  const { put, sources } = setup(
    Object.fromEntries(numbers.map(n => [`backlog/tasks/task-${n}.md`, card(`task-${n}`)])),
  );
  const seen = async () => (await sources.read()).roadmap.items;
  expect(await seen()).toHaveLength(count);
  let changes = 0;
  const stop = sources.watch?.(() => changes++);
  try {
    put(`backlog/tasks/task-${count}.md`, card(`task-${count}`, 'Done'));
    await vi.waitFor(() => expect(changes).toBeGreaterThan(0), 60_000);
    expect((await seen()).at(-1)?.status).toBe('complete');
    const before = changes;
    put(`backlog/tasks/task-${count + 1}.md`, card(`task-${count + 1}`));
    await vi.waitFor(() => expect(changes).toBeGreaterThan(before), 60_000);
    expect(await seen()).toHaveLength(count + 1);
  } finally {
    stop?.();
  }
});

test.runIf(isLong)('more files than are read is a sentence', { timeout: 300_000 }, async () => {
  const numbers = Array.from({ length: 20_001 }, (_, at) => at + 1);
  const { sources } = setup(Object.fromEntries(numbers.map(n => [`backlog/tasks/task-${n}.md`, card(`task-${n}`)])));
  const { roadmap } = await sources.read();
  expect(roadmap.items).toHaveLength(20_000);
  expect(roadmap.problems.map(({ message }) => message)).toEqual([
    'backlog/tasks/*.md names 20001 files; only the first 20000 are read.',
  ]);
});

test('a source that the settings name and nobody has is a problem', async () => {
  const { sources } = setup(
    { 'ROADMAP.md': '## US-001: A ✅\n' },
    { sources: ['roadmap', 'gsd', { type: 'checklist', path: 'plan.md' }] },
  );
  const { roadmap } = await sources.read();
  expect(roadmap.items).toHaveLength(1);
  expect(roadmap.problems.map(({ message }) => message)).toEqual([
    expect.stringContaining('"gsd" has no file: .planning/ROADMAP.md'),
    expect.stringContaining('"checklist" has no file: plan.md'),
  ]);
});

test('a checklist in the place of the ROADMAP is read as one', async () => {
  const { ids } = setup({ 'ROADMAP.md': '# Plans\n\n- [ ] Search\n- [x] List\n' });
  expect(await ids()).toEqual(['search', 'list']);
});

test.each<[string, string, RegExp | null]>([
  ['TODO.md', '- [ ] Search\n', /^TODO\.md holds a list, but is not read until you name it: "--roadmap TODO\.md"/],
  ['docs/plan.md', '## US-001: Search\n', /^docs\/plan\.md holds a list/],
  ['roadmap.md', '### US-001: Search\n', /^roadmap\.md holds a list/],
  ['ROADMAP.org', '* TODO Search\n', /^ROADMAP\.org is not read, since it is not Markdown/],
  ['TODO.md', 'Nothing to do.\n', null],
  ['notes.md', '- [ ] Search\n', null],
])('%s, which nobody named, is said to be left out', async (path, text, expected) => {
  const { put, sources } = setup({ [path]: text });
  const { roadmap } = await sources.read();
  expect(roadmap.path).toBeNull();
  if (expected === null) expect(roadmap.problems).toEqual([]);
  else expect(roadmap.problems).toMatchObject([{ code: 'empty', message: expect.stringMatching(expected) }]);
  // Once there is a ROADMAP, or the file is named, nothing is left out.
  put('ROADMAP.md', '### US-001: Good\n\n**Status**: planned\n');
  expect((await sources.read()).roadmap).toMatchObject({ path: 'ROADMAP.md', problems: [] });
});
