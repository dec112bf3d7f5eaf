import { chmodSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { GitFailure, gitReason, stdoutText } from '../../../source/adapters/git/calls/answers.ts';
import { createRunner } from '../../../source/adapters/git/calls/run.ts';
import { createFailingGit, type FailingGit, type WayToFail, waysToFail } from '../../helpers/git/failing-git.ts';
import { createRepository, type TestRepository } from '../../helpers/git/repository.ts';

let repo: TestRepository;
let failing: FailingGit;
beforeAll(() => {
  repo = createRepository();
  failing = createFailingGit(repo.base);
});
afterAll(() => repo.cleanup());

const reasons: Readonly<Record<WayToFail, string>> = {
  kill: 'git was ended by signal 9',
  after: 'git was ended by signal 9',
  noise: 'a passing trouble',
  silent: 'git ended with exit code 1',
  chatter: 'git ended with exit code 128',
  hang: 'git did not answer in time',
};

function runner(how: WayToFail, always: boolean) {
  const fault = { command: 'rev-parse', nth: 1, how, always };
  return createRunner(null, failing.environment(repo.env, fault), null, how === 'hang' ? 500 : 60_000);
}

const question = { cwd: '', args: ['rev-parse', 'HEAD'] };

describe.each(waysToFail)('a call that fails (%s)', how => {
  test.skipIf(how === 'hang')('once is asked again', async () => {
    const text = await runner(how, false).text({ ...question, cwd: repo.root });
    expect(text.trim()).toBe(repo.git('rev-parse', 'HEAD'));
  });

  test('again and again is no answer: the reason is how git ended, never its progress or hints', async () => {
    const asked = runner(how, true).ask({ ...question, cwd: repo.root }, stdoutText);
    await expect(asked).rejects.toThrow(GitFailure);
    await expect(asked).rejects.toThrow(`Could not ask git (git rev-parse): ${reasons[how]}; try again.`);
    if (how !== 'hang') expect(failing.calls()['rev-parse']).toBe(4);
  });
});

test('a git that does not end when it is told to, and whose children keep its output open, is not waited for', async () => {
  repo.write(`${repo.base}/bin/git`, '#!/bin/sh\ntrap "" TERM INT\nsleep 30 &\necho $! >"$0.child"\nsleep 30\n');
  chmodSync(`${repo.base}/bin/git`, 0o755);
  const deaf = createRunner(null, { ...repo.env, PATH: `${repo.base}/bin:${repo.env.PATH}` }, null, 2000);
  const asked = deaf.text({ ...question, cwd: repo.root });
  await expect(asked).rejects.toThrow('Could not ask git (git rev-parse): git did not answer in time; try again.');
  process.kill(Number(repo.read(`${repo.base}/bin/git.child`)));
});

test('a git that cannot be started at all gives no answer', async () => {
  const git = createRunner(null, repo.env);
  const asked = git.text({ cwd: repo.root, args: ['rev-parse', 'x'.repeat(3_000_000)] });
  await expect(asked).rejects.toThrow('Could not ask git (git rev-parse): git could not be started; try again.');
});

test('an end by a signal is no version', async () => {
  const version = (always: boolean) => {
    const fault = { command: 'version', nth: 1, how: 'kill' as const, always };
    return createRunner(null, failing.environment(repo.env, fault)).version(repo.root);
  };
  expect(String(await version(false))).toBe(/\d+\.\d+\.\d+/.exec(repo.git('version'))?.[0]);
  await expect(version(true)).rejects.toThrow('Could not ask git (git version): git was ended by signal 9; try again.');
});

test.each([
  ['spawn /usr/bin/my git EAGAIN', 'cannot start another process'],
  ['spawn ENOMEM', 'not enough memory'],
  ['spawn git EMFILE', 'too many files are open'],
  ['spawn git Unknown system error -122', 'disk quota'],
])('a git that could not be started says why: %s', (stderr, why) => {
  const output = { code: -1, signal: null, stdout: Buffer.alloc(0), stderr, truncated: false, timedOut: false };
  expect(gitReason(output)).toMatch(new RegExp(`^git could not be started \\(.*${why}`));
  expect(gitReason({ ...output, stderr: 'spawn git EACCES' })).toBe('git could not be started');
});
