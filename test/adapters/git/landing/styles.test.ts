import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { createGit } from '../../../../source/adapters/git/index.ts';
import { type LandingStyle, landingStyles } from '../../../../source/domain/queue/landing-style.ts';
import type { PrepareRequest } from '../../../../source/ports/git.ts';
import { createRepository, type TestRepository } from '../../../helpers/git/repository.ts';
import { isLong, sampleOf } from '../../../helpers/tiers.ts';

const runId = 'abcdefgh12345678';
const opened: TestRepository[] = [];

afterEach(() => {
  for (const repo of opened.splice(0)) repo.cleanup();
});

const roadmap = '### US-001: First\n**Status**: 📝 Planned\n';
const status = { path: 'ROADMAP.md', itemKey: 'US-001', line: 1, heading: '### US-001: First' };

/** Where the target is checked out while work lands on it. */
type Place = 'here' | 'elsewhere' | 'nowhere';

/** A branch of two commits by two people in its worktree; for a fast-forward it stands on the tip of the target. */
async function stage(style: LandingStyle, place: Place, signed: boolean) {
  const repo = createRepository({ files: { 'a.txt': 'a\n', 'b.txt': 'b\n', 'ROADMAP.md': roadmap } });
  opened.push(repo);
  if (signed) signWith(repo);
  if (place === 'nowhere') repo.git('checkout', '-q', '--detach');
  if (place === 'elsewhere') {
    repo.git('checkout', '-q', '-b', 'mine');
    repo.git('worktree', 'add', '-q', join(repo.base, 'linked'), 'main');
  }
  const tree = join(repo.base, 'shop-wt001');
  const git = await createGit({ root: repo.root, runtimeDir: null, environment: repo.env });
  const names = { slug: '001', branchName: 'roadmap-001', target: 'main' };
  const created = await git.createWorktree({ runId, ...names, path: tree });
  if (created.outcome !== 'created') throw new Error(JSON.stringify(created));
  repo.write(join(tree, 'a.txt'), 'one\n');
  repo.commit('First step', tree);
  repo.write(join(tree, 'c.txt'), 'two\n');
  repo.gitIn(tree, 'add', '-A');
  repo.gitIn(tree, 'commit', '-qm', 'Second step', '--author=Grace <grace@example.org>');
  if (style !== 'ff') repo.git('update-ref', 'refs/heads/main', repo.branch('other', { 'b.txt': 'moved\n' }, 'main'));
  if (style !== 'ff' && place !== 'nowhere') {
    repo.gitIn(place === 'here' ? repo.root : join(repo.base, 'linked'), 'reset', '-q', '--hard');
  }
  const [base, head] = repo.git('rev-parse', 'main', 'roadmap-001').split('\n') as [string, string];
  const request: PrepareRequest = {
    runId,
    ...names,
    head,
    message: 'Merge US-001 parallel execution',
    trailers: { 'Cm-Task': 'US-001' },
    style,
    status,
  };
  return { repo, git, names, tree, base, head, request };
}

/** Signs with a key of its own, and accepts its signatures. */
function signWith(repo: TestRepository): void {
  const key = join(repo.base, 'key');
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', key]);
  writeFileSync(
    join(repo.base, 'allowed'),
    `ada@example.org ${execFileSync('cat', [`${key}.pub`], { encoding: 'utf8' })}`,
  );
  repo.git('config', 'gpg.format', 'ssh');
  repo.git('config', 'user.signingkey', `${key}.pub`);
  repo.git('config', 'gpg.ssh.allowedSignersFile', join(repo.base, 'allowed'));
  repo.git('config', 'commit.gpgSign', 'true');
}

/** What the style puts on the target: subjects, newest first, of what came by the first parent. */
const subjects: Record<LandingStyle, readonly string[]> = {
  merge: ['Merge US-001 parallel execution'],
  squash: ['Merge US-001 parallel execution'],
  rebase: ['Set US-001 to complete', 'Second step', 'First step'],
  ff: ['Set US-001 to complete', 'Second step', 'First step'],
};

const places: readonly Place[] = ['here', 'elsewhere', 'nowhere'];
const all = landingStyles.flatMap(style =>
  places.flatMap(place => [true, false].map(signed => ({ style, place, signed }))),
);
/** Each style, each place and signed or not at least once. */
const sample = landingStyles.map((style, at) => ({
  style,
  place: places[at % places.length] ?? 'here',
  signed: at % 2 === 0,
}));
const matrix = isLong ? all : sample;

