import { afterEach, expect, test } from 'vitest';
import { createGit, quickLocation } from '../../../source/adapters/git/index.ts';
import { createFailingGit } from '../../helpers/git/failing-git.ts';
import { createRepository, type TestRepository } from '../../helpers/git/repository.ts';

// A start of git is what a command waits for. These are all that the first look at a repository, and the start of an agent, need.

const opened: TestRepository[] = [];

/** Found without git, as a command finds an ordinary repository. */
async function open() {
  const repo = createRepository({ files: { 'a.txt': 'a\n' } });
  opened.push(repo);
  const counted = createFailingGit(repo.base);
  const place = quickLocation(repo.root, {});
  if (place === null) throw new Error('not an ordinary repository');
  const environment = counted.environment(repo.env);
  return {
    repo,
    git: await createGit({ root: repo.root, place, runtimeDir: null, environment }),
    calls: counted.calls,
  };
}

afterEach(() => {
  for (const repo of opened.splice(0)) repo.cleanup();
});

const runId = 'abcdefgh12345678';

test('the first look at a repository without runs starts git three times', async () => {
  const { repo, git, calls } = await open();
  const [facts, observation, upstream, pins] = await Promise.all([
    git.facts(),
    git.observe('main', 'roadmap-'),
    git.remote.upstream('main'),
    git.listPins(),
  ]);
  expect(facts).toMatchObject({ currentBranch: 'main', problems: [], remarks: [] });
  const head = repo.git('rev-parse', 'HEAD');
  expect(observation).toMatchObject({ targetTip: head, branches: { main: head }, pins: {} });
  expect(observation.worktrees).toEqual([
    { path: repo.root, branchName: 'main', head, lockedReason: null, prunable: false, exists: true },
  ]);
  expect([upstream, pins]).toEqual([null, []]);
  expect(calls()).toEqual({ version: 1, var: 1, 'for-each-ref': 1 });
});

test('a run gets its worktree by two starts of git', async () => {
  const { repo, git, calls } = await open();
  const made = { runId, slug: '043', branchName: 'roadmap-043', path: `${repo.root}-wt043`, target: 'main' };
  expect(await git.createWorktree(made)).toMatchObject({ outcome: 'created' });
  expect(calls()).toEqual({ 'worktree-add': 1, reset: 1 });
});

test('what is kept of the user before an agent starts takes four starts of git', async () => {
  const { git, calls } = await open();
  const [work, settings] = await Promise.all([git.writeDownWork(runId), git.readSettings()]);
  expect(Object.keys(work.refs)).toEqual(['refs/heads/main']);
  expect(settings.executables).toHaveProperty(['config core.bare']);
  expect(calls()).toEqual({ 'for-each-ref': 1, config: 1, 'ls-files': 1, 'update-ref': 1 });
});

test('git is asked where its files may hold more: another worktree, replacements, pins', async () => {
  const { repo, git } = await open();
  repo.git('worktree', 'add', '-q', '-b', 'other', `${repo.base}/other`);
  const head = repo.git('rev-parse', 'HEAD');
  repo.git('update-ref', 'refs/cm/landed/043', head);
  repo.git('pack-refs', '--all', '--prune');
  repo.git('replace', head, repo.git('commit-tree', '-m', 'Other', 'HEAD^{tree}'));
  const { worktrees } = await git.observe('main', 'roadmap-');
  expect(worktrees?.map(({ path, branchName }) => [path, branchName])).toEqual([
    [repo.root, 'main'],
    [`${repo.base}/other`, 'other'],
  ]);
  expect(await git.listPins()).toEqual(['refs/cm/landed/043']);
  expect((await git.readSettings()).settings).toHaveProperty([`replacement of ${head}`]);
});
