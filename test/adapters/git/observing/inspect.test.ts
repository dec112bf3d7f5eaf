import { existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { createGit, type GitAdapter } from '../../../../source/adapters/git/index.ts';
import { createRepository, type RepositoryOptions, type TestRepository } from '../../../helpers/git/repository.ts';

const runId = 'abcdefgh12345678';
const opened: TestRepository[] = [];

afterEach(() => {
  for (const repo of opened.splice(0)) repo.cleanup();
});

interface Stage {
  readonly repo: TestRepository;
  readonly git: GitAdapter;
  readonly path: string;
  readonly base: string;
  inspect(): ReturnType<GitAdapter['inspect']>;
}

async function open(options: RepositoryOptions = {}): Promise<Stage> {
  const repo = createRepository({ files: { 'a.txt': 'a\n', 'gone.txt': 'x\n', '.gitignore': '*.log\n' }, ...options });
  opened.push(repo);
  const git = await createGit({ root: repo.root, runtimeDir: null, environment: repo.env });
  const path = `${repo.root}-wt001`;
  const made = await git.createWorktree({ runId, slug: '001', branchName: 'roadmap-001', path, target: 'main' });
  if (made.outcome !== 'created') throw new Error(JSON.stringify(made));
  const request = { branchName: 'roadmap-001', worktreePath: path, base: made.base, target: 'main' };
  return { repo, git, path, base: made.base, inspect: () => git.inspect(request) };
}

/** Names that break readers which split at spaces, lines or quotes. */
const oddNames = [
  'with space.txt',
  'ünï.txt',
  'e\u0301.txt',
  'new\nline.txt',
  '-dash',
  'tab\tname',
  '"quoted"',
  'a\\b',
  ':colon',
  '*.txt',
];

describe('inspect', () => {
  test('a fresh worktree has nothing to show', async () => {
    const { base, inspect } = await open();
    expect(await inspect()).toEqual({
      head: base,
      commits: 0,
      files: [],
      dirty: [],
      operation: null,
      checkedOut: 'roadmap-001',
      worktreeExists: true,
      escapingLinks: [],
    });
  });

  test('commits, counts, modes and binaries are read from git', async () => {
    const { repo, path, inspect } = await open();
    repo.write(join(path, 'a.txt'), 'b\nc\n');
    rmSync(join(path, 'gone.txt'));
    repo.write(join(path, 'run.sh'), '#!/bin/sh\n');
    repo.gitIn(path, 'add', '-A');
    repo.gitIn(path, 'update-index', '--chmod=+x', 'run.sh');
    repo.gitIn(path, 'commit', '-qm', 'Change');
    repo.gitIn(path, 'reset', '-q', '--hard');
    repo.write(join(path, 'data.bin'), Buffer.from([0, 1, 2]));
    const head = repo.commit('Add data', path);
    const facts = await inspect();
    expect(facts).toMatchObject({ head, commits: 2, dirty: [] });
    expect(facts.files).toEqual([
      { path: 'a.txt', change: 'M', oldMode: '100644', newMode: '100644', insertions: 2, deletions: 1, binary: false },
      {
        path: 'data.bin',
        change: 'A',
        oldMode: '000000',
        newMode: '100644',
        insertions: 0,
        deletions: 0,
        binary: true,
      },
      {
        path: 'gone.txt',
        change: 'D',
        oldMode: '100644',
        newMode: '000000',
        insertions: 0,
        deletions: 1,
        binary: false,
      },
      { path: 'run.sh', change: 'A', oldMode: '000000', newMode: '100755', insertions: 1, deletions: 0, binary: false },
    ]);
  });

  test('odd names come through whole, committed and uncommitted', async () => {
    const { repo, path, inspect } = await open();
    for (const name of oddNames) repo.write(join(path, name), 'x\n');
    expect([...(await inspect()).dirty].sort()).toEqual([...oddNames].sort());
    repo.commit('Odd names', path);
    const facts = await inspect();
    expect(facts.dirty).toEqual([]);
    expect(facts.files.map(file => file.path).sort()).toEqual([...oddNames].sort());
    expect(facts.files.every(file => file.insertions === 1)).toBe(true);
  });

  test('what the branch merged in from the target is not its work', async () => {
    const { repo, path, inspect } = await open();
    repo.write(join(path, 'mine.txt'), 'x\n');
    repo.commit('Mine', path);
    repo.write('theirs.txt', 'x\n');
    repo.commit('Theirs');
    repo.gitIn(path, 'merge', '-q', '--no-ff', '-m', 'Merge main', 'main');
    const facts = await inspect();
    expect(facts.commits).toBe(2);
    expect(facts.files.map(file => file.path)).toEqual(['mine.txt']);
  });

  test('a branch that has landed already still tells what it brought', async () => {
    const { repo, path, inspect } = await open();
    repo.write(join(path, 'mine.txt'), 'x\n');
    repo.commit('Mine', path);
    repo.git('merge', '-q', '--no-ff', '-m', 'Merge', 'roadmap-001');
    const facts = await inspect();
    expect(facts.commits).toBe(1);
    expect(facts.files.map(file => file.path)).toEqual(['mine.txt']);
  });

  test('untracked, staged and changed files are dirty, ignored ones are not', async () => {
    const { repo, path, inspect } = await open();
    repo.write(join(path, 'a.txt'), 'changed\n');
    repo.write(join(path, 'deep/new.txt'), 'x\n');
    repo.write(join(path, 'debug.log'), 'x\n');
    repo.gitIn(path, 'mv', 'gone.txt', 'renamed.txt');
    expect([...(await inspect()).dirty].sort()).toEqual(['a.txt', 'deep/new.txt', 'gone.txt', 'renamed.txt']);
  });

  test('an operation in progress is named though status shows nothing', async () => {
    const { repo, path, inspect } = await open();
    repo.branch('other', { 'a.txt': 'other\n' });
    repo.gitIn(path, 'merge', '-q', '--no-commit', '--no-ff', '-s', 'ours', 'other');
    expect(repo.gitIn(path, 'status', '--porcelain')).toBe('');
    expect((await inspect()).operation).toBe('merge');
    repo.gitIn(path, 'merge', '--abort');
    repo.gitIn(path, 'bisect', 'start');
    expect((await inspect()).operation).toBe('bisect');
    repo.gitIn(path, 'bisect', 'reset');
    repo.write(join(path, 'a.txt'), 'mine\n');
    repo.commit('Mine', path);
    await repo.tryGit(path, 'rebase', 'other');
    expect((await inspect()).operation).toBe('rebase');
    await repo.tryGit(path, 'rebase', '--abort');
    await repo.tryGit(path, 'cherry-pick', 'other');
    expect((await inspect()).operation).toBe('cherry-pick');
  });

  test('a foreign branch, a detached head, a deleted branch, a vanished worktree', async () => {
    const { repo, path, inspect } = await open();
    repo.gitIn(path, 'switch', '-q', '-c', 'elsewhere');
    expect((await inspect()).checkedOut).toBe('elsewhere');
    repo.gitIn(path, 'switch', '-q', '--detach');
    expect((await inspect()).checkedOut).toBeNull();
    repo.git('branch', '-D', 'roadmap-001');
    expect(await inspect()).toMatchObject({ head: null });
    expect((await inspect()).lastHead).toBeUndefined();
    rmSync(path, { recursive: true });
    expect(await inspect()).toMatchObject({ worktreeExists: false, dirty: [], checkedOut: null });
  });

  test.each([
    ['removed by hand', (_: TestRepository, path: string) => rmSync(path, { recursive: true })],
    [
      'replaced by a file',
      (repo: TestRepository, path: string) => {
        rmSync(path, { recursive: true });
        repo.write(path, 'a file\n');
      },
    ],
    [
      'replaced by another folder',
      (repo: TestRepository, path: string) => {
        rmSync(path, { recursive: true });
        repo.write(join(path, 'other.txt'), 'other\n');
      },
    ],
    [
      'forgotten by git',
      (repo: TestRepository) => rmSync(join(repo.root, '.git/worktrees/shop-wt001'), { recursive: true }),
    ],
    [
      'removed by git',
      (repo: TestRepository, path: string) => void repo.git('worktree', 'remove', '--force', '--force', path),
    ],
  ])('of a worktree that was %s, what is on its branch', async (_, lose) => {
    const { repo, path, inspect } = await open();
    repo.write(join(path, 'a.txt'), 'mine\n');
    const head = repo.commit('Mine', path);
    lose(repo, path);
    expect(await inspect()).toMatchObject({ head, commits: 1, worktreeExists: false, dirty: [] });
  });

  test('of a worktree that was moved, what is in it where it is now', async () => {
    const { repo, path, inspect } = await open();
    repo.git('worktree', 'move', '--force', '--force', path, `${repo.base}/moved`);
    repo.write(`${repo.base}/moved/new.txt`, 'new\n');
    expect(await inspect()).toMatchObject({ worktreeExists: true, dirty: ['new.txt'], checkedOut: 'roadmap-001' });
  });

  test('of a branch that was deleted together with its worktree, where it stood last', async () => {
    const { repo, path, inspect } = await open();
    repo.write(join(path, 'a.txt'), 'mine\n');
    const head = repo.commit('Mine', path);
    rmSync(path, { recursive: true });
    repo.git('update-ref', '-d', 'refs/heads/roadmap-001');
    expect(await inspect()).toMatchObject({ head: null, lastHead: head, worktreeExists: false });
  });

  test('of a branch that was deleted under its worktree, where it stood last', async () => {
    const { repo, path, inspect } = await open();
    repo.write(join(path, 'a.txt'), 'mine\n');
    const head = repo.commit('Mine', path);
    repo.git('update-ref', '-d', 'refs/heads/roadmap-001');
    expect(await inspect()).toMatchObject({ head: null, lastHead: head, checkedOut: 'roadmap-001' });
  });

  test('a branch that has nothing in common with the target is told with the mend, which mends it', async () => {
    const { repo, path, base, inspect } = await open();
    repo.git('update-ref', '-d', 'refs/heads/roadmap-001');
    repo.write(join(path, 'mine.txt'), 'mine\n');
    repo.commit('Mine', path);
    const mend = `git rebase --root --onto ${base} roadmap-001`;
    await expect(inspect()).rejects.toThrow(
      `roadmap-001 no longer has a commit in common with main; "${mend}" in its worktree fixes that.`,
    );
    repo.gitIn(path, ...mend.split(' ').slice(1));
    expect(await inspect()).toMatchObject({ commits: 1, files: [{ path: 'mine.txt', change: 'A' }] });
  });

  test('a worktree whose .git leads elsewhere is never read as ours', async () => {
    const { repo, path, inspect } = await open();
    const unread = { worktreeExists: false, dirty: [], checkedOut: null };
    rmSync(join(path, '.git'));
    expect(await inspect()).toMatchObject(unread);
    writeFileSync(join(path, '.git'), `gitdir: ${join(repo.base, 'evil')}\n`);
    expect(await inspect()).toMatchObject(unread);
    rmSync(join(path, '.git'));
    repo.gitIn(path, 'init', '-q');
    repo.gitIn(path, 'config', 'core.fsmonitor', 'touch "$HOME/ran"');
    expect(await inspect()).toMatchObject(unread);
    expect(existsSync(join(repo.base, 'home/ran'))).toBe(false);
  });

  test.each([
    ['/etc/passwd', 'absolute', true],
    ['../outside', 'top', true],
    ['../../x', 'deep/link', true],
    ['../a.txt', 'deep/link', false],
    ['a.txt', 'top', false],
    ['deep/../../x', 'top', true],
    ['.git/config', 'top', true],
    ['../.git/hooks', 'deep/link', true],
    ['./a.txt', 'top', false],
  ])('a link to %s at %s leaves the repository: %s', async (target, name, leaves) => {
    const { repo, path, inspect } = await open();
    mkdirSync(join(path, 'deep'), { recursive: true });
    symlinkSync(target, join(path, name));
    repo.commit('Link', path);
    expect((await inspect()).escapingLinks).toEqual(leaves ? [name] : []);
  });

  test('links are told apart by their own target even if one name is odd', async () => {
    const { repo, path, inspect } = await open();
    symlinkSync('a.txt', join(path, 'in\nside'));
    symlinkSync('/tmp', join(path, 'out side'));
    symlinkSync('gone.txt', join(path, 'z'));
    repo.commit('Links', path);
    expect((await inspect()).escapingLinks).toEqual(['out side']);
  });
});

describe('diff', () => {
  test('shows the branch alone, with spaces ignored on demand, and runs no program of the repository', async () => {
    const { repo, git, path, base } = await open({
      files: { 'a.txt': 'a\n', 'b.txt': 'b b\n', '.gitattributes': '* diff=evil\n' },
    });
    repo.git('config', 'diff.evil.textconv', 'touch "$HOME/ran"; cat');
    repo.git('config', 'diff.evil.command', 'touch "$HOME/ran"; true');
    repo.git('config', 'diff.external', 'touch "$HOME/ran"; true');
    repo.write(join(path, 'a.txt'), 'changed\n');
    repo.write(join(path, 'b.txt'), 'b  b\n');
    repo.commit('Change', path);
    repo.write('c.txt', 'the target moves on\n');
    repo.commit('Other');
    const request = { branchName: 'roadmap-001', worktreePath: path, base, head: null };
    const text = await git.diff(request);
    expect(text).toContain('-a\n+changed\n');
    expect(text).toContain('b.txt');
    expect(text).not.toContain('c.txt');
    expect(await git.diff({ ...request, ignoreWhitespace: true })).not.toContain('b.txt');
    expect(existsSync(join(repo.base, 'home/ran'))).toBe(false);
  });

  test('of a huge change only the beginning is read', async () => {
    const { repo, git, path, base } = await open();
    repo.write(join(path, 'huge.txt'), 'a long line of a generated file\n'.repeat(1_300_000));
    repo.commit('Huge', path);
    const text = await git.diff({ branchName: 'roadmap-001', worktreePath: path, base, head: null });
    expect(text.length).toBeLessThan(34 * 1024 * 1024);
    expect(text).toMatch(/too long to show\)\n$/);
  });
});

