import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { createGit, type GitAdapter } from '../../../source/adapters/git/index.ts';
import type { RepositoryOptions, TestRepository } from '../../helpers/git/repository.ts';
import { createRepository } from '../../helpers/git/repository.ts';

const runId = 'abcdefgh12345678';
const opened: TestRepository[] = [];

async function open(options: RepositoryOptions = {}): Promise<{ repo: TestRepository; git: GitAdapter }> {
  const repo = createRepository(options);
  opened.push(repo);
  return { repo, git: await createGit({ root: repo.root, runtimeDir: null, environment: repo.env }) };
}

afterEach(() => {
  for (const repo of opened.splice(0)) repo.cleanup();
});

const wanted = (repo: TestRepository, slug = '043') => ({
  runId,
  slug,
  branchName: `roadmap-${slug}`,
  path: `${repo.root}-wt${slug}`,
  target: 'main',
});

describe('createWorktree', () => {
  test('makes branch and worktree at the target, locked with the run in its reason, without upstream and without hooks', async () => {
    const { repo, git } = await open();
    repo.write('.git/hooks/post-checkout', '#!/bin/sh\ntouch "$HOME/hook-ran"\nexit 1\n');
    repo.gitIn(repo.root, 'config', 'branch.autoSetupMerge', 'always');
    const request = wanted(repo);
    const base = repo.git('rev-parse', 'HEAD');
    expect(await git.createWorktree(request)).toEqual({ outcome: 'created', base });
    expect(repo.gitIn(request.path, 'symbolic-ref', 'HEAD')).toBe('refs/heads/roadmap-043');
    expect(repo.git('worktree', 'list', '--porcelain')).toContain(`locked cm-tui ${runId}`);
    expect(repo.git('config', '--list')).not.toContain('branch.roadmap-043');
    expect(existsSync(join(repo.base, 'home/hook-ran'))).toBe(false);
    expect(existsSync(join(repo.root, '.git/cm-tui/creating', `${runId}.json`))).toBe(false);
  });

  test.each([
    'branch',
    'path',
    'empty folder',
    'folder of branches',
    'branch within ours',
    'missing worktree',
  ] as const)('never takes over what is there: %s', async kind => {
    const { repo, git } = await open();
    const request = { ...wanted(repo), branchName: kind === 'folder of branches' ? 'cm/043' : 'roadmap-043' };
    const makers = {
      branch: () => repo.git('branch', 'roadmap-043'),
      path: () => repo.write(`${request.path}/note.txt`, 'mine'),
      'empty folder': () => mkdirSync(request.path),
      'folder of branches': () => repo.git('branch', 'cm'),
      'branch within ours': () => repo.git('branch', 'roadmap-043/x'),
      'missing worktree': () => {
        repo.git('worktree', 'add', '-q', '--detach', request.path);
        repo.git('worktree', 'lock', request.path);
        // The folder vanishes while git still knows of it.
        rmSync(request.path, { recursive: true });
      },
    };
    makers[kind]();
    const before = repo.git('for-each-ref');
    const answer = await git.createWorktree(request);
    // No other name of that prefix would be possible either.
    if (kind === 'folder of branches') expect(answer).toMatchObject({ outcome: 'failed' });
    else expect(answer).toMatchObject({ outcome: 'taken', what: /branch/.test(kind) ? 'branch' : 'path' });
    expect(repo.git('for-each-ref')).toBe(before);
    if (kind === 'path') expect(readFileSync(`${request.path}/note.txt`, 'utf8')).toBe('mine');
    // Another name works at once.
    expect((await git.createWorktree({ ...wanted(repo, '043-2'), branchName: 'roadmap-043-2' })).outcome).toBe(
      'created',
    );
  });

  test('made before by the same run, whose coordinator was killed before it heard so: it is that one', async () => {
    const { repo, git } = await open();
    const request = wanted(repo);
    const first = await git.createWorktree(request);
    expect(first.outcome).toBe('created');
    expect(await git.createWorktree(request)).toEqual(first);
    expect(await git.createWorktree({ ...request, runId: 'another000000000' })).toMatchObject({ outcome: 'taken' });
    expect(repo.gitIn(request.path, 'status', '--porcelain')).toBe('');
  });

  test('many at once all succeed', async () => {
    const { repo, git } = await open();
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, n) =>
        git.createWorktree({ ...wanted(repo, `00${n}`), runId: `run0000000000000${n}`.slice(-16) }),
      ),
    );
    expect(answers.map(answer => answer.outcome)).toEqual(Array.from({ length: 8 }, () => 'created'));
  });

  test('locks that a killed agent left are moved aside, unless somebody works there with git', async () => {
    const { repo, git } = await open();
    const request = wanted(repo);
    await git.createWorktree(request);
    const gitDir = repo.gitIn(request.path, 'rev-parse', '--absolute-git-dir');
    const locks = [join(gitDir, 'index.lock'), join(repo.root, '.git/refs/heads/roadmap-043.lock')];
    for (const lock of locks) repo.write(lock, '');
    const run = { worktreePath: request.path, branchName: 'roadmap-043' };
    const somebody = spawn('git', ['update-ref', '--stdin'], { cwd: request.path, env: repo.env });
    await once(somebody, 'spawn');
    expect(await git.freeRunLocks(run)).toEqual([]);
    somebody.kill();
    await once(somebody, 'close');
    expect(await git.freeRunLocks(run)).toEqual(locks);
    expect(locks.map(lock => existsSync(lock))).toEqual([false, false]);
    repo.write(join(request.path, 'a.txt'), 'work\n');
    expect(repo.commit('Work', request.path)).toMatch(/^[0-9a-f]{40}$/);
    expect(await git.freeRunLocks(run)).toEqual([]);
  });

  test('refuses names and places that are not safe', async () => {
    const { repo, git } = await open();
    for (const branchName of ['-x', 'a b', '$(id)', 'a..b', 'x.lock', 'é', 'a\u202Eb', 'refs/../x', 'a@{1}']) {
      expect((await git.createWorktree({ ...wanted(repo), branchName })).outcome).toBe('failed');
    }
    for (const path of ['relative', join(repo.root, '.git/wt'), join(repo.root, 'inside')]) {
      expect((await git.createWorktree({ ...wanted(repo), path })).outcome).toBe('failed');
    }
    repo.write('.gitignore', '.worktrees/\n');
    expect((await git.createWorktree({ ...wanted(repo), path: join(repo.root, '.worktrees/043') })).outcome).toBe(
      'created',
    );
    expect((await git.createWorktree({ ...wanted(repo, '044'), target: 'nowhere' })).outcome).toBe('failed');
  });

  test('a checkout that fails leaves neither folder nor branch', async () => {
    const { repo, git } = await open({ files: { '.gitattributes': '*.bin filter=broken\n', 'a.bin': 'x\n' } });
    repo.git('config', 'filter.broken.smudge', 'false');
    repo.git('config', 'filter.broken.required', 'true');
    const answer = await git.createWorktree(wanted(repo));
    expect(answer.outcome).toBe('failed');
    expect(existsSync(`${repo.root}-wt043`)).toBe(false);
    expect(repo.git('branch', '--list', 'roadmap-*')).toBe('');
  });
});

