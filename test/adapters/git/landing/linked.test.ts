import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createGit, type GitAdapter } from '../../../../source/adapters/git/index.ts';
import { type LandAlone, landAlone } from '../../../helpers/git/land-alone.ts';
import { preparation } from '../../../helpers/git/preparation.ts';
import { createRepository, type TestRepository } from '../../../helpers/git/repository.ts';
import { isLong } from '../../../helpers/tiers.ts';

/** The target is checked out in a linked worktree, which follows a landing with the same care as the main one. */

const opened: TestRepository[] = [];
let alone: LandAlone;
beforeAll(async () => {
  alone = await landAlone();
});
afterEach(() => {
  for (const repo of opened.splice(0)) repo.cleanup();
});

const files = { 'a.txt': 'old a\n', 'gone.txt': 'x\n', 'mine.txt': 'm\n', 'folder/one.txt': '1\n' };
const work = {
  'a.txt': 'new a, longer\n',
  'gone.txt': null,
  'dir/new.txt': 'new\n',
  'folder/one.txt': null,
  folder: 'f\n',
};

interface Stage {
  readonly repo: TestRepository;
  /** The worktree that has the target checked out. */
  readonly tree: string;
  readonly request: { runId: string; slug: string; target: string; base: string; candidate: string };
  open(): Promise<GitAdapter>;
}

/** A candidate for `main`; the main worktree (or the bare repository's HEAD) is on another branch, and `tree` has `main` checked out. */
async function stage({ bare = false, add = true }: { bare?: boolean; add?: boolean } = {}): Promise<Stage> {
  const source = createRepository({ files });
  opened.push(source);
  const repo = bare ? bareOf(source) : source;
  const head = repo.branch('roadmap-043', work, 'main');
  if (!bare) repo.git('switch', '-q', '-c', 'elsewhere');
  const tree = join(repo.base, 'linked');
  if (add) repo.git('worktree', 'add', '-q', tree, 'main');
  const open = () => createGit({ root: repo.root, runtimeDir: null, environment: repo.env });
  const prepared = await (await open()).prepare({ ...preparation, head });
  if (prepared.outcome !== 'prepared') throw new Error(JSON.stringify(prepared));
  const { base, candidate } = prepared;
  return { repo, tree, request: { runId: preparation.runId, slug: '043', target: 'main', base, candidate }, open };
}

/** The same repository without a work tree, with its worktrees as siblings. */
function bareOf(source: TestRepository): TestRepository {
  const root = join(source.base, 'project', '.bare');
  mkdirSync(join(source.base, 'project'));
  source.gitIn(source.base, 'clone', '-q', '--bare', source.root, root);
  return { ...source, root, git: (...args) => source.gitIn(root, ...args), branch: branchIn(source, root) };
}

function branchIn(source: TestRepository, root: string): TestRepository['branch'] {
  return (name, changed, from) => {
    const oid = source.branch(name, changed, from);
    source.gitIn(root, 'fetch', '-q', source.root, `${name}:${name}`);
    return oid;
  };
}

const status = ({ repo, tree }: Stage) => repo.gitIn(tree, 'status', '--porcelain');

