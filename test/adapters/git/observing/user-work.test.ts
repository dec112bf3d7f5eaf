import { execFileSync } from 'node:child_process';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { createGit, type GitAdapter } from '../../../../source/adapters/git/index.ts';
import { isLoss, type UserChange } from '../../../../source/domain/user-work/changes.ts';
import type { RunNames, StashEntry, UserWork } from '../../../../source/domain/user-work/look.ts';
import { describeUserChange } from '../../../../source/domain/user-work/words.ts';
import type { SavedTrees } from '../../../../source/ports/outside.ts';
import { createRepository, type TestRepository } from '../../../helpers/git/repository.ts';

const runId = 'abcdefgh12345678';
const opened: TestRepository[] = [];

afterEach(() => {
  for (const repo of opened.splice(0)) repo.cleanup();
});

/** A repository of a user who has all sorts of refs, beside a run in its worktree. */
interface Place {
  readonly repo: TestRepository;
  readonly git: GitAdapter;
  /** The run's worktree. */
  readonly path: string;
  readonly base: string;
  /** In the user's checkout, or as the agent in its worktree. */
  user(...args: string[]): string;
  agent(...args: string[]): string;
  changes(
    dirty?: Readonly<Record<string, readonly string[]>>,
    seen?: readonly StashEntry[],
    saved?: SavedTrees,
  ): Promise<readonly UserChange[]>;
  readonly before: UserWork;
}

async function open(prepare: (repo: TestRepository) => void = () => undefined, bare = false): Promise<Place> {
  const repo = createRepository({ files: { 'a.txt': 'a\n', 'b.txt': 'b\n' }, bare });
  opened.push(repo);
  if (bare) {
    const first = execFileSync('git', ['commit-tree', '-m', 'Begin', '4b825dc642cb6eb9a060e54bf8d69288fbee4904'], {
      cwd: repo.root,
      env: repo.env,
      input: '',
      encoding: 'utf8',
    });
    repo.git('update-ref', 'refs/heads/main', first.trim());
  }
  prepare(repo);
  const git = await createGit({ root: repo.root, runtimeDir: null, environment: repo.env });
  const path = `${repo.root}-wt001`;
  const before = await git.writeDownWork(runId);
  const made = await git.createWorktree({ runId, slug: '001', branchName: 'roadmap-001', target: 'main', path });
  if (made.outcome !== 'created') throw new Error(JSON.stringify(made));
  const { base } = made;
  const names: RunNames = {
    branches: new Set(['roadmap-001', 'roadmap-002']),
    targets: new Set(['main']),
    worktrees: new Set([path]),
  };
  return {
    repo,
    git,
    path,
    base,
    before,
    user: (...args) => repo.git(...args),
    agent: (...args) => repo.gitIn(path, ...args),
    changes: (dirty = {}, seen = [], saved = {}) =>
      git.workChanges(before, { branchName: 'roadmap-001', target: 'main', base, dirty, saved, seen }, names),
  };
}

/** The command that a sentence names, typed into a shell in the repository. */
function restore({ repo }: Place, change: UserChange): void {
  const command = /\(to restore: (.*)\)$/s.exec(describeUserChange(change))?.[1];
  if (command === undefined) throw new Error(`no command in: ${describeUserChange(change)}`);
  execFileSync('sh', ['-c', command], { cwd: repo.root, env: repo.env, stdio: 'pipe' });
}

/** Everything is as before once each loss was restored by its own command, in the order in which they are told. */
async function comesBack(place: Place, changes: readonly UserChange[]): Promise<void> {
  const losses = changes.filter(isLoss);
  expect(losses.length).toBeGreaterThan(0);
  for (const change of losses) restore(place, change);
  expect((await place.changes()).filter(isLoss)).toEqual([]);
}

const lossesOf = async (place: Place) => (await place.changes()).filter(isLoss).map(describeUserChange);

function stashed(repo: TestRepository, text: string, message: string): string {
  repo.write('a.txt', text);
  repo.git('stash', 'push', '-q', '-m', message);
  return repo.git('rev-parse', 'stash@{0}');
}