describe('each style lands, is undone, lands again and is cleaned', () => {
  test.each(matrix)('$style, target checked out $place, signed: $signed', async ({ style, place, signed }) => {
    const { repo, git, names, tree, base, head, request } = await stage(style, place, signed);
    const prepared = await git.prepare(request);
    if (prepared.outcome !== 'prepared') throw new Error(JSON.stringify(prepared));
    const { candidate } = prepared;
    expect(prepared).toMatchObject({ base, statusWritten: true });
    const landing = { runId, ...names, base, candidate, approved: { branchName: names.branchName, head } };
    expect(await git.land(landing)).toEqual({ outcome: 'landed' });
    expect(repo.git('rev-parse', 'main')).toBe(candidate);
    const log = (format: string) =>
      repo.git('log', '--first-parent', `--format=${format}`, `${base}..main`).split('\n');
    expect(log('%s')).toEqual(subjects[style]);
    // What the agent committed is its own to sign; what was replayed, or made, is ours.
    if (signed && style !== 'ff') expect(new Set(log('%G?'))).toEqual(new Set(['G']));
    if (signed && style === 'ff') expect(log('%G?')[0]).toBe('G');
    expect(repo.git('show', 'main:ROADMAP.md')).toContain('✅');
    expect(repo.git('show', 'main:c.txt')).toBe('two');
    const clean = () => {
      if (place === 'here') expect(repo.git('status', '--porcelain')).toBe('');
      if (place === 'elsewhere') expect(repo.gitIn(join(repo.base, 'linked'), 'status', '--porcelain')).toBe('');
    };
    clean();

    const undo = { slug: '001', target: 'main', landed: candidate, base, branches: [] };
    expect(await git.undoLanding(undo)).toEqual({ outcome: 'moved' });
    expect(repo.git('rev-parse', 'main')).toBe(base);
    clean();

    expect(await git.land(landing)).toEqual({ outcome: 'landed' });
    // The same change is made otherwise later: only what was pinned still proves that it landed.
    const removal = { runId, ...names, worktreePath: tree, landed: candidate, head };
    expect(await git.clean({ ...removal, confirmedLoss: [] })).toMatchObject({ outcome: 'removed', rescued: [] });
    expect((await repo.tryGit(repo.root, 'rev-parse', '--verify', 'roadmap-001')).code).not.toBe(0);
  });
});

test.each(sampleOf(landingStyles, style => style === 'squash' || style === 'rebase'))(
  'a branch whose landing was overwritten since is still known to have landed: %s',
  async style => {
    const { repo, git, names, tree, base, head, request } = await stage(style, 'nowhere', false);
    const prepared = await git.prepare(request);
    if (prepared.outcome !== 'prepared') throw new Error(JSON.stringify(prepared));
    const { candidate } = prepared;
    await git.land({ runId, ...names, base, candidate });
    repo.git('update-ref', 'refs/heads/main', repo.branch('later', { 'a.txt': 'later\n', 'c.txt': null }, 'main'));
    const removal = { runId, ...names, worktreePath: tree, landed: candidate, head };
    expect((await git.probeClean(removal)).obstacles).toEqual([]);
    repo.branch('more', { 'd.txt': 'more\n' }, 'roadmap-001');
    repo.gitIn(tree, 'reset', '-q', '--hard', 'more');
    expect((await git.probeClean(removal)).obstacles).toEqual(['roadmap-001 holds work that is not on main.']);
  },
);

