import { rmSync } from 'node:fs';
import { afterEach, describe, expect, test } from 'vitest';
import type { BranchFacts } from '../../../source/ports/git.ts';
import { beginRun as begin, endRuns, runNames as names, type RunInGit as Run } from '../../helpers/git/run-in-git.ts';

const runId = 'abcdefgh12345678';
afterEach(endRuns);

const paths = ({ files }: BranchFacts) => files.map(file => file.path);
const subjects = ({ returning }: BranchFacts) => returning?.commits.map(commit => commit.subject) ?? [];

describe('a branch that was only brought up to the target holds no work of its run', () => {
  const ways: Readonly<Record<string, (run: Run) => void>> = {
    'by a fast-forward': ({ at }) => at('merge', '-q', '--ff-only', 'main'),
    'by a merge commit': ({ at }) => at('merge', '-q', '--no-ff', '--no-edit', 'main'),
    'by a rebase': ({ at }) => at('rebase', '-q', 'main'),
    'by a reset': ({ at }) => at('reset', '-q', '--hard', 'main'),
    'by a pull': ({ at, repo }) => at('pull', '-q', '--no-rebase', repo.root, 'main'),
    'by a copy of its commit': ({ at }) => at('cherry-pick', 'main'),
    'by moving its ref': ({ at }) => {
      at('update-ref', 'refs/heads/roadmap-001', 'main');
      at('reset', '-q', '--hard');
    },
  };

  test.each(Object.keys(ways))('%s', async way => {
    const run = await begin();
    run.user('theirs.txt');
    ways[way]?.(run);
    expect(await run.inspect()).toMatchObject({ commits: 0, files: [] });
  });

  test('from the branch of the same name of a remote: it is no work either', async () => {
    const run = await begin();
    const upstream = run.repo.branch('elsewhere', { 'upstream.txt': 'up\n' });
    run.repo.git('update-ref', 'refs/remotes/origin/main', upstream);
    run.at('merge', '-q', '--ff-only', 'origin/main');
    // It would land all the same, so that it is shown.
    expect(await run.inspect()).toMatchObject({ commits: 0, files: [{ path: 'upstream.txt' }] });
  });

  test('and then worked on: its own work alone counts, and no file of the target', async () => {
    const run = await begin();
    run.user('theirs.txt');
    run.work('mine.txt');
    run.at('merge', '-q', '--no-edit', 'main');
    const tip = run.user('more.txt');
    run.at('cherry-pick', 'main');
    const facts = await run.inspect();
    expect(facts).toMatchObject({ commits: 2, base: run.repo.git('rev-parse', `${tip}^`), sameAsTarget: ['more.txt'] });
    expect(paths(facts)).toEqual(['mine.txt']);
  });
});

describe('a branch that the target holds already', () => {
  test.each([['--ff-only'], ['--no-ff']])('merged by hand (%s), was the work of its run', async how => {
    const run = await begin();
    run.user('theirs.txt');
    run.at('merge', '-q', '--ff-only', 'main');
    run.work('mine.txt');
    run.repo.git('merge', '-q', '--no-edit', how, 'roadmap-001');
    const facts = await run.inspect();
    expect(facts.commits).toBe(1);
    expect(paths(facts)).toEqual(['mine.txt']);
  });

  test('is told from one that was brought up by the logs of the branch too, where the worktree is gone', async () => {
    const run = await begin();
    run.work('mine.txt');
    run.repo.git('merge', '-q', '--ff-only', 'roadmap-001');
    rmSync(run.path, { recursive: true });
    run.repo.git('worktree', 'unlock', run.path);
    run.repo.git('worktree', 'prune');
    expect(await run.inspect()).toMatchObject({ commits: 1, files: [{ path: 'mine.txt' }] });
  });
});

