import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { createGit } from '../../../../source/adapters/git/index.ts';
import { createRepository, type TestRepository } from '../../../helpers/git/repository.ts';

const names = { runId: 'abcdefgh12345678', slug: '001', branchName: 'roadmap-001', target: 'main' };
const opened: TestRepository[] = [];
afterEach(() => {
  for (const repo of opened.splice(0)) repo.cleanup();
});

/** A pool of so many worktrees. */
async function make(count: number) {
  const repo = createRepository({ files: { 'a.txt': 'a\n', 'b/c.txt': 'c\n' } });
  opened.push(repo);
  const open = () => createGit({ root: repo.root, runtimeDir: null, environment: repo.env });
  const git = await open();
  const folder = join(repo.base, '.shop-warm');
  const keep = (wanted: number) => git.keepWarm?.({ count: wanted, folder, target: 'main', mayGoOn: () => true });
  await keep(count);
  const pool = () => (existsSync(folder) ? readdirSync(folder) : []);
  return { repo, git, open, folder, keep, pool, path: join(repo.base, 'shop-wt001') };
}

/** All that a run relies on is as if git had just made it. */
function expectFresh(repo: TestRepository, path: string): void {
  expect(repo.gitIn(path, 'status', '--porcelain', '--branch', '--ignored')).toBe('## roadmap-001');
  expect(repo.gitIn(path, 'rev-parse', 'HEAD')).toBe(repo.git('rev-parse', 'main'));
  expect(repo.git('worktree', 'list', '--porcelain')).toContain(`worktree ${path}\n`);
  expect(repo.git('worktree', 'list', '--porcelain')).toContain(`locked cm-tui ${names.runId}`);
}

describe('a pool of worktrees', () => {
  test('gives a run one of them, on its branch and in its place, and is filled again', async () => {
    const { repo, git, keep, pool, path } = await make(2);
    const before = pool();
    expect(before).toHaveLength(2);
    expect(await git.createWorktree({ ...names, path })).toEqual({
      outcome: 'created',
      base: repo.git('rev-parse', 'main'),
    });
    expectFresh(repo, path);
    expect(pool()).toHaveLength(1);
    await keep(2);
    expect(pool()).toHaveLength(2);
    expect(before).toContain(pool().find(name => before.includes(name)));
    await keep(0);
    expect(pool()).toEqual([]);
    expect(repo.git('worktree', 'list').split('\n')).toHaveLength(2);
  });

  test('that was made before the target moved is brought up to it', async () => {
    const { repo, git, pool, path } = await make(1);
    repo.write('a.txt', 'newer\n');
    repo.write('d.txt', 'd\n');
    repo.commit('Later');
    expect(await git.createWorktree({ ...names, path })).toMatchObject({ outcome: 'created' });
    expectFresh(repo, path);
    expect(repo.read(join(path, 'a.txt'))).toBe('newer\n');
    expect(pool()).toEqual([]);
  });

  test('is not used where a branch or a path is taken, nor for a worktree that leaves folders out', async () => {
    const { repo, git, pool, path } = await make(1);
    writeFileSync(path, 'mine\n');
    expect(await git.createWorktree({ ...names, path })).toMatchObject({ outcome: 'taken', what: 'path' });
    rmSync(path);
    expect(await git.createWorktree({ ...names, path, sparse: ['b'] })).toMatchObject({ outcome: 'created' });
    expect(pool()).toHaveLength(1);
    expect(repo.git('branch', '--list', 'roadmap-*')).toContain('roadmap-001');
  });

  test('half-made ones and folders that somebody removed are cleared away', async () => {
    const { repo, git, folder, keep, pool, path } = await make(1);
    const half = join(folder, 'half');
    repo.git(
      'worktree',
      'add',
      '-q',
      '--detach',
      '--no-checkout',
      '--lock',
      '--reason',
      'cm-tui warming',
      half,
      'main',
    );
    rmSync(join(folder, pool().find(name => name !== 'half') ?? ''), { recursive: true });
    expect(await git.createWorktree({ ...names, path })).toMatchObject({ outcome: 'created' });
    expectFresh(repo, path);
    await keep(0);
    expect(pool()).toEqual([]);
    expect(repo.git('worktree', 'list').split('\n')).toHaveLength(2);
  });

  test('one that somebody has worked in is not removed, and not part of it any more', async () => {
    const { repo, git, folder, keep, pool, path } = await make(1);
    const [warm = ''] = pool();
    writeFileSync(join(folder, warm, 'mine.txt'), 'mine\n');
    await keep(0);
    expect(repo.read(join(folder, warm, 'mine.txt'))).toBe('mine\n');
    expect(await git.createWorktree({ ...names, path })).toMatchObject({ outcome: 'created' });
    expectFresh(repo, path);
    expect(pool()).toEqual([warm]);
  });

  test('one that a killed run was taking is made again by the next try', async () => {
    const { repo, open, pool, path } = await make(1);
    const [warm = ''] = pool();
    const base = repo.git('rev-parse', 'main');
    const note = join(repo.root, '.git/cm-tui/creating', `${names.runId}.json`);
    repo.write(note, JSON.stringify({ path, branchName: names.branchName, base }));
    // Moved, and killed before it was on its branch.
    repo.git('worktree', 'move', '-f', '-f', join(repo.base, '.shop-warm', warm), path);
    expect(await (await open()).createWorktree({ ...names, path })).toMatchObject({ outcome: 'created' });
    expectFresh(repo, path);
    expect(existsSync(note)).toBe(false);
  });
});
