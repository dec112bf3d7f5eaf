import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { createGit } from '../../../source/adapters/git/index.ts';
import { createRepository, type TestRepository } from '../../helpers/git/repository.ts';

const opened: TestRepository[] = [];

afterEach(() => {
  for (const repo of opened.splice(0)) repo.cleanup();
});

/** A repository with a bare remote that somebody else pushes to as well. */
async function open() {
  const repo = createRepository({ files: { 'a.txt': 'a\n' } });
  opened.push(repo);
  const bare = join(repo.base, 'origin.git');
  repo.git('clone', '-q', '--bare', repo.root, bare);
  repo.git('remote', 'add', 'origin', bare);
  repo.git('fetch', '-q', 'origin');
  const inBare = (...args: readonly string[]) =>
    execFileSync('git', args, { cwd: bare, env: repo.env, encoding: 'utf8' }).trim();
  const theirs = (path: string) => {
    const oid = repo.branch('theirs', { [path]: 'theirs\n' }, inBare('rev-parse', 'main'));
    repo.git('push', '-q', bare, `${oid}:refs/heads/main`);
    repo.git('branch', '-qD', 'theirs');
    return oid;
  };
  const git = await createGit({ root: repo.root, runtimeDir: null, environment: repo.env });
  return { repo, git, remote: git.remote, inBare, theirs };
}

describe('where the target stands', () => {
  test('behind, ahead and diverged, as of the last fetch', async () => {
    const { repo, remote, theirs } = await open();
    expect(await remote.upstream('main')).toMatchObject({ name: 'origin/main', ahead: 0, behind: 0 });
    theirs('t.txt');
    expect(await remote.upstream('main')).toMatchObject({ behind: 0 });
    expect(await remote.fetch('main')).toBeNull();
    expect(await remote.upstream('main')).toMatchObject({ ahead: 0, behind: 1 });
    repo.write('b.txt', 'b\n');
    repo.commit('Own');
    expect(await remote.upstream('main')).toMatchObject({ ahead: 1, behind: 1 });
  });

  test('is where its configuration says, whatever the branch is called there', async () => {
    const { repo, remote } = await open();
    repo.git('push', '-q', 'origin', 'main:refs/heads/trunk');
    repo.git('fetch', '-q', 'origin');
    repo.git('branch', '-q', '--set-upstream-to=origin/trunk', 'main');
    expect(await remote.upstream('main')).toMatchObject({ name: 'origin/trunk', remote: 'origin', branch: 'trunk' });
  });

  test('is nowhere without a remote, and is not known of one that was never fetched', async () => {
    const { repo, remote } = await open();
    repo.git('remote', 'remove', 'origin');
    expect(await remote.upstream('main')).toBeNull();
    expect(await remote.fetch('main')).toBeNull();
    repo.git('remote', 'add', 'origin', join(repo.base, 'nowhere.git'));
    expect(await remote.upstream('main')).toBeNull();
    expect(await remote.fetch('main')).toMatch(/^Could not fetch main from origin: .+\.$/);
  });
});

describe('bringing the target forward', () => {
  test('takes the checkout along where it is only behind', async () => {
    const { repo, remote, theirs } = await open();
    const tip = theirs('t.txt');
    expect(await remote.bringForward('main')).toBeNull();
    expect(repo.git('rev-parse', 'main')).toBe(tip);
    expect(repo.read('t.txt')).toBe('theirs\n');
    expect(repo.git('status', '--porcelain')).toBe('');
  });

  test('touches neither a target that has diverged nor a file of the user', async () => {
    const { repo, remote, theirs } = await open();
    theirs('t.txt');
    repo.write('t.txt', 'mine\n');
    expect(await remote.bringForward('main')).toContain('t.txt');
    expect(repo.read('t.txt')).toBe('mine\n');
    repo.commit('Own');
    expect(await remote.bringForward('main')).toContain('have diverged');
  });
});