describe('a landing on a branch that a linked worktree has checked out', () => {
  test.each([
    ['ordinary repository', false],
    ['bare repository', true],
  ])('%s: updates files and index there, and keeps uncommitted edits', async (_, bare) => {
    const at = await stage({ bare });
    writeFileSync(join(at.tree, 'mine.txt'), 'the user works here\n');
    const git = await at.open();
    expect(await git.land(at.request)).toEqual({ outcome: 'landed' });
    expect(at.repo.gitIn(at.tree, 'rev-parse', 'HEAD')).toBe(at.request.candidate);
    expect(status(at)).toBe(' M mine.txt');
    expect(at.repo.read(join(at.tree, 'dir/new.txt'))).toBe('new\n');
    expect(existsSync(join(at.tree, 'gone.txt'))).toBe(false);
    // A copy of what was not committed, made from the index of that worktree; no history shows it, and git gc keeps it.
    at.repo.git('gc', '-q', '--prune=now');
    expect(at.repo.git('log', '--all', '--format=%s')).not.toContain('before a landing');
    const [backup = ''] = at.repo.git('for-each-ref', '--format=%(objectname)', 'refs/cm/backup').split('\n');
    expect(at.repo.git('show', `${backup}:mine.txt`)).toBe('the user works here');
    expect(at.repo.git('show', `${backup}:gone.txt`)).toBe('x');

    expect(
      await git.undoLanding({
        slug: '043',
        target: 'main',
        landed: at.request.candidate,
        base: at.request.base,
        branches: [],
      }),
    ).toEqual({ outcome: 'moved' });
    expect(status(at)).toBe(' M mine.txt');
    expect(at.repo.read(join(at.tree, 'gone.txt'))).toBe('x\n');
  });

  test('is refused while a file there is in the way, and the sentence names it', async () => {
    const at = await stage();
    writeFileSync(join(at.tree, 'a.txt'), 'edited\n');
    const git = await at.open();
    expect(await git.land(at.request)).toMatchObject({
      outcome: 'blocked',
      message: expect.stringContaining(`a.txt in ${at.tree} has uncommitted changes`),
    });
    at.repo.gitIn(at.tree, 'checkout', 'a.txt');
    mkdirSync(join(at.tree, 'dir'));
    writeFileSync(join(at.tree, 'dir/new.txt'), 'untracked\n');
    expect(await git.land(at.request)).toMatchObject({ outcome: 'blocked', paths: ['dir/new.txt'] });
    expect(at.repo.read(join(at.tree, 'dir/new.txt'))).toBe('untracked\n');
    expect(at.repo.git('rev-parse', 'main')).toBe(at.request.base);
  });

  const cuts = ['git.land.aside:kill:2', 'git.land.placed:kill:2', 'git.land.tree:kill', 'git.land.moved:kill'];
  test.each(isLong ? cuts : cuts.slice(1, 3))('that is killed (%s) is completed by the next one', async cut => {
    const at = await stage();
    writeFileSync(join(at.tree, 'mine.txt'), 'the user works here\n');
    expect(alone.land(at.repo, at.request, { env: { CM_FAILPOINT: cut } }).signal).toBe('SIGKILL');
    const git = await at.open();
    expect(await git.recoverLanding()).toMatchObject({ outcome: 'recovered' });
    expect(await git.recoverLanding()).toEqual({ outcome: 'nothing' });
    expect(status(at)).toBe(' M mine.txt');
    expect(await git.land(at.request)).toEqual({ outcome: 'landed' });
    expect(status(at)).toBe(' M mine.txt');
  });

  test('that was killed in a worktree which was removed since holds nothing up', async () => {
    const at = await stage();
    expect(alone.land(at.repo, at.request, { env: { CM_FAILPOINT: 'git.land.placed:kill:2' } }).signal).toBe('SIGKILL');
    at.repo.git('worktree', 'remove', '--force', at.tree);
    expect(await (await at.open()).land(at.request)).toEqual({ outcome: 'landed' });
    expect(at.repo.git('rev-parse', 'main')).toBe(at.request.candidate);
  });
});

