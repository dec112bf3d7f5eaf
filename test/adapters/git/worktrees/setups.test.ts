import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { createGit } from '../../../../source/adapters/git/index.ts';
import { worktreePathOf } from '../../../../source/domain/text/names.ts';
import { createRepository, type RepositoryOptions, type TestRepository } from '../../../helpers/git/repository.ts';

/** Repositories that are set up in a way of their own. */

const names = { runId: 'abcdefgh12345678', slug: '001', branchName: 'roadmap-001', target: 'main' };
const opened: TestRepository[] = [];
afterEach(() => {
  for (const repo of opened.splice(0)) repo.cleanup();
});

function make(options: RepositoryOptions = {}): TestRepository {
  const repo = createRepository(options);
  opened.push(repo);
  return repo;
}

const open = ({ env }: TestRepository, root: string) => createGit({ root, runtimeDir: null, environment: env });

test('a worktree by scope holds the folders of the scope alone; its work lands, is checked in full and is cleaned', async () => {
  const repo = make({
    files: { 'README.md': 'r\n', 'apps/shop/a.ts': 'a\n', 'apps/admin/b.ts': 'b\n', 'libs/c.ts': 'c\n' },
  });
  const git = await open(repo, repo.root);
  const path = `${repo.root}-wt001`;
  expect(await git.createWorktree({ ...names, path, sparse: ['apps/shop'] })).toMatchObject({ outcome: 'created' });
  expect(readdirSync(path).toSorted()).toEqual(['.git', 'README.md', 'apps']);
  expect(readdirSync(join(path, 'apps'))).toEqual(['shop']);
  expect(repo.gitIn(path, 'status', '--porcelain')).toBe('');
  repo.write(join(path, 'apps/shop/a.ts'), 'changed\n');
  const head = repo.commit('Work', path);
  const prepared = await git.prepare({ ...names, head, message: 'Merge', trailers: {}, status: null });
  if (prepared.outcome !== 'prepared') throw new Error(JSON.stringify(prepared));
  expect(existsSync(join(await git.checkoutCandidate(prepared.candidate, []), 'libs/c.ts'))).toBe(true);
  await git.land({ ...names, base: prepared.base, candidate: prepared.candidate });
  expect(repo.git('status', '--porcelain')).toBe('');
  expect(existsSync(join(repo.root, 'libs/c.ts'))).toBe(true);
  const removal = { ...names, worktreePath: path, landed: prepared.candidate, head, confirmedLoss: [] };
  expect(await git.clean(removal)).toMatchObject({ outcome: 'removed' });
});

test('the worktrees of a submodule lie beside its superproject, also where that is one itself', async () => {
  const [inner, middle, outer] = [make({ name: 'inner' }), make({ name: 'middle' }), make({ name: 'outer' })];
  for (const one of [middle, outer]) one.git('config', '--global', 'protocol.file.allow', 'always');
  middle.git('submodule', '--quiet', 'add', inner.root, 'deps/inner');
  middle.commit('Submodule');
  outer.git('submodule', '--quiet', 'add', middle.root, 'deps/middle');
  outer.git('submodule', '--quiet', 'update', '--init', '--recursive');
  outer.commit('Submodule');
  for (const place of ['deps/middle', 'deps/middle/deps/inner']) {
    const facts = await (await open(outer, join(outer.root, place))).facts();
    expect(dirname(worktreePathOf('001', facts, { worktreeRoot: null })), place).toBe(outer.base);
  }
  expect((await (await open(outer, outer.root)).facts()).beside).toBeUndefined();
});

test('a repository whose path holds a line break is found, worked in and landed on', async () => {
  const repo = make({ name: 'two\nlines' });
  const git = await open(repo, repo.root);
  const path = `${repo.root}-wt001`;
  expect(await git.createWorktree({ ...names, path })).toMatchObject({ outcome: 'created' });
  repo.write(join(path, 'a.txt'), 'a\n');
  const head = repo.commit('Work', path);
  expect(await git.inspect({ ...names, worktreePath: path, base: null })).toMatchObject({ head, dirty: [] });
  const prepared = await git.prepare({ ...names, head, message: 'Merge', trailers: {}, status: null });
  if (prepared.outcome !== 'prepared') throw new Error(JSON.stringify(prepared));
  expect(existsSync(join(await git.checkoutCandidate(prepared.candidate, []), 'a.txt'))).toBe(true);
  expect(await git.land({ ...names, base: prepared.base, candidate: prepared.candidate })).toEqual({
    outcome: 'landed',
  });
  expect(repo.read('a.txt')).toBe('a\n');
  const removal = { ...names, worktreePath: path, landed: prepared.candidate, head, confirmedLoss: [] };
  expect(await git.clean(removal)).toMatchObject({ outcome: 'removed' });
  // Found from a linked worktree too.
  repo.git('worktree', 'add', '-q', '-b', 'dev', join(repo.base, 'li\nnked'));
  expect(await (await open(repo, join(repo.base, 'li\nnked'))).resolveTarget(null)).toBe('dev');
});