describe('observe', () => {
  test('sees worktrees, branches under the prefix, pins and the target', async () => {
    const { repo, git, path, base } = await open();
    repo.git('branch', 'unrelated');
    repo.git('update-ref', 'refs/cm/head/001', base);
    const seen = await git.observe('main', 'roadmap-');
    expect(seen.branches).toEqual({ main: base, 'roadmap-001': base });
    expect(seen.pins).toEqual({ 'refs/cm/head/001': base });
    expect(seen.targetTip).toBe(base);
    expect(seen.worktrees).toEqual([
      { path: repo.root, branchName: 'main', head: base, lockedReason: null, prunable: false, exists: true },
      { path, branchName: 'roadmap-001', head: base, lockedReason: `cm-tui ${runId}`, prunable: false, exists: true },
    ]);
    rmSync(path, { recursive: true });
    const gone = await git.observe('main', 'roadmap-', [path, repo.root]);
    expect(gone.worktrees?.[1]).toMatchObject({ exists: false });
    expect(gone.missing).toEqual([path]);
    // What is in nobody's list may be gone as well.
    repo.git('worktree', 'remove', '-f', '-f', path);
    const removed = await git.observe('main', 'roadmap-', [path, repo.root]);
    expect(removed.worktrees).toHaveLength(1);
    expect(removed.missing).toEqual([path]);
  });

  test('what cannot be read is null, never empty', async () => {
    const { repo, git } = await open();
    rmSync(join(repo.root, '.git/HEAD'));
    expect(await git.observe('main', 'roadmap-')).toEqual({
      worktrees: null,
      branches: null,
      pins: null,
      targetTip: null,
      missing: [],
    });
  });
});