describe('createWorktree after a crash', () => {
  /** What a killed coordinator had noted before it began. */
  function note(repo: TestRepository, request: ReturnType<typeof wanted>): void {
    const planned = { path: request.path, branchName: request.branchName, base: repo.git('rev-parse', 'main') };
    repo.write(`.git/cm-tui/creating/${runId}.json`, JSON.stringify(planned));
  }

  test('the branch alone was made', async () => {
    const { repo, git } = await open();
    note(repo, wanted(repo));
    repo.git('branch', 'roadmap-043');
    expect((await git.createWorktree(wanted(repo))).outcome).toBe('created');
  });

  test('a branch that has grown since is not ours to delete', async () => {
    const { repo, git } = await open();
    note(repo, wanted(repo));
    repo.branch('roadmap-043', { 'work.txt': 'x' });
    expect(await git.createWorktree(wanted(repo))).toMatchObject({ outcome: 'taken', what: 'branch' });
  });

  test.each(['complete', 'half', 'no index', 'locked index'] as const)('the worktree stands there: %s', async how => {
    const { repo, git } = await open({ files: { 'a.txt': 'a\n', 'b/c.txt': 'c\n' } });
    const request = wanted(repo);
    note(repo, request);
    const lock = ['--lock', '--reason', `cm-tui ${runId}`];
    repo.git('worktree', 'add', '-q', '--no-track', ...lock, '-b', 'roadmap-043', request.path, 'main');
    const admin = join(repo.root, '.git/worktrees/shop-wt043');
    if (how !== 'complete') rmSync(join(request.path, 'b'), { recursive: true });
    if (how === 'no index') rmSync(join(admin, 'index'));
    if (how === 'locked index') {
      rmSync(join(admin, 'index'));
      writeFileSync(join(admin, 'index.lock'), '');
    }
    expect(await git.createWorktree(request)).toMatchObject({ outcome: 'created' });
    expect(repo.gitIn(request.path, 'status', '--porcelain')).toBe('');
    expect(readFileSync(join(request.path, 'b/c.txt'), 'utf8')).toBe('c\n');
  });

  test('a git folder that never learned its worktree goes, one of somebody else stays', async () => {
    const { repo, git } = await open();
    note(repo, wanted(repo));
    repo.write('.git/worktrees/shop-wt043/locked', `cm-tui ${runId}`);
    repo.write('.git/worktrees/other/locked', 'initializing');
    expect((await git.createWorktree(wanted(repo))).outcome).toBe('created');
    expect(existsSync(join(repo.root, '.git/worktrees/other/locked'))).toBe(true);
    expect(repo.git('worktree', 'list', '--porcelain')).toContain('shop-wt043');
  });

  test('a record cut short, which makes git list no worktree at all, is taken away', async () => {
    const { repo, git } = await open();
    const request = wanted(repo);
    note(repo, request);
    const long = new Date(Date.now() - 60_000);
    utimesSync(join(repo.root, `.git/cm-tui/creating/${runId}.json`), long, long);
    repo.write(`.git/worktrees/shop-wt043/locked`, `cm-tui ${runId}`);
    repo.write('.git/worktrees/shop-wt043/gitdir', `${request.path}/.git\n`);
    repo.write('.git/worktrees/shop-wt043/commondir', '');
    repo.write(`${request.path}/.git`, `gitdir: ${repo.root}/.git/worktrees/shop-wt043\n`);
    expect((await repo.tryGit(repo.root, 'worktree', 'list')).code).not.toBe(0);
    // While any git may be at work in the repository, nothing is taken away.
    await expect
      .poll(async () => (await git.observe('main', 'roadmap-')).worktrees, { timeout: 20_000 })
      .toHaveLength(1);
    expect((await git.createWorktree(request)).outcome).toBe('created');
  });
});
