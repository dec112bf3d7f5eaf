import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { createGit, type GitAdapter } from '../../../../source/adapters/git/index.ts';
import { createRepository, type TestRepository } from '../../../helpers/git/repository.ts';

const opened: TestRepository[] = [];

afterEach(() => {
  for (const repo of opened.splice(0)) repo.cleanup();
});

async function open(): Promise<{ repo: TestRepository; git: GitAdapter; path: string; base: string }> {
  const repo = createRepository({ files: { 'a.txt': 'a\n', 'b.txt': 'b\n', '.gitignore': '*.log\n' } });
  opened.push(repo);
  const git = await createGit({ root: repo.root, runtimeDir: null, environment: repo.env });
  const path = `${repo.root}-wt001`;
  const names = { runId: 'abcdefgh12345678', slug: '001', branchName: 'roadmap-001', target: 'main' };
  const made = await git.createWorktree({ ...names, path });
  if (made.outcome !== 'created') throw new Error(JSON.stringify(made));
  return { repo, git, path, base: made.base };
}

describe('snapshotWork', () => {
  test('holds committed, staged, changed and new work, and touches nothing of the worktree', async () => {
    const { repo, git, path, base } = await open();
    expect(await git.snapshotWork(path)).toEqual({ head: base, commit: base, paths: [] });
    repo.write(join(path, 'a.txt'), 'changed\n');
    repo.write(join(path, 'b.txt'), 'staged\n');
    repo.gitIn(path, 'add', 'b.txt');
    repo.write(join(path, 'new.txt'), 'new\n');
    repo.write(join(path, 'debug.log'), 'ignored\n');
    const index = join(repo.root, '.git/worktrees/shop-wt001/index');
    const status = repo.gitIn(path, 'status', '--porcelain');
    const now = readFileSync(index);
    const snapshot = await git.snapshotWork(path);
    expect(readFileSync(index).equals(now)).toBe(true);
    expect(repo.gitIn(path, 'status', '--porcelain')).toBe(status);
    expect(snapshot?.head).toBe(base);
    expect(await git.snapshotWork(path)).toEqual(snapshot);
    expect(snapshot?.paths.toSorted()).toEqual(['a.txt', 'b.txt', 'new.txt']);
    const commit = snapshot?.commit ?? '';
    // It lies in a folder of ours, not among the repository's objects.
    expect((await repo.tryGit(repo.root, 'cat-file', '-e', commit)).code).not.toBe(0);
    const scratch = join(repo.root, '.git/cm-tui/tmp/scratch-objects');
    const changed = ['-c', 'core.quotePath=false', 'diff', '--name-only', base, commit];
    const both = { ...repo.env, GIT_ALTERNATE_OBJECT_DIRECTORIES: scratch };
    expect(execFileSync('git', changed, { cwd: repo.root, env: both, encoding: 'utf8' })).toBe(
      'a.txt\nb.txt\nnew.txt\n',
    );
    await git.forgetWork();
    expect(existsSync(scratch)).toBe(false);
    expect(await git.snapshotWork(path)).toEqual(snapshot);
  });

  test('the paths of what it has committed are its own, not what it merged in from the target', async () => {
    const { repo, git, path, base } = await open();
    repo.write(join(path, 'na\u00efve\n.txt'), 'mine\n');
    repo.gitIn(path, 'mv', 'a.txt', 'moved.txt');
    repo.gitIn(path, 'add', '-A');
    repo.gitIn(path, 'commit', '-qm', 'Mine');
    const first = repo.gitIn(path, 'rev-parse', 'HEAD').trim();
    expect((await git.changedPaths(base, first))?.toSorted()).toEqual(['a.txt', 'moved.txt', 'na\u00efve\n.txt']);
    repo.write('theirs.txt', 'of the target\n');
    repo.git('add', '-A');
    repo.git('commit', '-qm', 'Theirs');
    const tip = repo.git('rev-parse', 'HEAD').trim();
    repo.gitIn(path, 'merge', '-q', '--no-edit', tip);
    const merged = repo.gitIn(path, 'rev-parse', 'HEAD').trim();
    expect((await git.changedPaths(tip, merged))?.toSorted()).toEqual(['a.txt', 'moved.txt', 'na\u00efve\n.txt']);
    expect(await git.changedPaths(tip, '0'.repeat(40))).toBeNull();
  });

  test('lets two agents hear of the lines they both touch before either has committed', async () => {
    const { repo, git, path } = await open();
    const other = `${repo.root}-wt002`;
    await git.createWorktree({
      runId: 'bbbbbbbb12345678',
      slug: '002',
      branchName: 'roadmap-002',
      path: other,
      target: 'main',
    });
    repo.write(join(path, 'a.txt'), 'one way\n');
    repo.write(join(other, 'a.txt'), 'another way\n');
    const [one, two] = await Promise.all([git.snapshotWork(path), git.snapshotWork(other)]);
    expect(await git.predictPair(one?.commit ?? '', two?.commit ?? '')).toEqual(['a.txt']);
  });

  test('accuses no branch of what the target changed between the starts of two branches', async () => {
    const { repo, git, path } = await open();
    const lines = (...changed: readonly (readonly [number, string])[]) =>
      Array.from({ length: 30 }, (_, at) => changed.find(([line]) => line === at)?.[1] ?? `line ${at}`).join('\n');
    const work = (tree: string, files: Readonly<Record<string, string>>) => {
      for (const [name, text] of Object.entries(files)) repo.write(join(tree, name), text);
      repo.gitIn(tree, 'add', '-A');
      repo.gitIn(tree, 'commit', '-qm', 'Work');
      return repo.gitIn(tree, 'rev-parse', 'HEAD').trim();
    };
    const begin = async (slug: string, tree: string) => {
      const names = { runId: slug.repeat(16).slice(0, 16), slug, branchName: `roadmap-${slug}`, target: 'main' };
      expect(await git.createWorktree({ ...names, path: tree })).toMatchObject({ outcome: 'created' });
    };
    work(repo.root, { 'long.txt': lines() });
    const early = `${repo.root}-wt002`;
    await begin('002', early);
    const old = work(early, { 'long.txt': lines([1, 'mine']), 'a.txt': 'mine\n' });
    const tip = work(repo.root, { 'long.txt': lines([1, 'of the target']), 'a.txt': 'of the target\n' });
    const late = `${repo.root}-wt003`;
    await begin('003', late);
    // Begun from the newer tip, it touches nothing of that; then another line of the same file; then the very line.
    const other = work(late, { 'new.txt': 'new\n' });
    expect(await git.predictPair(old, other, tip)).toEqual([]);
    const beside = work(late, { 'long.txt': lines([1, 'of the target'], [20, 'elsewhere']) });
    expect(await git.predictPair(beside, old, tip)).toEqual([]);
    const both = work(early, { 'b.txt': 'one way\n' });
    const really = work(late, { 'b.txt': 'another way\n' });
    expect(await git.predictPair(both, really, tip)).toEqual(['b.txt']);
    // Uncommitted work counts the same, and a branch against the target itself still conflicts.
    repo.write(join(early, 'b.txt'), 'a third way\n');
    const snapshot = await git.snapshotWork(early);
    expect(await git.predictPair(really, snapshot?.commit ?? '', tip)).toEqual(['b.txt']);
    expect(await git.predictPair(old, tip)).toEqual(['a.txt', 'long.txt']);
    expect(repo.gitIn(path, 'status', '--porcelain')).toBe('');
  });

  test('the stamp moves with the branch, the index, new files and what was uncommitted', async () => {
    const { repo, git, path } = await open();
    const seen = new Set<string | null>();
    const look = async () => {
      const before = seen.size;
      const paths = (await git.snapshotWork(path))?.paths ?? [];
      const stamp = git.workStamp(path, paths);
      expect(git.workStamp(path, paths)).toBe(stamp);
      seen.add(stamp);
      return seen.size > before;
    };
    expect(await look()).toBe(true);
    expect(await look()).toBe(false);
    repo.write(join(path, 'new.txt'), 'new\n');
    expect(await look()).toBe(true);
    repo.write(join(path, 'new.txt'), 'longer than before\n');
    expect(await look()).toBe(true);
    repo.gitIn(path, 'add', 'new.txt');
    expect(await look()).toBe(true);
    repo.gitIn(path, 'commit', '-qm', 'New');
    expect(await look()).toBe(true);
    expect(git.workStamp(join(repo.base, 'nowhere'), [])).toBeNull();
  });

  test('a folder that is no worktree of ours tells nothing', async () => {
    const { repo, git } = await open();
    expect(await git.snapshotWork(repo.base)).toBeNull();
    expect(await git.snapshotWork(join(repo.base, 'nowhere'))).toBeNull();
  });
});