test('a squash keeps the subjects, the other authors and the trailers that are asked for', async () => {
  const { repo, git, request, base, head } = await stage('squash', 'nowhere', false);
  const addTrailers = ['Signed-off-by', 'Change-Id'] as const;
  const message = 'US-001: First\n\nWhy it was done.';
  const prepared = await git.prepare({ ...request, message, addTrailers, status: null });
  if (prepared.outcome !== 'prepared') throw new Error(JSON.stringify(prepared));
  const text = repo.git('log', '-1', '--format=%B', prepared.candidate);
  expect(text.replace(/I[0-9a-f]{40}/, 'I<id>')).toBe(
    `US-001: First\n\nWhy it was done.\n\n* First step\n* Second step\n\nCo-authored-by: Grace <grace@example.org>\nCm-Task: US-001\nCm-Head: ${head}\nCm-Base: ${base}\nSigned-off-by: Ada <ada@example.org>\nChange-Id: I<id>\n`,
  );
  // Built again, it is still the same change to whoever reviews it.
  const again = await git.prepare({ ...request, message: 'Other', addTrailers, status: null });
  if (again.outcome !== 'prepared') throw new Error(JSON.stringify(again));
  const idOf = (commit: string) => repo.git('log', '-1', '--format=%(trailers:key=Change-Id,valueonly)', commit);
  expect(idOf(again.candidate)).toBe(idOf(prepared.candidate));
});

describe('what a style cannot land', () => {
  test('a fast-forward of a target that has moved on', async () => {
    const { git, repo, request } = await stage('merge', 'nowhere', false);
    expect(await git.prepare({ ...request, style: 'ff' })).toEqual({
      outcome: 'failed',
      base: repo.git('rev-parse', 'main'),
      message:
        'roadmap-001 is not built on the tip of main, so main cannot be fast-forwarded to it; bring it up to date with "cm-tui update US-001".',
    });
    expect(repo.git('for-each-ref', 'refs/cm')).toBe('');
  });

  test('a rebase of a commit that conflicts although its end merges', async () => {
    const { git, repo, tree, request } = await stage('merge', 'nowhere', false);
    repo.write(join(tree, 'b.txt'), 'agent\n');
    repo.commit('Collide', tree);
    repo.write(join(tree, 'b.txt'), 'b\n');
    const head = repo.commit('Put it back', tree);
    expect(await git.prepare({ ...request, head, style: 'rebase' })).toEqual({ outcome: 'conflict', paths: ['b.txt'] });
    expect((await git.prepare({ ...request, head, style: 'merge' })).outcome).toBe('prepared');
  });
});

describe('a signer', () => {
  test('that fails stops the landing with its words, and nothing is pinned', async () => {
    const { git, repo, request } = await stage('merge', 'nowhere', true);
    repo.git('config', 'user.signingkey', join(repo.base, 'no-such-key.pub'));
    const prepared = await git.prepare(request);
    expect(prepared).toMatchObject({
      outcome: 'failed',
      message: expect.stringMatching(/could not be signed: .*no-such-key.*cm-tui doctor/i),
    });
    expect(await git.trySignature()).toMatchObject({ outcome: 'failed' });
    expect(repo.git('for-each-ref', 'refs/cm')).toBe('');
  });

  test('is not asked where the setting or the configuration says so', async () => {
    const { repo, request } = await stage('merge', 'nowhere', true);
    const never = await createGit({ root: repo.root, runtimeDir: null, environment: repo.env, sign: 'never' });
    expect(await never.trySignature()).toEqual({ outcome: 'off' });
    const prepared = await never.prepare(request);
    if (prepared.outcome !== 'prepared') throw new Error(JSON.stringify(prepared));
    expect(repo.git('log', '-1', '--format=%G?', prepared.candidate)).toBe('N');
    repo.git('config', 'commit.gpgSign', 'no');
    const asConfigured = await createGit({ root: repo.root, runtimeDir: null, environment: repo.env });
    expect(await asConfigured.trySignature()).toEqual({ outcome: 'off' });
  });
});

test('several commits are undone by one that can be picked onto whatever came later', async () => {
  const { repo, git, names, base, head, request } = await stage('rebase', 'nowhere', false);
  const prepared = await git.prepare(request);
  if (prepared.outcome !== 'prepared') throw new Error(JSON.stringify(prepared));
  await git.land({
    runId,
    ...names,
    base,
    candidate: prepared.candidate,
    approved: { branchName: names.branchName, head },
  });
  repo.git('checkout', '-q', '-b', 'later', 'main');
  repo.write('later.txt', 'later\n');
  repo.commit('Later');
  const reverse = await git.reverseCommit({ from: base, to: prepared.candidate, title: 'Undo US-001: First' });
  repo.git('cherry-pick', reverse);
  expect(repo.git('log', '-1', '--format=%s')).toBe('Undo US-001: First');
  expect(repo.git('diff', '--name-only', base, 'later')).toBe('later.txt');
});