describe('a push', () => {
  test('puts the commit there, moves it on, and replaces only what we have put there', async () => {
    const { repo, remote, inBare } = await open();
    const [one, other] = ['one', 'other'].map(text => repo.branch(`w-${text}`, { 'w.txt': `${text}\n` }));
    const push = (commit = '', instead: string | null = null) =>
      remote.push({ target: 'main', branch: 'roadmap-001', commit, instead });
    expect(await push(one)).toEqual({ outcome: 'pushed', remote: 'origin' });
    expect(inBare('rev-parse', 'roadmap-001')).toBe(one);
    expect(await push(other)).toMatchObject({ outcome: 'failed', message: expect.stringContaining('Could not push') });
    expect(inBare('rev-parse', 'roadmap-001')).toBe(one);
    expect(await push(other, one)).toEqual({ outcome: 'pushed', remote: 'origin' });
    expect(inBare('rev-parse', 'roadmap-001')).toBe(other);
    // Somebody has pushed to it since: what they did is not replaced.
    expect(await push(one, one)).toMatchObject({ outcome: 'failed' });
    expect(inBare('rev-parse', 'roadmap-001')).toBe(other);
  });

  test('of the target is refused by a remote that has moved on, with what to do', async () => {
    const { repo, remote, theirs, inBare } = await open();
    const tip = theirs('t.txt');
    repo.write('b.txt', 'b\n');
    const commit = repo.commit('Own');
    const result = await remote.push({ target: 'main', branch: 'main', commit, instead: null });
    expect(result).toMatchObject({
      outcome: 'failed',
      message: expect.stringMatching(/fetch and bring it up to date first/),
    });
    expect(inBare('rev-parse', 'main')).toBe(tip);
  });
});

describe('an update of a branch', () => {
  async function behind(work: Readonly<Record<string, string>>) {
    const stage = await open();
    const { repo, git } = stage;
    const tree = join(repo.base, 'shop-wt001');
    const names = { runId: 'abcdefgh12345678', slug: '001', branchName: 'roadmap-001', target: 'main' };
    await git.createWorktree({ ...names, path: tree });
    for (const [path, text] of Object.entries(work)) repo.write(join(tree, path), text);
    const head = repo.commit('Work', tree);
    const base = repo.git('rev-parse', 'main');
    const update = (at = head) =>
      git.replayBranch({ ...names, head: at, update: true, lineage: { worktreePath: tree, base, former: [] } });
    return { ...stage, tree, head, update };
  }

  test('replays it onto the tip, worktree and all, once', async () => {
    const { repo, tree, update } = await behind({ 'w.txt': 'work\n' });
    repo.write('b.txt', 'b\n');
    const tip = repo.commit('Main moves on');
    const result = await update();
    if (result.outcome !== 'replayed') throw new Error(JSON.stringify(result));
    expect(repo.git('log', '--format=%s %P', '-1', 'roadmap-001')).toBe(`Work ${tip}`);
    expect(repo.gitIn(tree, 'status', '--porcelain')).toBe('');
    expect(await update(result.head)).toEqual({ outcome: 'not-needed' });
  });

  test('merges where its commits cannot be replayed one by one', async () => {
    const { repo, tree, update } = await behind({ 'a.txt': 'one\n' });
    repo.write(join(tree, 'a.txt'), 'a\n');
    repo.write(join(tree, 'w.txt'), 'work\n');
    const head = repo.commit('Back again', tree);
    repo.write('a.txt', 'other\n');
    const tip = repo.commit('Main moves on');
    const result = await update(head);
    if (result.outcome !== 'replayed') throw new Error(JSON.stringify(result));
    expect(repo.git('log', '-1', '--format=%P', 'roadmap-001')).toBe(`${head} ${tip}`);
    expect(repo.gitIn(tree, 'show', 'HEAD:a.txt')).toBe('other');
  });

  test('that conflicts names the paths and changes nothing', async () => {
    const { repo, head, update } = await behind({ 'a.txt': 'agent\n' });
    repo.write('a.txt', 'other\n');
    repo.commit('Main moves on');
    expect(await update()).toMatchObject({ outcome: 'conflict', paths: ['a.txt'] });
    expect(repo.git('rev-parse', 'roadmap-001')).toBe(head);
  });
});
