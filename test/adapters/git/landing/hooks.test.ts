import { chmodSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { createGit } from '../../../../source/adapters/git/index.ts';
import { type HookName, hookNames } from '../../../../source/domain/queue/landing-style.ts';
import { createRepository, type TestRepository } from '../../../helpers/git/repository.ts';

const runId = 'abcdefgh12345678';
const opened: TestRepository[] = [];

afterEach(() => {
  for (const repo of opened.splice(0)) repo.cleanup();
});

function hook(repo: TestRepository, name: string, ...lines: readonly string[]): void {
  const file = join(repo.root, '.git/hooks', name);
  repo.write(file, ['#!/bin/sh', ...lines, ''].join('\n'));
  chmodSync(file, 0o755);
}

async function open(landingHooks: readonly HookName[]) {
  const repo = createRepository({ files: { 'a.txt': 'a\n' } });
  opened.push(repo);
  const head = repo.branch('roadmap-001', { 'a.txt': 'agent\n' });
  const integrationDir = join(repo.base, 'checks');
  const git = await createGit({
    root: repo.root,
    runtimeDir: null,
    environment: repo.env,
    landingHooks,
    integrationDir,
  });
  const names = { runId, slug: '001', target: 'main', branchName: 'roadmap-001' };
  const prepare = () => git.prepare({ ...names, head, message: 'Merge US-001', trailers: {}, status: null });
  return { repo, git, names, prepare };
}

test('commit-msg changes the message, pre-merge-commit sees the merged files, post-merge runs in the checkout', async () => {
  const { repo, git, names, prepare } = await open(hookNames);
  hook(repo, 'commit-msg', 'echo "Seen-by: hook" >> "$1"');
  hook(repo, 'pre-merge-commit', 'grep -q agent a.txt');
  hook(repo, 'post-merge', 'cat a.txt > seen-$1.log');
  const prepared = await prepare();
  if (prepared.outcome !== 'prepared') throw new Error(JSON.stringify(prepared));
  expect(repo.git('log', '-1', '--format=%(trailers:key=Seen-by,valueonly)', prepared.candidate).trim()).toBe('hook');
  expect(await git.land({ ...names, base: prepared.base, candidate: prepared.candidate })).toEqual({
    outcome: 'landed',
  });
  expect(repo.read('seen-0.log')).toBe('agent\n');
});

test.each(['commit-msg', 'pre-merge-commit'] as const)('%s refuses with its words', async name => {
  const { repo, prepare } = await open([name]);
  hook(repo, name, 'echo "no ticket in the subject" >&2', 'exit 1');
  expect(await prepare()).toEqual({
    outcome: 'failed',
    message: `Your hook ${name} refused it: no ticket in the subject; fix that, or set landingHooks to false.`,
  });
});

test('none of them runs unasked', async () => {
  const { repo, prepare } = await open([]);
  for (const name of hookNames) hook(repo, name, `touch ${join(repo.base, 'ran')}`, 'exit 1');
  expect((await prepare()).outcome).toBe('prepared');
  expect(existsSync(join(repo.base, 'ran'))).toBe(false);
});

test('hooks in a folder of the work tree that is not committed are missing in new worktrees', async () => {
  const { repo, git } = await open([]);
  expect(await git.findHooks()).toEqual({ path: null, names: [], missingInWorktrees: false });
  repo.write('.husky/_/pre-commit', '#!/bin/sh\nexit 0\n');
  repo.write('.husky/_/husky.sh', 'echo\n');
  chmodSync(join(repo.root, '.husky/_/pre-commit'), 0o755);
  repo.git('config', 'core.hooksPath', '.husky/_');
  expect(await git.findHooks()).toEqual({ path: '.husky/_', names: ['pre-commit'], missingInWorktrees: true });
  repo.commit('Commit them');
  expect((await git.findHooks()).missingInWorktrees).toBe(false);
});