describe('copyFiles', () => {
  test('copies ignored files with their modes, and refuses everything that could lead out', async () => {
    const { repo, git, path } = await open({
      files: { 'a.txt': 'a\n', '.gitignore': '.env\nsecrets/\n*.local\nout\nlinked/\n' },
    });
    repo.write('.env', 'KEY=1\n');
    repo.write('secrets/one.pem', '1');
    repo.write('secrets/deep/two.pem', '2');
    repo.write('app.local', 'x');
    repo.write('plain.txt', 'untracked, not ignored');
    symlinkSync('/etc/passwd', join(repo.root, 'out'));
    const remarks = await git.copyFiles(path, [
      '.env',
      'secrets',
      '*.local',
      'out',
      'plain.txt',
      'a.txt',
      '/etc/hosts',
      '../x',
      'none.local',
    ]);
    expect(remarks).toEqual([
      'out is not copied: it is a link that leads out of the repository.',
      'plain.txt is not copied: there is no ignored file of that name.',
      'a.txt is not copied: there is no ignored file of that name.',
      '/etc/hosts is not copied: write it relative to the repository, without "..".',
      '../x is not copied: write it relative to the repository, without "..".',
      'none.local is not copied: there is no ignored file of that name.',
    ]);
    expect(repo.read(join(path, '.env'))).toBe('KEY=1\n');
    expect(repo.read(join(path, 'secrets/deep/two.pem'))).toBe('2');
    expect(repo.read(join(path, 'app.local'))).toBe('x');
    expect(repo.gitIn(path, 'status', '--porcelain')).toBe('');
    expect(await git.copyFiles(path, ['.env'])).toEqual(['.env is not copied: the worktree has a file of that name.']);
  });

  test('a folder of the worktree that is a link out of it is not written through', async () => {
    const { repo, git, path } = await open({ files: { 'a.txt': 'a\n', '.gitignore': 'conf/\n' } });
    repo.write('conf/key', '1');
    mkdirSync(join(repo.base, 'victim'));
    symlinkSync(join(repo.base, 'victim'), join(path, 'conf'));
    expect(await git.copyFiles(path, ['conf'])).toEqual([
      'conf/key is not copied: its folder in the worktree is a link that leads out.',
    ]);
    expect(existsSync(join(repo.base, 'victim/key'))).toBe(false);
  });
});