function commitOn(repo: TestRepository, branch: string): string {
  return repo.branch(branch, { [`${branch}.txt`]: `${branch}\n` }, 'main');
}

describe('an entry of the stash', () => {
  test('that was popped into the worktree of the run is lost, found on its branch, kept and brought back', async () => {
    const place = await open(repo => stashed(repo, 'private\n', "it's mine"));
    const { agent, repo, path } = place;
    agent('stash', 'pop', '-q');
    repo.commit('Finish', path);
    const [change] = await place.changes();
    expect(change).toMatchObject({ what: 'stash-lost', message: "On main: it's mine", foundIn: ['a.txt'] });
    repo.git('gc', '-q', '--prune=now');
    await comesBack(place, await place.changes());
    expect(repo.git('stash', 'list')).toContain("On main: it's mine");
  });

  test('that was dropped from the middle, or cleared with all others, is lost by name', async () => {
    const place = await open(repo => {
      for (const one of ['first', 'second', 'third']) stashed(repo, `${one}\n`, one);
    });
    place.agent('stash', 'drop', '-q', 'stash@{1}');
    expect(await lossesOf(place)).toEqual([expect.stringContaining('the stash entry "On main: second" is gone')]);
    place.agent('stash', 'clear');
    place.repo.git('reflog', 'expire', '--expire=now', '--all');
    place.repo.git('gc', '-q', '--prune=now');
    expect(await lossesOf(place)).toHaveLength(3);
    await comesBack(place, await place.changes());
  });

  test('is recognised by a new file that it held, under another name too', async () => {
    const place = await open(repo => {
      repo.write('new.txt', 'not committed yet\n');
      repo.git('stash', 'push', '-q', '-u');
    });
    place.agent('stash', 'pop', '-q');
    place.agent('add', '-A');
    place.agent('mv', 'new.txt', 'moved.txt');
    place.repo.commit('Finish', place.path);
    expect(await place.changes()).toMatchObject([{ what: 'stash-lost', foundIn: ['moved.txt'] }]);
  });

  test('is told with the files that the branch changes too, where its content is not found as it was', async () => {
    const place = await open(repo => stashed(repo, 'private\n', 'mine'));
    place.agent('stash', 'pop', '-q');
    place.repo.write(join(place.path, 'a.txt'), 'private, and more\n');
    place.repo.commit('Finish', place.path);
    expect(await place.changes()).toMatchObject([{ foundIn: [], alsoIn: ['a.txt'], appliedIn: null }]);
  });

  test.each([
    ['is uncommitted there', (_: Place) => undefined],
    ['was edited further', ({ repo }: Place) => repo.write('a.txt', 'private, and more\n')],
    ['was committed there', ({ repo }: Place) => void repo.commit('Mine')],
  ])('that was popped in a checkout of the user is no loss: it %s', async (_, then) => {
    const place = await open(repo => stashed(repo, 'private\n', 'mine'));
    place.user('stash', 'pop', '-q');
    then(place);
    const changes = await place.changes({ [place.repo.root]: [] });
    expect(changes.filter(isLoss)).toEqual([]);
    expect(changes.map(describeUserChange)).toContainEqual(
      `the stash entry "On main: mine" was applied in ${place.repo.root}`,
    );
  });

  test('is lost all the same where the user happens to edit the same file', async () => {
    const place = await open(repo => {
      stashed(repo, 'private\n', 'mine');
      repo.write('a.txt', 'something else\n');
    });
    place.agent('stash', 'drop', '-q');
    expect((await place.changes({ [place.repo.root]: ['a.txt'] })).filter(isLoss)).toHaveLength(1);
  });

  test('that is new is told, and nothing more', async () => {
    const place = await open();
    stashed(place.repo, 'later\n', 'for later');
    const changes = await place.changes();
    expect(changes.map(describeUserChange)).toEqual(['the stash has a new entry "On main: for later"']);
    expect(changes.filter(isLoss)).toEqual([]);
  });
});

