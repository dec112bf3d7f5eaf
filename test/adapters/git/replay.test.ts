import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { armFailpoints } from '../../../source/adapters/failpoint.ts';
import { createGit } from '../../../source/adapters/git/index.ts';
import { beginRun, endRuns, type RunInGit } from '../../helpers/git/run-in-git.ts';

afterEach(() => {
  armFailpoints(null);
  endRuns();
});

/** What the branch holds beside the target, newest first. */
const ownOf = ({ repo }: RunInGit) =>
  repo
    .git('log', '--format=%s', 'main..roadmap-001')
    .split('\n')
    .filter(line => line !== '');

/** The user takes the newest commit of the target away. */
const takeAway = ({ repo }: RunInGit) => repo.git('reset', '-q', '--hard', 'main~1');

/** The worktree stands on its branch, with nothing that git would not show in a fresh checkout. */
function expectClean({ at, path, repo }: RunInGit) {
  expect(at('status', '--porcelain')).toBe('');
  expect(at('symbolic-ref', 'HEAD')).toBe('refs/heads/roadmap-001');
  expect(existsSync(join(repo.root, '.git/cm-tui/replay-001.json'))).toBe(false);
  expect(at('ls-files')).toBe(repo.git('ls-tree', '-r', '--name-only', 'roadmap-001'));
  expect(path).toBeTruthy();
}

describe('the own commits of a run are made anew on the target', () => {
  test('with author, date and message, and nothing else; the old ones stay pinned, the worktree goes along', async () => {
    const run = await beginRun();
    run.at(
      '-c',
      'user.name=Ann',
      '-c',
      'user.email=ann@example.org',
      'commit',
      '-q',
      '--allow-empty',
      '-m',
      'Nothing\n\nyet, Ä',
    );
    const old = run.work('mine.txt');
    const date = run.at('log', '-1', '--format=%ad%n%an <%ae>%n%B', '--date=raw', 'HEAD~1');
    takeAway(run);
    const tip = run.user('theirs.txt');
    expect(await run.replay()).toMatchObject({ outcome: 'replayed' });
    expect(ownOf(run)).toEqual(['Work on mine.txt', 'Nothing']);
    expect(run.at('log', '-1', '--format=%ad%n%an <%ae>%n%B', '--date=raw', 'HEAD~1')).toBe(date);
    expect(run.repo.git('rev-parse', 'roadmap-001~2')).toBe(tip);
    expect(run.repo.git('rev-parse', `refs/cm/old/001/${old}`)).toBe(old);
    expectClean(run);
    expect(existsSync(join(run.path, 'secret.txt'))).toBe(false);
    expect(await run.inspect()).toMatchObject({ commits: 2, base: tip, files: [{ path: 'mine.txt' }] });
    expect(await run.prepare()).toMatchObject({ outcome: 'prepared' });
  });

  const settings = {
    'rebase.autosquash': 'true',
    'rebase.autostash': 'true',
    'rebase.updateRefs': 'true',
    'merge.conflictStyle': 'zdiff3',
    'rerere.enabled': 'true',
    'rerere.autoUpdate': 'true',
    'core.editor': 'false',
    'sequence.editor': 'false',
    'core.hooksPath': 'hooks',
    'i18n.logOutputEncoding': 'ISO-8859-1',
  };

  test('whatever the settings of the user for rebases, hooks and editors', async () => {
    const run = await beginRun();
    run.work('mine.txt');
    run.at('commit', '-q', '--allow-empty', '-m', 'fixup! Ümlaut');
    const other = run.repo.git('rev-parse', 'roadmap-001');
    run.repo.git('branch', 'stacked', 'roadmap-001~1');
    takeAway(run);
    for (const [name, value] of Object.entries(settings)) run.repo.git('config', name, value);
    run.repo.write('.git/hooks/post-checkout', '#!/bin/sh\ntouch "$HOME/hooked"\n');
    expect(await run.replay()).toMatchObject({ outcome: 'replayed' });
    for (const name of Object.keys(settings)) run.repo.git('config', '--unset', name);
    expect(ownOf(run)).toEqual(['fixup! Ümlaut', 'Work on mine.txt']);
    expect(run.repo.git('rev-parse', 'stacked')).toBe(`${run.repo.git('rev-parse', `${other}~1`)}`);
    expectClean(run);
  });

  test('what the target holds a copy of by now is left out; merges of two sides are, and what came by them stays its own', async () => {
    const run = await beginRun();
    const same = run.work('same.txt');
    run.at('switch', '-q', '-c', 'aside', 'HEAD~1');
    run.work('aside.txt');
    run.at('switch', '-q', 'roadmap-001');
    run.at('merge', '-q', '--no-edit', 'aside');
    run.user('bad.txt');
    run.at('merge', '-q', '--no-edit', 'main');
    run.work('mine.txt');
    takeAway(run);
    run.repo.git('cherry-pick', same);
    expect(await run.replay()).toMatchObject({ outcome: 'replayed' });
    expect(ownOf(run)).toEqual(['Work on mine.txt', 'Work on aside.txt']);
    expectClean(run);
    expect(existsSync(join(run.path, 'bad.txt'))).toBe(false);
  });

  test('in a worktree that was moved, and without one', async () => {
    const moved = await beginRun();
    moved.work('mine.txt');
    takeAway(moved);
    const place = `${moved.path}-elsewhere`;
    moved.repo.git('worktree', 'move', '-f', '-f', moved.path, place);
    expect(await moved.replay()).toMatchObject({ outcome: 'replayed' });
    expect(existsSync(join(place, 'secret.txt'))).toBe(false);

    const gone = await beginRun();
    gone.work('mine.txt');
    takeAway(gone);
    rmSync(gone.path, { recursive: true });
    gone.repo.git('worktree', 'unlock', gone.path);
    gone.repo.git('worktree', 'prune');
    expect(await gone.replay()).toMatchObject({ outcome: 'replayed' });
    expect(ownOf(gone)).toEqual(['Work on mine.txt']);
  });
});

