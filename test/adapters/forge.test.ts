import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { createForge } from '../../source/adapters/forge/forge.ts';
import { readComments, readGhPullRequest, readGlabMergeRequest } from '../../source/adapters/forge/reading.ts';

const folders: string[] = [];

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

const oid = 'a'.repeat(40);
const gh = (changes: object = {}) => ({ number: 12, url: 'https://github.com/o/r/pull/12', state: 'OPEN', ...changes });
const check = (status: string | null, conclusion: string | null) => ({ status, conclusion });

describe('what gh prints', () => {
  test.each([
    [[check('COMPLETED', 'SUCCESS'), check('COMPLETED', 'SKIPPED')], { passed: 2, failed: 0, pending: 0 }],
    [[check('IN_PROGRESS', ''), check('COMPLETED', 'TIMED_OUT')], { passed: 0, failed: 1, pending: 1 }],
    [[{ state: 'SUCCESS' }, { state: 'PENDING' }, { state: 'ERROR' }], { passed: 1, failed: 1, pending: 1 }],
    [null, { passed: 0, failed: 0, pending: 0 }],
  ])('counts the checks %j', (statusCheckRollup, checks) => {
    expect(readGhPullRequest(gh({ statusCheckRollup }))).toMatchObject({ number: 12, state: 'open', checks });
  });

  test('names the commit that it was merged as', () => {
    const merged = readGhPullRequest(gh({ state: 'MERGED', mergeCommit: { oid } }));
    expect(merged).toMatchObject({ state: 'merged', mergedAs: oid });
    expect(readGhPullRequest(gh({ state: 'CLOSED', mergeCommit: null }))).toMatchObject({
      state: 'closed',
      mergedAs: null,
    });
  });

  test.each([undefined, 'no', [], { number: '12' }, {}])('%j is no answer', json => {
    expect(readGhPullRequest(json)).toBeNull();
  });
});

describe('what glab prints', () => {
  const mr = { iid: 3, web_url: 'https://gitlab.example/o/r/-/merge_requests/3', state: 'opened' };

  test.each([
    [{ head_pipeline: { status: 'success' } }, { passed: 1, failed: 0, pending: 0 }],
    [{ pipeline: { status: 'running' } }, { passed: 0, failed: 0, pending: 1 }],
    [
      { head_pipeline: null, pipeline: { status: 'failed' } },
      { passed: 0, failed: 1, pending: 0 },
    ],
    [{}, { passed: 0, failed: 0, pending: 0 }],
  ])('has one check, its pipeline: %j', (changes, checks) => {
    expect(readGlabMergeRequest({ ...mr, ...changes })).toMatchObject({ number: 3, state: 'open', checks });
  });

  test('a fast-forward landed as the last commit of the branch', () => {
    const merged = { ...mr, state: 'merged', merge_commit_sha: null, squash_commit_sha: null, sha: oid };
    expect(readGlabMergeRequest(merged)).toMatchObject({ state: 'merged', mergedAs: oid });
  });
});

test('comments of reviewers are harmless lines with their names, and those of the system are none', () => {
  const reviews = [{ body: 'Fix \u001b[31mthis', author: { login: 'ada' }, state: 'CHANGES_REQUESTED' }, { body: '' }];
  expect(readComments({ reviews, comments: [{ body: 'And that', author: null }] })).toEqual([
    expect.stringMatching(/^ada: Fix .*this$/),
    'somebody: And that',
  ]);
  expect(
    readComments([
      { body: 'merged', system: true },
      { body: 'No', author: { username: 'bo' } },
    ]),
  ).toEqual(['bo: No']);
  expect(readComments('nothing')).toBeNull();
});

/** A forge whose programs answer by their first words. */
function forgeWith(answers: Readonly<Record<string, { exitCode?: number; output?: string }>>, url: string | null) {
  const folder = mkdtempSync(join(tmpdir(), 'cm-tui-test-'));
  folders.push(folder);
  const calls: string[][] = [];
  const forge = createForge({
    run: async command => {
      calls.push([...command]);
      const key = [command].flat().slice(0, 3).join(' ');
      const { exitCode = 0, output = '' } = answers[key] ?? { exitCode: 127 };
      return { exitCode, output, timedOut: false };
    },
    cwd: folder,
    folder,
    env: {},
    remoteUrl: async () => url,
  });
  return { forge, calls };
}

const request = { branch: 'roadmap-001', target: 'main', title: 'US-001: First', body: 'Text' };

describe('a pull request', () => {
  test('is opened through gh, with a warning around its answers', async () => {
    const { forge, calls } = forgeWith(
      {
        'gh pr list': { output: '[]\n' },
        'gh pr create': { output: 'Warning: 1 uncommitted change\nhttps://github.com/o/r/pull/12\n' },
        'gh pr view': { output: `A new release of gh is available\n${JSON.stringify(gh())}\n` },
      },
      'git@github.com:o/r.git',
    );
    expect(await forge.open(request)).toMatchObject({ outcome: 'opened', pr: { number: 12 } });
    expect(calls[1]?.slice(0, 9)).toEqual([
      'gh',
      'pr',
      'create',
      '--head',
      'roadmap-001',
      '--base',
      'main',
      '--title',
      'US-001: First',
    ]);
  });

  test('that is open already is found', async () => {
    const { forge, calls } = forgeWith({ 'gh pr list': { output: JSON.stringify([gh()]) } }, 'https://github.com/o/r');
    expect(await forge.open(request)).toMatchObject({ outcome: 'opened', pr: { number: 12 } });
    expect(calls).toHaveLength(1);
  });

  test('goes to GitLab by the address of the remote', async () => {
    const mr = { iid: 3, web_url: 'https://gitlab.example/o/r/-/merge_requests/3', state: 'opened' };
    const { forge } = forgeWith(
      {
        'glab mr list': { output: '[]' },
        'glab mr create': { output: `${mr.web_url}\n` },
        'glab mr view': { output: JSON.stringify(mr) },
      },
      'https://gitlab.example/o/r.git',
    );
    expect(await forge.open(request)).toMatchObject({ outcome: 'opened', pr: { number: 3 } });
  });

  test.each([
    ['a program that is not there', {}, /gh is not installed: .*gh auth login/],
    [
      'its words',
      { 'gh pr create': { exitCode: 1, output: 'pull request create failed: no commits\n' } },
      /gh could not open it: .*no commits\.$/,
    ],
  ])('fails with %s', async (_, answers, message) => {
    const { forge } = forgeWith(answers, 'https://github.com/o/r');
    expect(await forge.open(request)).toEqual({ outcome: 'failed', message: expect.stringMatching(message) });
  });
});