describe('an entry that comes and goes while runs are at work', () => {
  /** What the watch tells, until as many entries were seen; the test's own time limit ends it. */
  async function seenBy(place: Place, count: number, act: () => void): Promise<readonly StashEntry[]> {
    const seen = new Map<string, StashEntry>();
    let tell: () => void = () => undefined;
    const stop = place.git.watchStash(stash => {
      for (const entry of stash) seen.set(entry.oid, entry);
      if (seen.size >= count) tell();
    });
    const all = new Promise<void>(resolve => {
      tell = resolve;
    });
    act();
    await all;
    stop();
    return [...seen.values()];
  }

  test('is seen, and held against the branch that has its content, not against the run that made it', async () => {
    const place = await open();
    const other = `${place.repo.root}-wt002`;
    const names = { runId: 'bcdefghi12345678', slug: '002', branchName: 'roadmap-002', target: 'main' };
    await place.git.createWorktree({ ...names, path: other });
    const seen = await seenBy(place, 2, () => {
      place.repo.write(join(place.path, 'a.txt'), 'of one\n');
      place.agent('stash', '-q');
      place.repo.write(join(other, 'b.txt'), 'of two\n');
      place.repo.gitIn(other, 'stash', '-q');
    });
    await place.git.keepEntries(runId, seen);
    expect(place.repo.git('for-each-ref', '--format=%(objectname)', 'refs/cm/user').split('\n')).toEqual(
      expect.arrayContaining(seen.map(({ oid }) => oid)),
    );
    // The newest is that of the other run.
    place.agent('stash', 'pop', '-q');
    place.repo.commit('Mixed', place.path);
    const gone = async () => (await place.changes({}, seen)).filter(({ what }) => what === 'stash-lost');
    expect(await gone()).toMatchObject([{ ofRun: true, foundIn: ['b.txt'] }]);
    place.repo.gitIn(other, 'stash', 'pop', '-q');
    place.agent('reset', '-q', '--hard', place.base);
    expect(await gone()).toEqual([]);
  });

  test('is lost where the user made it and it was taken', async () => {
    const place = await open();
    const seen = await seenBy(place, 1, () => void stashed(place.repo, 'later\n', 'for later'));
    place.agent('stash', 'drop', '-q');
    const changes = await place.changes({}, seen);
    expect(changes.filter(isLoss)).toHaveLength(1);
    await comesBack(place, changes);
  });
});