describe('nothing is changed, and it is said why', () => {
  async function refused(prepareRun: (run: RunInGit) => void) {
    const run = await beginRun();
    run.work('mine.txt');
    takeAway(run);
    prepareRun(run);
    const before = run.repo.git('for-each-ref', 'refs/heads');
    const result = await run.replay();
    expect(run.repo.git('for-each-ref', 'refs/heads')).toBe(before);
    return { run, result };
  }

  test('where a commit conflicts: which one, and where', async () => {
    const { run, result } = await refused(({ work, user }) => {
      const conflicting = work('shared.txt', 'mine\n');
      expect(conflicting).toBeTruthy();
      user('shared.txt', 'theirs\n');
    });
    const oid = run.repo.git('rev-parse', 'roadmap-001');
    expect(result).toEqual({ outcome: 'conflict', oid, subject: 'Work on shared.txt', paths: ['shared.txt'] });
    expectClean(run);
  });

  test('where a merge holds changes of its own', async () => {
    const { result } = await refused(({ at, repo, path }) => {
      at('switch', '-q', '-c', 'aside', 'HEAD~1');
      repo.write(join(path, 'b.txt'), 'b\n');
      repo.commit('Aside', path);
      at('switch', '-q', 'roadmap-001');
      at('merge', '-q', '--no-commit', 'aside');
      repo.write(join(path, 'extra.txt'), 'by hand\n');
      at('add', '-A');
      at('commit', '-q', '-m', 'Merge with more');
    });
    const message = expect.stringMatching(/^The merge [0-9a-f]{10} "Merge with more" holds changes of its own/);
    expect(result).toEqual({ outcome: 'blocked', message });
  });

  test('where something in the worktree is in the way, until it is not', async () => {
    const { run, result } = await refused(({ path }) => writeFileSync(join(path, 'a.txt'), 'x\n'));
    const { at, path, repo } = run;
    const file = (name: string) => join(path, name);
    const blockedBy = (words: RegExp) => ({ outcome: 'blocked', message: expect.stringMatching(words) });
    expect(result).toEqual(blockedBy(/^a\.txt in .* is not committed; commit or remove it first\.$/));
    at('checkout', '-q', 'a.txt');
    writeFileSync(file('new.txt'), 'x\n');
    expect(await run.replay()).toEqual(blockedBy(/^new\.txt in .* is not committed/));
    rmSync(file('new.txt'));
    at('switch', '-q', '--detach');
    expect(await run.replay()).toEqual(blockedBy(/is on a detached HEAD; switch it to roadmap-001 first/));
    at('switch', '-q', '-c', 'other');
    expect(await run.replay()).toEqual(blockedBy(/is on the branch other; switch it to roadmap-001 first/));
    at('switch', '-q', 'roadmap-001');
    run.user('theirs.txt');
    at('merge', '-q', '--no-commit', '-s', 'ours', 'main');
    expect(await run.replay()).toEqual(blockedBy(/^A merge is in progress in .*; finish or abort it first/));
    at('merge', '--abort');
    // Ignored, and nowhere else: git itself would overwrite it.
    writeFileSync(join(repo.root, '.git/info/exclude'), 'cache.bin\n');
    writeFileSync(join(repo.root, 'cache.bin'), 'tracked\n');
    repo.git('add', '-f', 'cache.bin');
    repo.git('commit', '-q', '-m', 'Track the cache');
    writeFileSync(file('cache.bin'), 'precious\n');
    expect(await run.replay()).toEqual(blockedBy(/^cache\.bin in .* is not tracked and .*in the way/));
    expect(readFileSync(file('cache.bin'), 'utf8')).toBe('precious\n');
    rmSync(file('cache.bin'));
    expect(await run.replay()).toMatchObject({ outcome: 'replayed' });
    expectClean(run);
  });

  test('where the target holds all of it, and where the branch has moved', async () => {
    const run = await beginRun();
    const head = run.work('mine.txt');
    expect(await run.replay()).toEqual({ outcome: 'not-needed' });
    takeAway(run);
    const request = { slug: '001', branchName: 'roadmap-001', target: 'main', runId: 'abcdefgh12345678', head };
    const lineage = { worktreePath: run.path, base: run.base, former: [] };
    const next = run.work('more.txt');
    expect(await run.git.replayBranch({ ...request, lineage })).toEqual({ outcome: 'moved', head: next });
  });
});