describe('a branch that cannot be moved', () => {
  const blockedWith = (text: string) => ({ outcome: 'blocked', message: expect.stringContaining(text) });

  test('is checked out twice', async () => {
    const at = await stage();
    at.repo.git('switch', '-q', '--ignore-other-worktrees', 'main');
    expect(await (await at.open()).land(at.request)).toMatchObject(
      blockedWith(`is checked out in ${at.repo.root} and in ${at.tree}`),
    );
    expect(status(at)).toBe('');
  });

  test('is in the middle of a merge, a rebase or a bisect there', async () => {
    const at = await stage();
    const git = await at.open();
    at.repo.branch('theirs', { 'a.txt': 'theirs\n' }, 'main');
    writeFileSync(join(at.tree, 'a.txt'), 'ours\n');
    at.repo.gitIn(at.tree, 'commit', '-qam', 'ours');
    at.repo.gitIn(at.tree, 'merge', '-q', '--no-commit', '--no-ff', '-s', 'ours', 'theirs');
    const tip = at.repo.git('rev-parse', 'main');
    const next = { ...at.request, base: tip, candidate: at.repo.branch('more', { 'b.txt': 'b\n' }, 'main') };
    expect(await git.land(next)).toMatchObject(blockedWith(`A merge is in progress in ${at.tree}`));
    at.repo.gitIn(at.tree, 'merge', '--abort');
    at.repo.gitIn(at.tree, 'bisect', 'start');
    at.repo.gitIn(at.tree, 'checkout', '-q', '--detach');
    expect(await git.land(next)).toMatchObject(blockedWith('a bisect of it is in progress'));
    at.repo.gitIn(at.tree, 'bisect', 'reset');
    await at.repo.tryGit(at.tree, 'rebase', 'theirs');
    expect(await git.land(next)).toMatchObject(blockedWith('a rebase of it is in progress'));
    at.repo.gitIn(at.tree, 'rebase', '--abort');
    expect(await git.land(next)).toEqual({ outcome: 'landed' });
  });

  test('is checked out in the worktree of a run', async () => {
    const at = await stage();
    at.repo.git('worktree', 'lock', '--reason', `cm-tui ${preparation.runId}`, at.tree);
    expect(await (await at.open()).land(at.request)).toMatchObject(blockedWith('in the worktree of a run'));
  });

  test('is checked out in a locked worktree that is missing; one that is only gone holds nothing', async () => {
    const at = await stage();
    at.repo.git('worktree', 'lock', '--reason', 'on the stick', at.tree);
    rmSync(at.tree, { recursive: true });
    const git = await at.open();
    expect(await git.land(at.request)).toMatchObject(blockedWith('which is missing here (locked: on the stick)'));
    at.repo.git('worktree', 'unlock', at.tree);
    expect(await git.land(at.request)).toEqual({ outcome: 'landed' });
  });
});

test('where nobody has the branch checked out, or a linked worktree is detached at it, only the branch moves', async () => {
  const at = await stage({ add: false });
  at.repo.git('worktree', 'add', '-q', '--detach', at.tree, 'main');
  expect(await (await at.open()).land(at.request)).toEqual({ outcome: 'landed' });
  expect(at.repo.gitIn(at.tree, 'rev-parse', 'HEAD')).toBe(at.request.base);
  expect(status(at)).toBe('');
});

describe('started in a linked worktree', () => {
  test('the target is its branch, and ignored files are copied from there', async () => {
    for (const bare of [false, true]) {
      const at = await stage({ bare });
      const git = await createGit({ root: at.tree, runtimeDir: null, environment: at.repo.env, target: null });
      expect(await git.resolveTarget(null)).toBe('main');
      expect(await git.facts()).toMatchObject({ currentBranch: 'main', problems: [], name: bare ? 'project' : 'shop' });
      at.repo.gitIn(at.tree, 'checkout', '-q', '--detach');
      expect(await git.resolveTarget(null)).toBeNull();
      expect((await git.facts()).problems).toEqual([expect.stringContaining('HEAD is detached')]);
    }
  });

  test('of a run, the target stays the branch of the main one', async () => {
    const at = await stage();
    at.repo.git('worktree', 'lock', '--reason', `cm-tui ${preparation.runId}`, at.tree);
    const git = await createGit({ root: at.tree, runtimeDir: null, environment: at.repo.env });
    expect(await git.resolveTarget(null)).toBe('elsewhere');
  });
});