describe('refs of the user', () => {
  test.each([
    ['a branch that nothing else holds', 'the branch feature was deleted', ['branch', '-D', 'feature']],
    ['a tag', 'the tag v1 was deleted', ['tag', '-d', 'v1']],
    ['an annotated tag', 'the tag v2 was deleted', ['tag', '-d', 'v2']],
    ['notes', 'refs/notes/commits was deleted', ['update-ref', '-d', 'refs/notes/commits']],
    ['a ref of their own', 'refs/mine/kept was deleted', ['update-ref', '-d', 'refs/mine/kept']],
  ])('%s: deleted is a loss that comes back', async (_, told, args) => {
    const place = await everything();
    place.agent(...args);
    expect(await lossesOf(place)).toEqual([expect.stringContaining(told)]);
    place.repo.git('gc', '-q', '--prune=now');
    await comesBack(place, await place.changes());
  });

  test.each([
    ['branch moved back', 'the branch feature was rewound', ['branch', '-f', 'feature', 'feature~1']],
    ['branch put elsewhere', 'which does not contain its commits', ['branch', '-f', 'feature', 'other']],
    ['tag moved', 'the tag v1 ', ['tag', '-f', 'v1', 'other']],
    ['branch put onto the work of the run', 'a commit of the run that nobody landed', ['branch', '-f', 'old', 'HEAD']],
  ])('%s is a loss that comes back', async (_, told, args) => {
    const place = await everything();
    place.repo.write(join(place.path, 'work.txt'), 'work\n');
    place.repo.commit('Work', place.path);
    place.agent(...args);
    expect(await lossesOf(place)).toEqual([expect.stringContaining(told)]);
    await comesBack(place, await place.changes());
  });

  test('names with blanks and quotes of a shell in them come back as they were', async () => {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: of the shell
    const name = "it's;$(touch${IFS}x)";
    const place = await open(repo => {
      commitOn(repo, 'topic');
      repo.git('branch', '-m', 'topic', name);
    });
    place.agent('branch', '-D', name);
    await comesBack(place, await place.changes());
    expect(place.repo.git('rev-parse', '--verify', `refs/heads/${name}`)).toBe(place.before.refs[`refs/heads/${name}`]);
    expect(existsSync(join(place.repo.root, 'x'))).toBe(false);
  });

  test('what people do all day is told and is no loss', async () => {
    const place = await everything();
    const { user, repo } = place;
    user('switch', '-qc', 'fresh');
    repo.write('a.txt', 'one\n');
    repo.commit('One');
    user('switch', '-q', 'feature');
    repo.write('a.txt', 'two\n');
    user('commit', '-q', '-a', '--amend', '-m', 'Amended');
    user('switch', '-q', 'other');
    user('rebase', '-q', 'feature');
    user('branch', '-q', '-d', 'old');
    user('tag', 'v3');
    user('switch', '-q', 'main');
    repo.write('a.txt', 'three\n');
    repo.commit('On the target');
    const changes = await place.changes();
    expect(changes.filter(isLoss).map(describeUserChange)).toEqual([]);
    const told = changes.map(describeUserChange).join('\n');
    for (const part of ['fresh was created', 'feature was rewritten', 'other was rewritten', 'old was deleted']) {
      expect(told).toContain(part);
    }
    expect(told).not.toContain('main');
  });

  test('what was reset away in a checkout of the user is a loss only where nothing else holds it', async () => {
    const place = await everything();
    place.user('switch', '-q', 'feature');
    place.user('branch', 'safe');
    place.user('reset', '-q', '--hard', 'HEAD~1');
    expect(await lossesOf(place)).toEqual([]);
    place.user('branch', '-q', '-D', 'safe');
    place.user('update-ref', '-d', 'refs/mine/kept');
    place.user('tag', '-d', 'v1');
    expect(await lossesOf(place)).toContainEqual(expect.stringContaining('the branch feature was rewound'));
    await comesBack(place, await place.changes());
  });

  test('are pinned while a run is at work, and let go after it; what was lost stays', async () => {
    const place = await everything();
    const pins = () => place.repo.git('for-each-ref', '--format=%(objectname)', 'refs/cm/user').split('\n').sort();
    const objects = new Set(Object.values(place.before.refs).filter(to => !to.startsWith('ref: ')));
    expect(pins()).toEqual([...objects].sort());
    // A second run, which begins meanwhile, needs the same.
    await place.git.writeDownWork('bcdefghi12345678');
    await place.git.releaseWork(new Set(['bcdefghi12345678']));
    expect(pins()).toEqual([...objects].sort());
    place.agent('branch', '-D', 'feature');
    const oid = place.before.refs['refs/heads/feature'] ?? '';
    await place.changes();
    await place.git.releaseWork(new Set());
    expect(place.repo.git('for-each-ref', 'refs/cm/user')).toBe('');
    expect(place.repo.git('for-each-ref', '--format=%(objectname)', 'refs/cm/lost')).toBe(oid);
    expect(await place.git.expirePins(Date.now() + 1000, 'main')).toBe(1);
    expect(place.repo.git('for-each-ref', 'refs/cm/lost')).toBe('');
  });

  test('kept by an earlier coordinator for a run that is still at work stay pinned', async () => {
    const place = await everything();
    place.git.keepOutside(runId, { work: place.before, outside: null });
    const next = await createGit({ root: place.repo.root, runtimeDir: null, environment: place.repo.env });
    await next.releaseWork(new Set([runId]));
    expect(place.repo.git('for-each-ref', 'refs/cm/user')).not.toBe('');
    expect(next.keptOutside(runId)).toEqual({ work: place.before, outside: null });
    next.keepOutside(runId, null);
    await next.releaseWork(new Set());
    expect(place.repo.git('for-each-ref', 'refs/cm/user')).toBe('');
  });

  test('one that names nothing that is there does not keep the others from being pinned', async () => {
    const repo = createRepository({});
    opened.push(repo);
    commitOn(repo, 'feature');
    repo.write('.git/refs/heads/broken', `${'1'.repeat(40)}\n`);
    const git = await createGit({ root: repo.root, runtimeDir: null, environment: repo.env });
    await git.writeDownWork(runId);
    const pinned = repo.git('for-each-ref', '--format=%(objectname)', 'refs/cm/user');
    expect(pinned).toContain(repo.git('rev-parse', 'feature'));
  });
});