describe('cut off anywhere, it is done by asking again', () => {
  const points = [
    'git.replay.before',
    'git.replay.pinned',
    'git.land.noted',
    'git.land.aside',
    'git.land.tree',
    'git.land.moved',
  ];

  test.each(points)('at %s', async point => {
    const run = await beginRun();
    const old = run.work('mine.txt');
    takeAway(run);
    run.user('theirs.txt');
    const head = run.repo.git('rev-parse', 'roadmap-001');
    const lineage = { worktreePath: run.path, base: run.base, former: [] };
    const request = {
      slug: '001',
      branchName: 'roadmap-001',
      target: 'main',
      runId: 'abcdefgh12345678',
      head,
      lineage,
    };
    // As if it were killed: whoever asks next finds what this one has left.
    armFailpoints(`${point}:throw`);
    await run.git.replayBranch(request).catch(() => undefined);
    armFailpoints(null);
    const again = await createGit({ root: run.repo.root, runtimeDir: null, environment: run.repo.env });
    expect(await again.replayBranch(request)).toMatchObject({ outcome: 'replayed' });
    expect(ownOf(run)).toEqual(['Work on mine.txt']);
    expect(run.repo.git('rev-parse', `refs/cm/old/001/${old}`)).toBe(old);
    expectClean(run);
  });
});
