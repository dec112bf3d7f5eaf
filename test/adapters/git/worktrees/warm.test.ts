import { existsSync, mkdirSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
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
  repo.write('e.txt', 'e\n');
  repo.commit('Second');
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

  const meddlings: readonly (readonly [string, (at: string, gitDir: string, repo: TestRepository) => void])[] = [
    ['a file was changed', at => writeFileSync(join(at, 'a.txt'), 'A\n')],
    ['a file was added', at => writeFileSync(join(at, 'mine.txt'), 'mine\n')],
    [
      'an ignored file was added',
      (at, _, repo) => {
        writeFileSync(join(repo.root, '.git/info/exclude'), 'cache/\n');
        mkdirSync(join(at, 'cache'));
        writeFileSync(join(at, 'cache/x'), 'x\n');
      },
    ],
    ['a file was removed', at => rmSync(join(at, 'a.txt'))],
    [
      'a file was changed to the same size, with its old times',
      at => {
        const { atime, mtime } = statSync(join(at, 'a.txt'));
        writeFileSync(join(at, 'a.txt'), 'b\n');
        utimesSync(join(at, 'a.txt'), atime, mtime);
      },
    ],
    [
      'a file was changed behind a flag of the index',
      (at, _, repo) => {
        repo.gitIn(at, 'update-index', '--skip-worktree', 'a.txt');
        writeFileSync(join(at, 'a.txt'), 'hidden\n');
      },
    ],
    ['its HEAD names another commit', (at, _, repo) => repo.gitIn(at, 'checkout', '-q', '--detach', 'HEAD~1')],
    ['it is on a branch', (at, _, repo) => repo.gitIn(at, 'checkout', '-q', '-b', 'mine')],
    [
      'it has settings of its own',
      (_, gitDir) => writeFileSync(join(gitDir, 'config.worktree'), '[core]\n\tbare = true\n'),
    ],
    [
      'it has a sparse set of its own',
      (_, gitDir) => {
        mkdirSync(join(gitDir, 'info'));
        writeFileSync(join(gitDir, 'info/sparse-checkout'), '/b/\n');
      },
    ],
    [
      'a merge is in progress in it',
      (_, gitDir, repo) => writeFileSync(join(gitDir, 'MERGE_HEAD'), `${repo.git('rev-parse', 'main')}\n`),
    ],
    ['its link leads elsewhere', (at, _, repo) => writeFileSync(join(at, '.git'), `gitdir: ${repo.root}/.git\n`)],
  ];

  for (const [what, meddle] of meddlings) {
    test(`one is given to no run in which ${what}`, async () => {
      const { repo, git, folder, pool, path } = await make(1);
      const [warm = ''] = pool();
      const at = join(folder, warm);
      const gitDir = repo.gitIn(at, 'rev-parse', '--absolute-git-dir');
      meddle(at, gitDir, repo);
      expect(await git.createWorktree({ ...names, path })).toMatchObject({ outcome: 'created' });
      expect(pool()).toEqual([warm]);
      rmSync(join(repo.root, '.git/info/exclude'), { force: true });
      expectFresh(repo, path);
      expect(repo.read(join(path, 'a.txt'))).toBe('a\n');
    });
  }

  test('one that was only looked at by somebody else is replaced, since nothing is lost with it', async () => {
    const { repo, folder, keep, pool } = await make(1);
    const [warm = ''] = pool();
    rmSync(join(repo.root, '.git/cm-tui/warm'), { recursive: true });
    await keep(1);
    expect(pool()).toHaveLength(1);
    expect(pool()).not.toEqual([warm]);
    expect(existsSync(join(folder, warm))).toBe(false);
  });
});