async function everything(): Promise<Place> {
  return open(repo => {
    const feature = commitOn(repo, 'feature');
    repo.git('update-ref', 'refs/heads/feature', repo.branch('more', { 'more.txt': 'more\n' }, feature));
    repo.git('branch', '-D', 'more');
    commitOn(repo, 'other');
    repo.git('branch', 'old', 'main');
    repo.git('tag', 'v1', 'feature');
    repo.git('tag', '-a', '-m', 'Two', 'v2', 'main');
    repo.git('notes', 'add', '-m', 'A note', 'main');
    repo.git('update-ref', 'refs/mine/kept', repo.branch('kept', { 'kept.txt': 'kept\n' }, 'main'));
    repo.git('branch', '-D', 'kept');
    repo.git('tag', '-d', 'v1');
    repo.git('tag', 'v1', commitOn(repo, 'tagged'));
    repo.git('branch', '-D', 'tagged');
  });
}

describe('worktrees of the user', () => {
  const withTree = () =>
    open(repo => {
      repo.git('worktree', 'add', '-q', '-b', 'wip', `${repo.base}/mine`);
      repo.write(`${repo.base}/mine/new.txt`, 'new\n');
    });

  test.each([
    ['by git', ({ agent, repo }: Place) => void agent('worktree', 'remove', '--force', `${repo.base}/mine`)],
    ['by hand', ({ repo }: Place) => rmSync(`${repo.base}/mine`, { recursive: true })],
    [
      'with its branch',
      ({ agent, repo }: Place) => {
        agent('worktree', 'remove', '--force', `${repo.base}/mine`);
        agent('branch', '-D', 'wip');
      },
    ],
  ])('removed %s: a loss that comes back', async (_, remove) => {
    const place = await withTree();
    remove(place);
    expect(await lossesOf(place)).toContainEqual(expect.stringContaining('/mine was removed'));
    for (const change of (await place.changes()).filter(({ what }) => what !== 'created')) restore(place, change);
    expect(await place.changes()).toEqual([]);
    expect(place.repo.gitIn(`${place.repo.base}/mine`, 'branch', '--show-current')).toBe('wip');
  });

  test('of a bare repository too', async () => {
    const place = await open(repo => repo.git('worktree', 'add', '-q', '-b', 'wip', `${repo.base}/mine`), true);
    place.agent('worktree', 'remove', '--force', `${place.repo.base}/mine`);
    expect(await lossesOf(place)).toEqual([expect.stringContaining('/mine was removed')]);
    await comesBack(place, await place.changes());
  });

  test('detached, with commits that nothing else holds', async () => {
    const place = await open(repo => {
      repo.git('worktree', 'add', '-q', '--detach', `${repo.base}/mine`);
      repo.write(`${repo.base}/mine/new.txt`, 'new\n');
      repo.commit('Mine', `${repo.base}/mine`);
    });
    const head = place.before.trees[`${place.repo.base}/mine`]?.head;
    place.agent('worktree', 'remove', '--force', `${place.repo.base}/mine`);
    const changes = await place.changes();
    place.repo.git('gc', '-q', '--prune=now');
    await comesBack(place, changes);
    expect(place.repo.gitIn(`${place.repo.base}/mine`, 'rev-parse', 'HEAD')).toBe(head);
  });

  test('moved, or switched to another branch, is told at most and no loss', async () => {
    const place = await withTree();
    place.user('worktree', 'move', `${place.repo.base}/mine`, `${place.repo.base}/yours`);
    expect(await place.changes()).toEqual([]);
    place.user('switch', '-qc', 'elsewhere');
    const changes = await place.changes();
    expect(changes.filter(isLoss)).toEqual([]);
    expect(changes.map(describeUserChange)).toContainEqual(
      `${place.repo.root} was switched from main to elsewhere (to restore: git -C ${place.repo.root} switch main)`,
    );
  });

  test('refs that only one of them has are compared as well', async () => {
    const place = await open(repo => {
      repo.git('worktree', 'add', '-q', '-b', 'wip', `${repo.base}/mine`);
      repo.gitIn(`${repo.base}/mine`, 'update-ref', 'refs/worktree/here', commitOn(repo, 'gone'));
      repo.git('branch', '-D', 'gone');
    });
    place.repo.gitIn(`${place.repo.base}/mine`, 'update-ref', '-d', 'refs/worktree/here');
    expect(await lossesOf(place)).toEqual([
      expect.stringContaining('worktrees/mine/refs/worktree/here was deleted (to restore: git update-ref'),
    ]);
    await comesBack(place, await place.changes());
  });
});

