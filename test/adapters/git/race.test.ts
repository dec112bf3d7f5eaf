import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { createGit } from '../../../source/adapters/git/index.ts';
import { createRepository, type TestRepository } from '../../helpers/repository.ts';

const runId = 'abcdefgh12345678';
const opened: TestRepository[] = [];
const realGit = execFileSync('sh', ['-c', 'command -v git'], { encoding: 'utf8' }).trim();

afterEach(() => {
  for (const repo of opened.splice(0)) repo.cleanup();
});

/**
 * A landing in which something happens in the user's tree right before git is started with this word for the first time; `instead`
 * replaces that start.
 */
async function landWhile(happens: { readonly before: string; readonly script: string; readonly instead?: boolean }) {
  const repo = createRepository({ files: { 'a.txt': 'a\n', 'b.txt': 'b\n', 'mine.txt': 'm\n' } });
  opened.push(repo);
  const head = repo.branch('roadmap-001', { 'a.txt': 'changed\n', 'new.txt': 'new\n' });
  const tools = join(repo.base, 'tools');
  const flag = join(repo.base, 'armed');
  const rest = happens.instead === true ? 'exit 128' : `exec ${realGit} "$@"`;
  repo.write(
    join(tools, 'git'),
    `#!/bin/sh
if [ -e ${flag} ]; then for word; do if [ "$word" = '${happens.before}' ]; then
  rm ${flag}
  ( cd ${repo.root} && PATH=$(dirname ${realGit}):$PATH && ${happens.script} ) >/dev/null 2>&1
  ${rest}
fi; done; fi
exec ${realGit} "$@"
`,
  );
  chmodSync(join(tools, 'git'), 0o755);
  const env = { ...repo.env, PATH: `${tools}:${repo.env.PATH}` };
  const git = await createGit({ root: repo.root, runtimeDir: null, environment: env });
  const names = { runId, slug: '001', target: 'main' };
  const prepared = await git.prepare({
    ...names,
    branchName: 'roadmap-001',
    head,
    message: 'Merge',
    trailers: {},
    squash: false,
    status: null,
  });
  if (prepared.outcome !== 'prepared') throw new Error(JSON.stringify(prepared));
  const { base, candidate } = prepared;
  repo.write('mine.txt', 'uncommitted\n');
  repo.write(flag, '');
  const result = await git.land({ ...names, base, candidate });
  expect(existsSync(flag)).toBe(false);
  expect(existsSync(join(repo.root, '.git/cm-tui/landing.json'))).toBe(false);
  expect(repo.read('mine.txt')).toBe('uncommitted\n');
  return { repo, git, base, candidate, result, names };
}

describe('while a landing is under way', () => {
  test('the user switches to another branch: neither branch nor tree moves', async () => {
    const { repo, base, result } = await landWhile({ before: 'read-tree', script: 'git switch -q -c other' });
    expect(result).toMatchObject({ outcome: 'blocked', message: expect.stringMatching(/switched/) });
    expect(repo.git('rev-parse', 'main', 'other').split('\n')).toEqual([base, base]);
    expect(repo.git('status', '--porcelain')).toBe(' M mine.txt');
    expect(repo.git('symbolic-ref', 'HEAD')).toBe('refs/heads/other');
  });

  test('the user switches at the last moment: the branch lands, their tree is as they left it', async () => {
    const { repo, base, candidate, result } = await landWhile({
      before: 'cm-tui: land 001',
      script: 'git switch -q -c other',
    });
    expect(result).toEqual({ outcome: 'landed' });
    expect(repo.git('rev-parse', 'main', 'other').split('\n')).toEqual([candidate, base]);
    expect(repo.git('status', '--porcelain')).toBe(' M mine.txt');
  });

  test('the user detaches HEAD: nothing of theirs moves', async () => {
    const { repo, base, result } = await landWhile({ before: 'read-tree', script: 'git switch -q --detach' });
    expect(result.outcome).toBe('blocked');
    expect(repo.git('rev-parse', 'main', 'HEAD').split('\n')).toEqual([base, base]);
    expect(repo.git('status', '--porcelain')).toBe(' M mine.txt');
  });

  test('the user commits: their commit wins, the candidate is to be built again', async () => {
    const script = 'echo theirs > b.txt && git commit -q -m Theirs b.txt';
    const { repo, base, result } = await landWhile({ before: 'read-tree', script });
    const tip = repo.git('rev-parse', 'main');
    expect(result).toEqual({ outcome: 'target-moved', tip, rewound: false });
    expect(repo.git('rev-parse', 'main^')).toBe(base);
    expect(repo.git('status', '--porcelain')).toBe(' M mine.txt');
    expect(repo.read('a.txt')).toBe('a\n');
  });

  test('somebody moves the target by hand between tree and ref: the tree goes back with it', async () => {
    const script = 'git update-ref refs/heads/main $(git commit-tree -p main -m Theirs "main^{tree}")';
    const { repo, result } = await landWhile({ before: 'cm-tui: land 001', script });
    expect(result).toMatchObject({ outcome: 'target-moved', rewound: false });
    expect(repo.git('status', '--porcelain')).toBe(' M mine.txt');
    expect(existsSync(join(repo.root, 'new.txt'))).toBe(false);
  });

  test('git fails after it has written some of the files: the tree is mended at once', async () => {
    const script = 'printf chan > a.txt; printf ne > new.txt; touch .git/index.lock';
    const { repo, git, base, candidate, result, names } = await landWhile({
      before: 'read-tree',
      script,
      instead: true,
    });
    expect(result.outcome).toBe('failed');
    expect(repo.git('rev-parse', 'main')).toBe(base);
    expect(repo.git('status', '--porcelain')).toBe(' M mine.txt');
    expect(await git.land({ ...names, base, candidate })).toEqual({ outcome: 'landed' });
  });

  test('the user saves a file that is to change: it is theirs', async () => {
    const { repo, base, result } = await landWhile({ before: 'read-tree', script: 'echo just saved > a.txt' });
    expect(result).toMatchObject({ outcome: 'blocked', paths: ['a.txt'] });
    expect(repo.read('a.txt')).toBe('just saved\n');
    expect(repo.git('rev-parse', 'main')).toBe(base);
  });
});
