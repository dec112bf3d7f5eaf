import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { createGit } from '../../../../source/adapters/git/index.ts';
import { preparation } from '../../../helpers/git/preparation.ts';
import { createRepository, type TestRepository } from '../../../helpers/git/repository.ts';

/** What is said before anything lands is what the landing then meets. */

const opened: TestRepository[] = [];
afterEach(() => {
  for (const repo of opened.splice(0)) repo.cleanup();
});

const files = { 'a.txt': 'a\n', 'config.json': '{}\n', 'local.ini': 'x\n', 'other.txt': 'o\n' };

function make(): TestRepository {
  const repo = createRepository({ files });
  opened.push(repo);
  return repo;
}

const open = ({ root, env }: TestRepository) => createGit({ root, runtimeDir: null, environment: env });

const item = (key: string, path: string, change = 'M') => ({ key, files: [{ path, change }] });

test('edited, untracked and hidden files of the checkout that has the target are named with the item and the fix', async () => {
  const repo = make();
  repo.git('switch', '-q', '--detach');
  const tree = join(repo.base, 'linked');
  repo.git('worktree', 'add', '-q', tree, 'main');
  const write = (name: string) => writeFileSync(join(tree, name), 'mine\n');
  for (const name of ['a.txt', 'config.json', 'local.ini', 'new.txt']) write(name);
  repo.gitIn(tree, 'update-index', '--skip-worktree', 'config.json');
  repo.gitIn(tree, 'update-index', '--assume-unchanged', 'local.ini', 'other.txt');
  const git = await open(repo);
  const upcoming = [
    item('US-1', 'a.txt'),
    item('US-2', 'config.json'),
    item('US-3', 'local.ini'),
    item('US-4', 'new.txt', 'A'),
    item('US-5', 'other.txt'),
  ];
  expect(await git.landingObstacles('main', upcoming)).toEqual({
    target: null,
    items: [
      `US-1 cannot land while a.txt in ${tree} has uncommitted changes; commit it or move it away.`,
      `US-2 cannot land while config.json in ${tree} has changes that git status does not show (skip-worktree); run git update-index --no-skip-worktree config.json in ${tree}, then commit it or move it away.`,
      `US-3 cannot land while local.ini in ${tree} has changes that git status does not show (assume-unchanged); run git update-index --no-assume-unchanged local.ini in ${tree}, then commit it or move it away.`,
      `US-4 cannot land while new.txt in ${tree} is not tracked; commit it or move it away.`,
    ],
  });
  expect(await git.landingObstacles('nowhere', upcoming)).toEqual({ target: null, items: [] });
});

test('a landing names the same', async () => {
  const repo = make();
  const git = await open(repo);
  const head = repo.branch('roadmap-043', { 'config.json': '{"by": "agent"}\n' });
  const prepared = await git.prepare({ ...preparation, head });
  if (prepared.outcome !== 'prepared') throw new Error(JSON.stringify(prepared));
  repo.git('update-index', '--skip-worktree', 'config.json');
  repo.write('config.json', 'MINE\n');
  const { base, candidate } = prepared;
  const landing = { runId: preparation.runId, slug: '043', target: 'main', base, candidate };
  expect(await git.land(landing)).toMatchObject({
    outcome: 'blocked',
    message: expect.stringContaining('run git update-index --no-skip-worktree config.json'),
    paths: ['config.json'],
  });
  expect(repo.read('config.json')).toBe('MINE\n');
  // A flag alone is in nobody's way.
  repo.write('config.json', '{}\n');
  expect(await git.land(landing)).toEqual({ outcome: 'landed' });
  expect(repo.read('config.json')).toBe('{"by": "agent"}\n');
});

test('a target that cannot be moved is named without asking for files', async () => {
  const repo = make();
  repo.git('bisect', 'start');
  repo.git('switch', '-q', '--detach');
  const { target } = await (await open(repo)).landingObstacles('main', []);
  expect(target).toContain('a bisect of it is in progress');
});