describe('branches of remotes', () => {
  const withRemote = () =>
    open(repo => {
      repo.git('init', '-q', '--bare', `${repo.base}/origin.git`);
      repo.git('remote', 'add', 'origin', `${repo.base}/origin.git`);
      commitOn(repo, 'feature');
      repo.git('push', '-q', 'origin', 'main', 'feature');
      repo.git('clone', '-q', `${repo.base}/origin.git`, `${repo.base}/colleague`);
    });

  test('a push is told, and pauses where it went over the commits of somebody', async () => {
    const place = await withRemote();
    place.repo.write(join(place.path, 'work.txt'), 'work\n');
    place.repo.commit('Work', place.path);
    place.agent('push', '-q', 'origin', 'HEAD:refs/heads/topic', 'HEAD:refs/heads/main');
    const [main, topic] = await place.changes();
    expect(main).toMatchObject({ what: 'moved', ref: 'refs/remotes/origin/main', pushed: true, move: 'forward' });
    expect(topic).toMatchObject({ what: 'created', ref: 'refs/remotes/origin/topic', pushed: true });
    expect(await lossesOf(place)).toEqual([]);
    place.agent('push', '-q', '--force', 'origin', 'HEAD:refs/heads/feature');
    expect(await lossesOf(place)).toEqual([
      expect.stringMatching(/^origin\/feature was pushed .*, discarding commits/),
    ]);
    for (const change of await place.changes()) restore(place, change);
    expect(await place.changes()).toEqual([]);
    const remote = (ref: string) => place.repo.git('ls-remote', 'origin', ref).slice(0, 40);
    expect(remote('refs/heads/feature')).toBe(place.before.refs['refs/remotes/origin/feature']);
    expect(remote('refs/heads/main')).toBe(place.before.refs['refs/remotes/origin/main']);
  });

  test('a fetch is told, whatever it brings, and is no loss', async () => {
    const place = await withRemote();
    const colleague = `${place.repo.base}/colleague`;
    place.repo.gitIn(colleague, 'commit', '-q', '--allow-empty', '-m', 'Theirs');
    place.repo.gitIn(colleague, 'push', '-q', '--force', 'origin', 'HEAD:main', 'HEAD:feature', 'HEAD:new');
    place.user('fetch', '-q', 'origin');
    expect(await lossesOf(place)).toEqual([]);
    expect((await place.changes()).map(describeUserChange).join('\n')).toContain('origin/new was created');
    place.repo.gitIn(colleague, 'push', '-q', 'origin', ':feature');
    place.user('fetch', '-q', '--prune', 'origin');
    expect(await lossesOf(place)).toEqual([]);
  });
});