describe('what somebody removed from the target comes back with no branch', () => {
  const removals: Readonly<Record<string, (run: Run) => void>> = {
    'by an amend': ({ repo }) => {
      repo.git('rm', '-q', 'secret.txt');
      repo.git('commit', '-q', '--amend', '-m', 'Without the secret', '--allow-empty');
    },
    'by a reset': ({ repo }) => repo.git('reset', '-q', '--hard', 'HEAD~1'),
    'by a rebase': ({ repo }) => {
      repo.git('commit', '-q', '--allow-empty', '-m', 'Later');
      repo.git('rebase', '-q', '--onto', 'HEAD~2', 'HEAD~1', 'main');
    },
    'by moving the branch from elsewhere': ({ repo }) => {
      repo.git('switch', '-q', '--detach');
      repo.git('branch', '-qf', 'main', 'main~1');
    },
    'by writing all of it anew': ({ repo }) => {
      const root = repo.git('commit-tree', 'main~1^{tree}', '-m', 'Anew');
      repo.git('reset', '-q', '--hard', root);
    },
  };

  test.each(Object.keys(removals))('%s: its commits are named, and what is the run own is told apart', async how => {
    const run = await begin();
    run.work('mine.txt');
    removals[how]?.(run);
    const facts = await run.inspect();
    expect(subjects(facts)).toContain('Oops');
    expect(facts.commits).toBe(1);
    expect(paths(facts)).toEqual(['mine.txt']);
    expect(await run.prepare()).toEqual({ outcome: 'returning', returning: facts.returning });
    run.at('rebase', '-q', '--onto', 'main', facts.returning?.last ?? '');
    const replayed = await run.inspect();
    expect(replayed.returning).toBeUndefined();
    expect(replayed).toMatchObject({ commits: 1, base: run.repo.git('rev-parse', 'main') });
    expect(paths(replayed)).toEqual(['mine.txt']);
    expect(await run.prepare()).toMatchObject({ outcome: 'prepared' });
  });

  test('nor what the branch took from the target in between, though what it was started from is still there', async () => {
    const run = await begin();
    run.work('mine.txt');
    run.user('bad.txt');
    run.at('merge', '-q', '--no-edit', 'main');
    run.repo.git('reset', '-q', '--hard', 'HEAD~1');
    const facts = await run.inspect();
    expect(subjects(facts)).toEqual(['Add bad.txt']);
    expect(paths(facts)).toEqual(['mine.txt']);
    expect(await run.prepare()).toMatchObject({ outcome: 'returning', returning: { count: 1 } });
  });

  test('what is moved forward again, or only forward, is nothing that was removed', async () => {
    const run = await begin();
    const before = run.repo.git('rev-parse', 'main');
    run.work('mine.txt');
    run.repo.git('reset', '-q', '--hard', 'HEAD~1');
    run.repo.git('reset', '-q', '--hard', before);
    run.user('theirs.txt');
    expect((await run.inspect()).returning).toBeUndefined();
    expect(await run.prepare()).toMatchObject({ outcome: 'prepared' });
  });

  test('the own work of a run whose landing was taken back is not held up', async () => {
    const run = await begin();
    const head = run.work('mine.txt');
    run.repo.git('merge', '-q', '--no-ff', '--no-edit', 'roadmap-001');
    run.repo.git('reset', '-q', '--hard', 'HEAD~1');
    const facts = await run.inspect();
    expect(facts).toMatchObject({ head, commits: 1, files: [{ path: 'mine.txt' }] });
    expect(facts.returning).toBeUndefined();
    expect(await run.prepare()).toMatchObject({ outcome: 'prepared' });
  });
});

test('paths that nobody looked at, since they were on the target already, do not land once they are not', async () => {
  const run = await begin();
  run.work('mine.txt');
  run.user('theirs.txt');
  run.at('cherry-pick', 'main');
  const { sameAsTarget } = await run.inspect();
  expect(sameAsTarget).toEqual(['theirs.txt']);
  run.repo.git('revert', '--no-edit', 'HEAD');
  const head = run.repo.git('rev-parse', 'roadmap-001');
  const request = { ...names, runId, head, message: 'Merge', trailers: {}, status: null };
  expect(await run.git.prepare({ ...request, unseen: sameAsTarget ?? [] })).toEqual({
    outcome: 'unseen',
    paths: ['theirs.txt'],
  });
});
