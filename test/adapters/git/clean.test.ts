import { spawn } from 'node:child_process';
import { existsSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { createGit, type GitAdapter } from '../../../source/adapters/git/index.ts';
import { createRepository, type TestRepository } from '../../helpers/git/repository.ts';

const runId = 'abcdefgh12345678';
const opened: TestRepository[] = [];

afterEach(() => {
  for (const repo of opened.splice(0)) repo.cleanup();
});

interface Stage {
  readonly repo: TestRepository;
  readonly git: GitAdapter;
  readonly path: string;
  readonly request: Parameters<GitAdapter['probeClean']>[0];
}

/** A run whose work has landed, or (`landed: false`) not yet. */
async function open({ landed = true, squash = false } = {}): Promise<Stage> {
  const repo = createRepository({ files: { 'a.txt': 'a\n', '.gitignore': '*.log\nnode_modules/\n.env\n' } });
  opened.push(repo);
  const git = await createGit({ root: repo.root, runtimeDir: null, environment: repo.env });
  const path = `${repo.root}-wt001`;
  const names = { runId, slug: '001', branchName: 'roadmap-001', target: 'main' };
  await git.createWorktree({ ...names, path });
  repo.write(join(path, 'work.txt'), 'work\n');
  const head = repo.commit('Work', path);
  let candidate: string | null = null;
  if (landed) {
    const prepared = await git.prepare({
      ...names,
      head,
      message: 'Merge',
      trailers: {},
      style: squash ? 'squash' : 'merge',
      status: null,
    });
    if (prepared.outcome !== 'prepared') throw new Error(JSON.stringify(prepared));
    candidate = prepared.candidate;
    await git.land({ ...names, base: prepared.base, candidate });
  }
  return { repo, git, path, request: { ...names, worktreePath: path, landed: candidate, head } };
}

const cleaned = { outcome: 'removed', rescued: [], bytes: expect.any(Number) };

describe('clean', () => {
  test.each([false, true])(
    'removes worktree and branch of what has landed, and keeps its commits (squash %s)',
    async squash => {
      const { repo, git, path, request } = await open({ squash });
      expect(await git.probeClean(request)).toMatchObject({ runId, untracked: [], ignored: [], obstacles: [] });
      expect((await git.probeClean(request)).size).toBeGreaterThan(0);
      expect(await git.clean({ ...request, confirmedLoss: [] })).toEqual(cleaned);
      expect(existsSync(path)).toBe(false);
      expect(repo.git('branch', '--list', 'roadmap-*')).toBe('');
      expect(repo.git('worktree', 'list', '--porcelain').match(/^worktree /gm)).toHaveLength(1);
      expect(repo.git('rev-parse', 'refs/cm/head/001')).toBe(request.head);
      expect(await git.clean({ ...request, confirmedLoss: [] })).toEqual(cleaned);
    },
  );

  test('what has not landed stays, also if it landed and grew since', async () => {
    const open1 = await open({ landed: false });
    expect(await open1.git.clean({ ...open1.request, confirmedLoss: [] })).toEqual({
      outcome: 'kept',
      reasons: ['roadmap-001 holds work that is not on main.'],
    });
    const { repo, git, path, request } = await open();
    repo.write(join(path, 'more.txt'), 'more\n');
    const tip = repo.commit('More', path);
    expect(await git.clean({ ...request, confirmedLoss: ['more.txt'] })).toMatchObject({ outcome: 'kept' });
    expect(repo.git('rev-parse', 'roadmap-001')).toBe(tip);
    expect(existsSync(join(path, 'more.txt'))).toBe(true);
  });

  test('a landing that the user took back proves nothing', async () => {
    for (const squash of [false, true]) {
      const { repo, git, request } = await open({ squash });
      repo.git('reset', '-q', '--hard', 'HEAD^');
      expect((await git.probeClean(request)).obstacles).toEqual(['roadmap-001 holds work that is not on main.']);
    }
  });

  test('untracked and ignored files are listed and stay until each is confirmed', async () => {
    const { repo, git, path, request } = await open();
    repo.write(join(path, 'notes.txt'), 'notes');
    repo.write(join(path, '.env'), 'KEY=1');
    repo.write(join(path, 'node_modules/x/index.js'), 'x');
    const probe = await git.probeClean(request);
    expect(probe.untracked).toEqual(['notes.txt']);
    expect([...probe.ignored].sort()).toEqual(['.env', 'node_modules/']);
    expect(probe.obstacles).toEqual([]);
    expect(await git.clean({ ...request, confirmedLoss: ['notes.txt', 'node_modules/'] })).toEqual({
      outcome: 'kept',
      reasons: ['.env would be lost.'],
    });
    expect(repo.read(join(path, '.env'))).toBe('KEY=1');
    expect(await git.clean({ ...request, confirmedLoss: ['notes.txt', 'node_modules/', '.env'] })).toEqual(cleaned);
    expect(existsSync(path)).toBe(false);
  });

  test.each(['--skip-worktree', '--assume-unchanged'])(
    'a change that the index passes over by %s is in the way',
    async flag => {
      const { repo, git, path, request } = await open();
      repo.gitIn(path, 'update-index', flag, 'a.txt');
      expect((await git.probeClean(request)).obstacles).toEqual([]);
      repo.write(join(path, 'a.txt'), 'mine\n');
      expect(repo.gitIn(path, 'status', '--porcelain')).toBe('');
      expect(await git.clean({ ...request, confirmedLoss: [] })).toMatchObject({
        outcome: 'kept',
        reasons: [expect.stringContaining('uncommitted changes (a.txt)')],
      });
      expect(repo.read(join(path, 'a.txt'))).toBe('mine\n');
    },
  );

  test('so is one that lies outside of a sparse set; files that are not there are not', async () => {
    const { repo, git, path, request } = await open();
    repo.gitIn(path, 'config', 'extensions.worktreeConfig', 'true');
    repo.gitIn(path, 'sparse-checkout', 'set', '--no-cone', '/work.txt');
    expect(existsSync(join(path, 'a.txt'))).toBe(false);
    expect((await git.probeClean(request)).obstacles).toEqual([]);
    repo.gitIn(path, 'config', '--worktree', 'sparse.expectFilesOutsideOfPatterns', 'true');
    repo.write(join(path, 'a.txt'), 'mine\n');
    expect(repo.gitIn(path, 'status', '--porcelain')).toBe('');
    expect((await git.probeClean(request)).obstacles).toEqual([expect.stringContaining('(a.txt)')]);
  });

  test('files that exclude files of the agent hide are listed', async () => {
    const { repo, git, path, request } = await open();
    repo.write(join(repo.root, '.git/info/exclude'), 'by-info\n');
    repo.write(join(repo.base, 'excludes'), 'by-setting\n');
    repo.gitIn(path, 'config', 'core.excludesFile', join(repo.base, 'excludes'));
    repo.gitIn(path, 'config', 'status.showUntrackedFiles', 'no');
    for (const name of ['by-info', 'by-setting', 'seen']) repo.write(join(path, name), name);
    const { untracked, ignored } = await git.probeClean(request);
    expect([...untracked, ...ignored].sort()).toEqual(['by-info', 'by-setting', 'seen']);
  });

  /** Things in the way that no confirmation lifts. */
  const obstacles: Record<string, { readonly make: (stage: Stage) => void; readonly says: RegExp }> = {
    'an uncommitted change': {
      make: ({ repo, path }) => repo.write(join(path, 'a.txt'), 'x'),
      says: /uncommitted changes \(a\.txt\)/,
    },
    'a deleted file': { make: ({ path }) => rmSync(join(path, 'a.txt')), says: /uncommitted changes \(a\.txt\)/ },
    'another branch checked out': {
      make: ({ repo, path }) => repo.gitIn(path, 'switch', '-qc', 'x'),
      says: /does not have .* checked out/,
    },
    'a detached head': {
      make: ({ repo, path }) => repo.gitIn(path, 'switch', '-q', '--detach'),
      says: /does not have .* checked out/,
    },
    'a bisect in progress': {
      make: ({ repo, path }) => repo.gitIn(path, 'bisect', 'start'),
      says: /bisect is in progress/,
    },
    'a lock that is not ours': {
      make: ({ repo, path }) => {
        repo.git('worktree', 'unlock', path);
        repo.git('worktree', 'lock', '--reason', 'mine', path);
      },
      says: /not locked by this run/,
    },
    'the lock of another run': {
      make: ({ repo, path }) => {
        repo.git('worktree', 'unlock', path);
        repo.git('worktree', 'lock', '--reason', 'cm-tui zzzzzzzz12345678', path);
      },
      says: /not locked by this run/,
    },
    'the branch in a second worktree': {
      make: ({ repo, path }) => repo.gitIn(path, 'worktree', 'add', '-qf', join(repo.base, 'twin'), 'roadmap-001'),
      says: /checked out in .*twin/,
    },
    'no git file in the worktree': {
      make: ({ path }) => rmSync(join(path, '.git')),
      says: /not a worktree of this repository/,
    },
    'a target that is gone': {
      make: ({ repo }) => repo.git('branch', '-m', 'main', 'trunk'),
      says: /main does not exist/,
    },
  };

  test.each(Object.keys(obstacles))('is refused for %s', async name => {
    const stage = await open();
    obstacles[name]?.make(stage);
    const refs = stage.repo.git('for-each-ref');
    const result = await stage.git.clean({ ...stage.request, confirmedLoss: ['a.txt'] });
    expect(result.outcome).toBe('kept');
    if (result.outcome === 'kept') expect(result.reasons.join(' ')).toMatch(obstacles[name]?.says ?? /never/);
    expect(existsSync(join(stage.path, 'work.txt'))).toBe(true);
    expect(stage.repo.git('for-each-ref')).toBe(refs);
  });

  test('a process that stands in the worktree holds it', async () => {
    const { git, path, request } = await open();
    const child = spawn('cat', [], { cwd: path, stdio: ['pipe', 'ignore', 'ignore'] });
    await new Promise(resolve => child.once('spawn', resolve));
    const held = await git.clean({ ...request, confirmedLoss: [] });
    expect(held).toEqual({ outcome: 'kept', reasons: [expect.stringContaining(`process ${child.pid}`)] });
    child.stdin.end();
    await new Promise(resolve => child.once('exit', resolve));
    expect(await git.clean({ ...request, confirmedLoss: [] })).toEqual(cleaned);
  });

  test('a place reached through a link is the same place', async () => {
    const { repo, git, path, request } = await open();
    symlinkSync(repo.base, join(repo.base, 'link'));
    const worktreePath = join(repo.base, 'link', 'shop-wt001');
    expect(await git.clean({ ...request, worktreePath, confirmedLoss: [] })).toEqual(cleaned);
    expect(existsSync(path)).toBe(false);
  });

  test('a worktree that somebody removed leaves the branch to delete', async () => {
    const { repo, git, path, request } = await open();
    rmSync(path, { recursive: true });
    expect(await git.clean({ ...request, confirmedLoss: [] })).toEqual(cleaned);
    expect(repo.git('branch', '--list', 'roadmap-*')).toBe('');
    expect(repo.git('worktree', 'list', '--porcelain').match(/^worktree /gm)).toHaveLength(1);
  });

  test('the repository goes through its own maintenance without losing a pin or a worktree', async () => {
    const { repo, git, path, request } = await open({ landed: false });
    repo.git('worktree', 'prune');
    repo.git('gc', '-q', '--prune=now');
    repo.git('clean', '-ffdxq');
    expect(existsSync(join(path, 'work.txt'))).toBe(true);
    expect((await git.probeClean(request)).obstacles).toHaveLength(1);
  });
});