/** What differs between two readings, sorted. */
function changed(before: Readonly<Record<string, string>>, now: Readonly<Record<string, string>>): string[] {
  const names = new Set([...Object.keys(before), ...Object.keys(now)]);
  return [...names].filter(name => before[name] !== now[name]).sort();
}

describe('readExecutables', () => {
  test('notices hooks and settings that run something, and nothing else', async () => {
    const { repo, git } = await open();
    const before = await git.readExecutables();
    expect(changed(before, await git.readExecutables())).toEqual([]);
    repo.git('config', 'user.nickname', 'x');
    repo.git('config', 'branch.main.description', 'x');
    expect(changed(before, await git.readExecutables())).toEqual([]);
    repo.git('config', 'core.fsmonitor', 'evil');
    repo.git('config', 'filter.x.clean', 'evil');
    repo.git('config', 'alias.st', '!evil');
    repo.write('.git/hooks/pre-commit', 'evil');
    const after = await git.readExecutables();
    const hook = join(repo.root, '.git/hooks/pre-commit');
    expect(changed(before, after)).toEqual([
      'config alias.st',
      'config core.fsmonitor',
      'config filter.x.clean',
      `hook ${hook}`,
    ]);
    chmodSync(hook, 0o755);
    expect(changed(after, await git.readExecutables())).toEqual([`hook ${hook}`]);
  });

  test('looks where core.hooksPath leads, into the work tree too', async () => {
    const { repo, git } = await open();
    repo.git('config', 'core.hooksPath', '.husky');
    repo.write('.husky/pre-commit', 'npm test');
    const before = await git.readExecutables();
    repo.write('.husky/pre-commit', 'evil');
    expect(changed(before, await git.readExecutables())).toEqual([`hook ${join(repo.root, '.husky/pre-commit')}`]);
  });
});

