import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createGit, type GitAdapter } from '../../../../source/adapters/git/index.ts';
import { createRepository, type TestRepository } from '../../../helpers/git/repository.ts';
import { sampleOf } from '../../../helpers/tiers.ts';

let repo: TestRepository;
let git: GitAdapter;
let one: string;
let two: string;
let tree: string;

const test = '#!/bin/sh\ntest ! -e red\n';

beforeAll(async () => {
  repo = createRepository({
    files: { 'test.sh': test, 'lib/a.txt': 'a\n', 'crlf.txt': 'a\r\n', '.gitignore': '*.log\n' },
  });
  repo.git('update-index', '--chmod=+x', 'test.sh');
  chmodSync(join(repo.root, 'test.sh'), 0o755);
  // A file that is stored with line ends that its attributes would not give it: git finds it changed from the first moment.
  repo.write('.gitattributes', 'crlf.txt text eol=lf\n');
  one = repo.commit('One');
  two = repo.branch('two', { red: 'red\n' });
  git = await createGit({
    root: repo.root,
    runtimeDir: null,
    environment: { ...repo.env, XDG_STATE_HOME: join(repo.base, 'state') },
  });
  tree = await git.checkoutCandidate(one, []);
});

afterAll(() => repo.cleanup());

const at = (path: string) => join(tree, path);
const inTree = (...args: string[]) => repo.gitIn(tree, ...args);

/** What checks can leave behind so that the next ones see other files than they were to see. */
const poisons: Record<string, () => void> = {
  'a file that its index takes for unchanged (skip-worktree)': () => {
    inTree('update-index', '--skip-worktree', 'test.sh');
    repo.write(at('test.sh'), 'exit 0\n');
  },
  'a file that its index takes for unchanged (assume-unchanged)': () => {
    inTree('update-index', '--assume-unchanged', 'test.sh');
    repo.write(at('test.sh'), 'exit 0\n');
  },
  'a file of the same size and time': () => {
    const { atime, mtime } = statSync(at('test.sh'));
    inTree('config', 'core.trustctime', 'false');
    repo.write(at('test.sh'), '#!/bin/sh\ntrue\ntrue\ntrue\n'.slice(0, test.length).padEnd(test.length, '\n'));
    utimesSync(at('test.sh'), atime, mtime);
  },
  'a mode that git is told not to look at': () => {
    repo.git('config', 'core.fileMode', 'false');
    chmodSync(at('test.sh'), 0o644);
  },
  'line ends that come to the same when they are stored': () => {
    repo.git('config', 'core.autocrlf', 'input');
    repo.write(at('lib/a.txt'), 'a\r\n');
  },
  'a sparse set of its own': () => inTree('sparse-checkout', 'set', '--no-cone', '/lib/'),
  'a sparse set in the settings that all share': () => {
    repo.git('config', 'core.sparseCheckout', 'true');
    repo.write('.git/info/sparse-checkout', '/lib/\n');
    const gitDir = inTree('rev-parse', '--absolute-git-dir');
    repo.write(join(gitDir, 'info/sparse-checkout'), '/lib/\n');
  },
  'a monitor that says that nothing changed': () => {
    inTree('config', 'core.fsmonitor', 'true');
    repo.write(at('test.sh'), 'exit 0\n');
  },
  'files that are ignored, and rules that ignore them': () => {
    repo.write('.git/info/exclude', '*\n');
    repo.write(at('lib/hidden/evil.sh'), 'exit 0\n');
    repo.write(at('more.log'), 'x');
    mkdirSync(at('nested'));
    repo.gitIn(at('nested'), 'init', '-q');
  },
  'a link in the place of a folder': () => {
    rmSync(at('lib'), { recursive: true });
    mkdirSync(join(repo.base, 'evil'), { recursive: true });
    repo.write(join(repo.base, 'evil/a.txt'), 'evil\n');
    symlinkSync(join(repo.base, 'evil'), at('lib'));
  },
  'an index that is locked': () => repo.write(join(inTree('rev-parse', '--absolute-git-dir'), 'index.lock'), ''),
  'another work tree in its settings': () => {
    repo.git('config', 'extensions.worktreeConfig', 'true');
    inTree('config', '--worktree', 'core.worktree', repo.root);
  },
};

const files = () => repo.git('ls-tree', '-r', '--name-only', two).split('\n');

/** What makes the files others than those that were to be checked while git may say that nothing has changed. */
const cheats = ['skip-worktree', 'assume-unchanged', 'same size', 'mode that git', 'monitor', 'link in the place'];
/** Each of these is one more way to do what another one does. */
const variants = ['skip-worktree', 'settings that all share'];
const cases = Object.entries(poisons).map(
  ([name, poison]) => [name, cheats.some(part => name.includes(part)), poison] as const,
);

describe('the tree that checks run in', () => {
  it.each(sampleOf(cases, ([name]) => !variants.some(part => name.includes(part))))(
    'is made anew after checks that left %s (not what was to be checked: %s)',
    async (_, cheat, poison) => {
      await git.checkoutCandidate(one, []);
      if (cheat) expect(await git.candidateIntact(one)).toBe(true);
      poison();
      if (cheat) expect(await git.candidateIntact(one)).toBe(false);
      expect(await git.checkoutCandidate(two, [])).toBe(tree);
      expect(await git.candidateIntact(two)).toBe(true);
      for (const file of files()) {
        const stored = Buffer.from(repo.gitIn(repo.root, 'cat-file', 'blob', `${two}:${file}`));
        if (file !== 'crlf.txt') expect(readFileSync(at(file)).toString().trimEnd(), file).toBe(stored.toString());
      }
      expect(lstatSync(at('test.sh')).mode & 0o100).toBe(0o100);
      expect(existsSync(at('lib/hidden')) || existsSync(at('more.log')) || existsSync(at('nested'))).toBe(false);
      expect(lstatSync(at('lib')).isSymbolicLink()).toBe(false);
    },
  );

  it('keeps what the settings say, beside files whose times stay where they are the same', async () => {
    await git.checkoutCandidate(one, ['cache', 'lib/*.bin']);
    for (const path of ['cache/one', 'lib/a.bin', 'lib/other', 'rest']) repo.write(at(path), path);
    repo.gitIn(at('cache'), 'init', '-q', 'nested');
    utimesSync(at('lib/a.txt'), 1000, 1000);
    await git.checkoutCandidate(two, ['cache', 'lib/*.bin']);
    expect(['cache/one', 'cache/nested/.git', 'lib/a.bin'].filter(path => !existsSync(at(path)))).toEqual([]);
    expect(['lib/other', 'rest'].filter(path => existsSync(at(path)))).toEqual([]);
    expect(statSync(at('lib/a.txt')).mtimeMs).toBe(1_000_000);
    expect(await git.candidateIntact(two)).toBe(true);
  });

  it('is refused where an object does not hold what its name says', async () => {
    const oid = repo.git('rev-parse', `${one}:lib/a.txt`);
    const file = join(repo.root, '.git/objects', oid.slice(0, 2), oid.slice(2));
    const was = readFileSync(file);
    rmSync(file);
    writeFileSync(file, deflateSync(Buffer.from('blob 2\0b\n')));
    await expect(git.checkoutCandidate(one, [])).rejects.toThrow(/run git fsck/);
    rmSync(file);
    writeFileSync(file, was);
    await git.checkoutCandidate(one, []);
  });
});
