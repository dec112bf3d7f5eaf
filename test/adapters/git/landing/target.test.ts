import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { createGit, type GitAdapter } from '../../../../source/adapters/git/index.ts';
import { createRepository, type RepositoryOptions, type TestRepository } from '../../../helpers/git/repository.ts';
import { sampleOf } from '../../../helpers/tiers.ts';

const runId = 'abcdefgh12345678';
const opened: TestRepository[] = [];
afterEach(() => {
  for (const repo of opened.splice(0)) repo.cleanup();
});

function make(options: RepositoryOptions = {}): TestRepository {
  const repo = createRepository(options);
  opened.push(repo);
  return repo;
}

const open = ({ root, env }: TestRepository, target: string | null = null): Promise<GitAdapter> =>
  createGit({ root, runtimeDir: null, environment: env, target });

/** `alias` is another name of `main`, and `farther` one of `alias`. */
function withAliases(): TestRepository {
  const repo = make();
  repo.git('symbolic-ref', 'refs/heads/alias', 'refs/heads/main');
  repo.git('symbolic-ref', 'refs/heads/farther', 'refs/heads/alias');
  return repo;
}

describe('a name for the target', () => {
  test('stands for the branch at the end of it', async () => {
    const git = await open(withAliases());
    const names = ['main', 'alias', 'farther', 'HEAD', 'refs/heads/main', 'refs/heads/farther', 'heads/alias', null];
    for (const name of names) expect(await git.resolveTarget(name), String(name)).toBe('main');
  });

  test('that is packed, or checked out by another name, stands for the same branch', async () => {
    const repo = withAliases();
    repo.git('pack-refs', '--all');
    repo.git('switch', '-q', 'farther');
    const git = await open(repo);
    expect(await git.resolveTarget('alias')).toBe('main');
    expect(await git.resolveTarget(null)).toBe('main');
  });

  test('is taken as it is written where a branch has that very name', async () => {
    const repo = make();
    repo.git('branch', 'heads/main');
    expect(await (await open(repo)).resolveTarget('heads/main')).toBe('heads/main');
  });

  test('of no branch stays as it is; the preflight says what it is and what to name', async () => {
    const repo = make();
    const tip = repo.git('rev-parse', 'HEAD');
    repo.git('update-ref', 'refs/remotes/origin/main', tip);
    repo.git('tag', 'v1');
    repo.git('symbolic-ref', 'refs/heads/remote', 'refs/remotes/origin/main');
    repo.git('checkout', '-q', '--detach');
    const problem = async (name: string) => {
      const git = await open(repo, name);
      expect(await git.resolveTarget(name)).toBe(name);
      return (await git.facts()).problems.join();
    };
    expect(await problem('origin/main')).toContain(
      'is a remote-tracking branch, which nothing can land on; use --target main',
    );
    expect(await problem('v1')).toBe('v1 is a tag; name a branch with --target.');
    expect(await problem('remote')).toContain('is a symbolic ref to refs/remotes/origin/main, which is not a branch');
    expect(await problem('none')).toContain('does not exist');
    expect(await (await open(repo)).resolveTarget(null)).toBeNull();
    expect(await (await open(repo)).resolveTarget('HEAD')).toBeNull();
  });
});

describe('a target that is another name of the branch that is checked out', () => {
  const others = [
    ['main', 'alias'],
    ['farther', 'main'],
    ['alias', 'farther'],
  ] as const;

  test.each(sampleOf(others, ([, target]) => target !== 'main'))(
    '(HEAD on %s, target %s): landing and undo bring the checkout along',
    async (head, target) => {
      const repo = withAliases();
      repo.git('switch', '-q', head);
      repo.write('README.md', '# Mine\n');
      const git = await open(repo, target);
      const names = { runId, slug: '001', branchName: 'roadmap-001', target };
      const path = `${repo.root}-wt001`;
      await git.createWorktree({ ...names, path });
      repo.write(join(path, 'work.txt'), 'work\n');
      const prepared = await git.prepare({
        ...names,
        head: repo.commit('Work', path),
        message: 'Merge',
        trailers: {},
        status: null,
      });
      if (prepared.outcome !== 'prepared') throw new Error(JSON.stringify(prepared));
      const { base, candidate } = prepared;
      expect(await git.land({ ...names, base, candidate })).toEqual({ outcome: 'landed' });
      expect(repo.git('rev-parse', 'main', 'HEAD')).toBe(`${candidate}\n${candidate}`);
      expect(repo.git('status', '--porcelain')).toBe(' M README.md');
      const undone = await git.undoLanding({ slug: '001', target, landed: candidate, base, branches: [] });
      expect(undone).toEqual({ outcome: 'moved' });
      expect(repo.git('status', '--porcelain')).toBe(' M README.md');
      expect(repo.read('.git/HEAD').trim()).toBe(`ref: refs/heads/${head}`);
    },
  );

  test('moves together with a worktree that has it checked out by its other name', async () => {
    const repo = withAliases();
    repo.git('switch', '-qc', 'mine');
    repo.git('worktree', 'add', '-q', `${repo.root}-theirs`, 'main');
    repo.gitIn(`${repo.root}-theirs`, 'symbolic-ref', 'HEAD', 'refs/heads/alias');
    const git = await open(repo, 'main');
    const head = repo.branch('roadmap-001', { 'work.txt': 'work\n' }, 'main');
    const names = { runId, slug: '001', branchName: 'roadmap-001', target: 'main' };
    const prepared = await git.prepare({ ...names, head, message: 'Merge', trailers: {}, status: null });
    if (prepared.outcome !== 'prepared') throw new Error(JSON.stringify(prepared));
    expect(await git.land({ ...names, base: prepared.base, candidate: prepared.candidate })).toEqual({
      outcome: 'landed',
    });
    expect(repo.gitIn(`${repo.root}-theirs`, 'status', '--porcelain')).toBe('');
  });
});

test('a ref of ours that somebody made a symbolic ref to the target moves or deletes nothing of theirs', async () => {
  const repo = make();
  const git = await open(repo, 'main');
  const names = { runId, slug: '001', branchName: 'roadmap-001', target: 'main' };
  const head = repo.branch('roadmap-001', { 'work.txt': 'work\n' });
  repo.git('branch', 'theirs', 'main');
  for (const pin of ['head', 'cand', 'landed']) repo.git('symbolic-ref', `refs/cm/${pin}/001`, 'refs/heads/theirs');
  const before = repo.git('rev-parse', 'theirs');
  const prepared = await git.prepare({ ...names, head, message: 'Merge', trailers: {}, status: null });
  if (prepared.outcome !== 'prepared') throw new Error(JSON.stringify(prepared));
  const { base, candidate } = prepared;
  expect(await git.land({ ...names, base, candidate })).toEqual({ outcome: 'landed' });
  expect(await git.undoLanding({ slug: '001', target: 'main', landed: candidate, base, branches: [] })).toEqual({
    outcome: 'moved',
  });
  expect(repo.git('rev-parse', 'theirs')).toBe(before);
});