describe('what is not committed in a checkout of the user', () => {
  async function withDirtyTrees() {
    const place = await open(repo => {
      repo.write('.gitignore', '*.log\n');
      repo.commit('Ignore');
      repo.git('worktree', 'add', '-q', '-b', 'mine', `${repo.base}/mine`);
      repo.write('a.txt', 'edited\n');
      repo.write('b.txt', 'staged\n');
      repo.git('add', 'b.txt');
      repo.write('notes/new.txt', 'new\n');
      repo.write('swap/.new.txt.swp', 'swap\n');
      repo.write(`${repo.base}/mine/b.txt`, 'mine\n');
    });
    const { repo, git } = place;
    const index = repo.git('ls-files', '--stage', '--debug');
    const saved = await git.saveTrees(runId, [repo.root, `${repo.base}/mine`]);
    expect(repo.git('ls-files', '--stage', '--debug')).toBe(index);
    const told = async () => (await place.changes({}, [], saved)).filter(({ what }) => what === 'files');
    return { ...place, saved, told, main: saved[repo.root] ?? '' };
  }
  const restore = (repo: TestRepository, change: UserChange | undefined) => {
    const command = /\(to restore: (.*)\)$/.exec(change === undefined ? '' : describeUserChange(change))?.[1] ?? '';
    execFileSync('sh', ['-c', command], { cwd: repo.base, env: repo.env, stdio: 'pipe' });
  };

  test('is kept while an agent runs, and nothing is told where it is as it was', async () => {
    const { repo, git, told, main } = await withDirtyTrees();
    expect(await told()).toEqual([]);
    expect(repo.git('show', `${main}:notes/new.txt`)).toBe('new');
    expect(repo.git('for-each-ref', '--points-at', main, '--format=%(refname)')).toBe(`refs/cm/user/${main}`);
    await git.releaseWork(new Set());
    expect(repo.git('for-each-ref', 'refs/cm/user')).toBe('');
  });

  test('that was reset, or deleted, in any of the checkouts: comes back by the command that is told', async () => {
    const { repo, told, main, saved } = await withDirtyTrees();
    repo.git('reset', '-q', '--hard');
    repo.git('clean', '-qfd');
    rmSync(join(repo.base, 'mine/b.txt'));
    const [first, second] = await told();
    expect(first).toEqual({
      what: 'files',
      path: repo.root,
      saved: main,
      lost: ['a.txt', 'b.txt', 'notes/new.txt', 'swap/.new.txt.swp'],
      changed: [],
    });
    expect(second).toMatchObject({ path: `${repo.base}/mine`, lost: ['b.txt'] });
    expect([first, second].map(change => change !== undefined && isLoss(change))).toEqual([true, true]);
    restore(repo, first);
    restore(repo, second);
    expect(['a.txt', 'b.txt', 'notes/new.txt', '../mine/b.txt'].map(path => repo.read(join(repo.root, path)))).toEqual([
      'edited\n',
      'staged\n',
      'new\n',
      'mine\n',
    ]);
    expect(await told()).toEqual([]);
    expect(repo.git('for-each-ref', '--format=%(objectname)', 'refs/cm/lost').split('\n')).toContain(
      saved[`${repo.base}/mine`],
    );
  });

  test('that is committed, staged or edited on is no loss; nor is what an editor leaves for a moment', async () => {
    const { repo, told } = await withDirtyTrees();
    repo.git('commit', '-qm', 'Staged');
    repo.write('a.txt', 'edited again\n');
    repo.git('add', 'notes/new.txt');
    rmSync(join(repo.root, 'notes/new.txt'));
    rmSync(join(repo.root, 'swap/.new.txt.swp'));
    const [change] = await told();
    expect(change).toMatchObject({ lost: ['swap/.new.txt.swp'], changed: ['a.txt'] });
    expect(change !== undefined && isLoss(change)).toBe(false);
  });

  test('with names that are not UTF-8, or files that cannot be read, keeps the rest', async () => {
    const { repo, git } = await open();
    writeFileSync(Buffer.concat([Buffer.from(`${repo.root}/n`), Buffer.from([0xff]), Buffer.from('.txt')]), 'bytes\n');
    repo.write('plain.txt', 'plain\n');
    const { [repo.root]: oid } = await git.saveTrees(runId, [repo.root]);
    expect(repo.git('ls-tree', '-r', '--name-only', oid ?? '').split('\n')).toEqual(
      expect.arrayContaining(['"n\\377.txt"', 'plain.txt']),
    );
  });

  test('that git cannot keep is said to be so, and the other checkouts are kept', async () => {
    const { repo, git } = await open(repo => {
      repo.git('worktree', 'add', '-q', '-b', 'mine', `${repo.base}/mine`);
      repo.write('a.txt', 'edited\n');
    });
    const gone = `${repo.base}/nothing-here`;
    const { [repo.root]: main, [gone]: other } = await git.saveTrees(runId, [gone, repo.root]);
    expect(repo.git('show', `${main}:a.txt`)).toBe('edited');
    expect(other).toBeNull();
  });
});
