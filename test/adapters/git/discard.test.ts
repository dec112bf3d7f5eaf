import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { createGit } from '../../../source/adapters/git/index.ts';
import { createRepository, type TestRepository } from '../../helpers/git/repository.ts';

const runId = 'abcdefgh12345678';
const opened: TestRepository[] = [];

afterEach(() => {
  for (const repo of opened.splice(0)) repo.cleanup();
});

/** A run with a commit, a changed file, a deleted one, a new one, and one that git ignores. */
async function begin() {
  const repo = createRepository({ files: { 'a.txt': 'a\n', 'b.txt': 'b\n', '.gitignore': '*.log\n' } });
  opened.push(repo);
  const git = await createGit({ root: repo.root, runtimeDir: null, environment: repo.env });
  const worktreePath = `${repo.root}-wt001`;
  const place = { runId, slug: '001', branchName: 'roadmap-001', worktreePath };
  await git.createWorktree({ ...place, path: worktreePath, target: 'main' });
  repo.write(join(worktreePath, 'work.txt'), 'work\n');
  const head = repo.commit('Work', worktreePath);
  repo.write(join(worktreePath, 'a.txt'), 'changed\n');
  repo.gitIn(worktreePath, 'rm', '-q', 'b.txt');
  repo.write(join(worktreePath, 'folder/new file.txt'), 'new\n');
  repo.write(join(worktreePath, 'out.log'), 'log\n');
  return { repo, git, place, head };
}

test('what a discarded run held comes back as it was: its commits, and what was not committed', async () => {
  const { repo, git, place, head } = await begin();
  const before = repo.gitIn(place.worktreePath, 'status', '--porcelain').replace(/^D {2}/m, ' D ');
  const gone = await git.discardRun({ ...place, target: 'main', head });
  expect(gone).toMatchObject({ outcome: 'removed', head });
  expect(existsSync(place.worktreePath)).toBe(false);
  expect(repo.git('branch', '--list', 'roadmap-*')).toBe('');
  const saved = gone.outcome === 'removed' ? gone.saved : null;
  expect(repo.git('for-each-ref', '--format=%(objectname)', 'refs/cm/discarded').split('\n').sort()).toEqual(
    [head, saved].sort(),
  );
  // Whoever has not heard of it asks again.
  expect(await git.discardRun({ ...place, target: 'main', head })).toMatchObject({ outcome: 'removed', head });

  expect(await git.restoreRun({ ...place, head, saved })).toEqual({ outcome: 'restored', head });
  expect(repo.git('rev-parse', 'roadmap-001')).toBe(head);
  expect(repo.gitIn(place.worktreePath, 'status', '--porcelain')).toBe(before);
  expect(repo.read(join(place.worktreePath, 'folder/new file.txt'))).toBe('new\n');
  expect(await git.restoreRun({ ...place, head, saved })).toEqual({ outcome: 'restored', head });
});

test('a branch of that name is never moved, and a folder in the way stays', async () => {
  const { repo, git, place, head } = await begin();
  const gone = await git.discardRun({ ...place, target: 'main', head });
  const saved = gone.outcome === 'removed' ? gone.saved : null;
  repo.git('branch', 'roadmap-001', 'main');
  repo.write(join(place.worktreePath, 'mine.txt'), 'mine\n');
  expect(await git.restoreRun({ ...place, head, saved })).toMatchObject({ outcome: 'failed' });
  expect(repo.git('rev-parse', 'roadmap-001')).toBe(repo.git('rev-parse', 'main'));
  expect(repo.read(join(place.worktreePath, 'mine.txt'))).toBe('mine\n');
});

test('a worktree that is locked by somebody else is not discarded', async () => {
  const { repo, git, place, head } = await begin();
  repo.git('worktree', 'unlock', place.worktreePath);
  repo.git('worktree', 'lock', '--reason', 'mine', place.worktreePath);
  expect(await git.discardRun({ ...place, target: 'main', head })).toMatchObject({ outcome: 'kept' });
  expect(existsSync(place.worktreePath)).toBe(true);
});

test('what was not committed comes back although the branch could be deleted only with the next try', async () => {
  const { repo, git, place, head } = await begin();
  const lock = join(repo.root, '.git/refs/heads/roadmap-001.lock');
  repo.write(lock, '');
  // The lock goes once, between two tries: later it would be the lock of the program's own update.
  const waiting = setInterval(() => {
    if (existsSync(place.worktreePath)) return;
    clearInterval(waiting);
    setTimeout(() => rmSync(lock), 4000);
  }, 5);
  const gone = await git.discardRun({ ...place, target: 'main', head }).finally(() => clearInterval(waiting));
  const saved = gone.outcome === 'removed' ? gone.saved : null;
  expect(saved).not.toBeNull();
  expect(await git.restoreRun({ ...place, head, saved })).toEqual({ outcome: 'restored', head });
  expect(repo.read(join(place.worktreePath, 'folder/new file.txt'))).toBe('new\n');
});
