import { rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { createGit } from '../../../source/adapters/git/index.ts';
import { createRepository, type TestRepository } from '../../helpers/git/repository.ts';

const runId = 'abcdefgh12345678';
const opened: TestRepository[] = [];

afterEach(() => {
  for (const repo of opened.splice(0)) repo.cleanup();
});

/** A worktree in which a setup has changed a file, removed one and made one. */
async function afterSetup() {
  const repo = createRepository({ files: { 'a.txt': 'a\n', 'lock.json': '1\n', 'old.txt': 'old\n', 'x.txt': 'x\n' } });
  opened.push(repo);
  const git = await createGit({ root: repo.root, runtimeDir: null, environment: repo.env });
  const tree = join(repo.base, 'shop-wt001');
  const names = { branchName: 'roadmap-001', target: 'main' };
  await git.createWorktree({ runId, slug: '001', ...names, path: tree });
  repo.write(join(tree, 'lock.json'), '2\n');
  rmSync(join(tree, 'old.txt'));
  repo.write(join(tree, 'made.txt'), 'made\n');
  const setupFiles = await git.uncommittedFiles(tree);
  const base = repo.git('rev-parse', 'main');
  const inspect = () => git.inspect({ ...names, worktreePath: tree, base, setupFiles });
  return { repo, git, tree, names, setupFiles, inspect };
}

test('what the setup changed is not the work of the agent, neither uncommitted nor committed', async () => {
  const { repo, tree, setupFiles, inspect } = await afterSetup();
  expect(Object.keys(setupFiles).sort()).toEqual(['lock.json', 'made.txt', 'old.txt']);
  expect(setupFiles['old.txt']).toBeNull();
  repo.write(join(tree, 'a.txt'), 'agent\n');
  repo.gitIn(tree, 'add', 'a.txt');
  repo.gitIn(tree, 'commit', '-qm', 'Own file');
  expect(await inspect()).toMatchObject({ dirty: [], files: [{ path: 'a.txt' }] });

  repo.gitIn(tree, 'add', '-A');
  repo.gitIn(tree, 'commit', '-qm', 'Everything');
  const all = await inspect();
  expect(all.files.map(({ path }) => path)).toEqual(['a.txt', 'lock.json', 'made.txt', 'old.txt']);
  expect([...(all.bySetup ?? [])].sort()).toEqual(['lock.json', 'made.txt', 'old.txt']);
});

test('what the agent changes of it afterwards is its own again', async () => {
  const { repo, tree, inspect } = await afterSetup();
  repo.write(join(tree, 'lock.json'), '3\n');
  expect((await inspect()).dirty).toEqual(['lock.json']);
  repo.write(join(tree, 'old.txt'), 'back\n');
  repo.gitIn(tree, 'add', '-A');
  repo.gitIn(tree, 'commit', '-qm', 'Everything');
  expect((await inspect()).bySetup).toEqual(['made.txt']);
});

test('a name that every object knows is not taken for a file of the setup', async () => {
  const { repo, tree, inspect } = await afterSetup();
  repo.write(join(tree, '__proto__'), 'work\n');
  symlinkSync('a.txt', join(tree, 'constructor'));
  expect([...(await inspect()).dirty].sort()).toEqual(['__proto__', 'constructor']);
});

test('a landed worktree goes although the setup left files in it, and stays for what the agent left', async () => {
  const { repo, git, tree, names, setupFiles } = await afterSetup();
  repo.write(join(tree, 'a.txt'), 'agent\n');
  repo.gitIn(tree, 'add', 'a.txt');
  repo.gitIn(tree, 'commit', '-qm', 'Own file');
  const head = repo.gitIn(tree, 'rev-parse', 'HEAD');
  repo.git('merge', '-q', '--no-ff', '-m', 'Land', 'roadmap-001');
  const landed = repo.git('rev-parse', 'main');
  const request = { runId, slug: '001', ...names, worktreePath: tree, landed, head, setupFiles };
  repo.write(join(tree, 'x.txt'), 'agent\n');
  expect(await git.clean({ ...request, confirmedLoss: [] })).toMatchObject({ outcome: 'kept' });
  repo.write(join(tree, 'x.txt'), 'x\n');
  expect(await git.clean({ ...request, confirmedLoss: [] })).toMatchObject({ outcome: 'removed', rescued: [] });
});

test('what a run left is committed on request: its own files alone, as they are, whatever else the index holds', async () => {
  const { repo, git, tree, names, setupFiles, inspect } = await afterSetup();
  repo.write(join(tree, 'a.txt'), 'agent\n');
  repo.write(join(tree, 'new [1].txt'), 'new\n');
  rmSync(join(tree, 'x.txt'));
  // It had staged everything, the files of the setup too.
  repo.gitIn(tree, 'add', '-A');
  const head = repo.gitIn(tree, 'rev-parse', 'HEAD').trim();
  const request = {
    branchName: names.branchName,
    worktreePath: tree,
    head,
    setupFiles,
    message: 'Commit what claude left\n\nThe agent ended with this.',
    trailers: { 'Cm-Task': 'US-001' },
  };
  expect(await git.commitLeft({ ...request, head: repo.git('rev-parse', 'main^{tree}').trim() })).toMatchObject({
    outcome: 'failed',
  });
  const result = await git.commitLeft(request);
  expect(result).toMatchObject({ outcome: 'committed', paths: ['a.txt', 'new [1].txt', 'x.txt'] });
  const shown = repo.gitIn(tree, 'show', '--format=%an%n%B', '--name-status', 'HEAD');
  expect(shown).toContain('Commit what claude left');
  expect(shown).toContain('Cm-Task: US-001');
  for (const line of ['M\ta.txt', 'A\tnew [1].txt', 'D\tx.txt']) expect(shown).toContain(line);
  expect(shown).not.toMatch(/lock\.json|made\.txt|old\.txt/);
  expect(await inspect()).toMatchObject({ dirty: [], commits: 1 });
  const tip = repo.gitIn(tree, 'rev-parse', 'HEAD').trim();
  expect(await git.commitLeft({ ...request, head: tip })).toEqual({ outcome: 'nothing' });
  // A repository inside of it stays where it is, whatever else is committed.
  repo.gitIn(tree, 'init', '-q', 'inner');
  repo.write(join(tree, 'inner/own'), 'own\n');
  repo.commit('Own', join(tree, 'inner'));
  expect(await git.commitLeft({ ...request, head: tip })).toMatchObject({
    outcome: 'failed',
    message: expect.stringContaining('inner/ is a repository of its own'),
  });
  repo.write(join(tree, 'beside.txt'), 'beside\n');
  const second = await git.commitLeft({ ...request, head: tip });
  expect(second).toMatchObject({ outcome: 'committed', paths: ['beside.txt'] });
  expect(await inspect()).toMatchObject({ dirty: ['inner/'] });
  const after = repo.gitIn(tree, 'rev-parse', 'HEAD').trim();
  repo.gitIn(tree, 'checkout', '-q', '--detach');
  expect(await git.commitLeft({ ...request, head: after })).toMatchObject({
    outcome: 'failed',
    message: expect.stringContaining('not on roadmap-001'),
  });
});