describe('branches', () => {
  test('a candidate is exported under a new name only', async () => {
    const { repo, git, base } = await open();
    expect(await git.createBranch({ slug: '001', branchName: 'pr/043', head: base })).toEqual({
      outcome: 'created',
      head: base,
    });
    expect(repo.git('rev-parse', 'pr/043')).toBe(base);
    expect(await git.createBranch({ slug: '001', branchName: 'pr/043', head: base })).toEqual({ outcome: 'taken' });
    expect((await git.createBranch({ slug: '001', branchName: '-x', head: base })).outcome).toBe('failed');
    expect((await git.createBranch({ slug: '001', branchName: 'pr', head: base })).outcome).not.toBe('created');
  });

  test('old copies of uncommitted work go when their time has come', async () => {
    const { repo, git, base } = await open();
    repo.git('update-ref', 'refs/cm/backup/20200101000000000', base);
    repo.git('update-ref', 'refs/cm/backup/29990101000000000', base);
    expect(await git.expirePins(Date.now(), 'main')).toBe(1);
    expect(repo.git('for-each-ref', '--format=%(refname)', 'refs/cm/backup')).toBe('refs/cm/backup/29990101000000000');
  });

  test('pins of old landings go while the target holds what they name, and stay where nothing else does', async () => {
    const { repo, git } = await open();
    const landed = repo.commit('Landed');
    const head = repo.branch('roadmap-009', { 'squashed.txt': 'work\n' });
    const lost = repo.commit('Taken back');
    repo.git('reset', '-q', '--hard', landed);
    for (const kind of ['landed', 'cand', 'head']) repo.git('update-ref', `refs/cm/${kind}/001`, landed);
    repo.git('update-ref', `refs/cm/old/001/${landed}`, landed);
    // Nothing of it has landed: its candidate is still needed, wherever it stands.
    repo.git('update-ref', 'refs/cm/cand/002', landed);
    repo.git('update-ref', 'refs/cm/landed/003', lost);
    repo.git('update-ref', 'refs/cm/landed/009', landed);
    repo.git('update-ref', 'refs/cm/head/009', head);
    const names = () => repo.git('for-each-ref', '--format=%(refname)', 'refs/cm').split('\n');
    const all = names();
    expect(await git.expirePins(Date.now() - 60_000, 'main')).toBe(0);
    expect(await git.expirePins(Date.now() + 60_000, 'gone')).toBe(0);
    expect(await git.expirePins(Date.now() + 60_000, null)).toBe(0);
    expect(names()).toEqual(all);
    expect(await git.expirePins(Date.now() + 60_000, 'main')).toBe(5);
    expect(names()).toEqual(['refs/cm/cand/002', 'refs/cm/head/009', 'refs/cm/landed/003']);
  });
});
