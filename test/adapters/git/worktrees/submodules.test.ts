import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { createGit, type GitAdapter } from '../../../../source/adapters/git/index.ts';
import { createRepository, type TestRepository } from '../../../helpers/git/repository.ts';
import { isLong } from '../../../helpers/tiers.ts';

const runId = 'abcdefgh12345678';
const names = { runId, slug: '001', branchName: 'roadmap-001', target: 'main' };
const opened: TestRepository[] = [];
afterEach(() => {
  for (const repo of opened.splice(0)) repo.cleanup();
});

/** A repository with the submodule `deps/lib`, initialised in the user's checkout or not. */
async function make({ initialised = true, submodules = true } = {}) {
  const lib = createRepository({ name: 'lib', files: { l: 'lib\n' } });
  const repo = createRepository();
  opened.push(lib, repo);
  for (const one of [lib, repo]) one.git('config', '--global', 'protocol.file.allow', 'always');
  repo.git('submodule', '--quiet', 'add', lib.root, 'deps/lib');
  repo.commit('Submodule');
  if (!initialised) {
    repo.git('submodule', '--quiet', 'deinit', '--all', '--force');
    rmSync(join(repo.root, '.git/modules'), { recursive: true });
  }
  const git = await createGit({ root: repo.root, runtimeDir: null, environment: repo.env, submodules });
  const path = join(repo.base, 'shop-wt001');
  return { repo, lib, git, path, inLib: join(path, 'deps/lib') };
}

function allow(repo: TestRepository, folder: string): void {
  repo.gitIn(folder, 'config', 'user.name', 'Ada');
}

/** A commit in the submodule of the run's worktree, and one of the run that points to it. */
function work(repo: TestRepository, path: string, inLib: string): { readonly head: string; readonly pointer: string } {
  allow(repo, inLib);
  writeFileSync(join(inLib, 'new'), 'new\n');
  const pointer = repo.commit('Work in the submodule', inLib);
  return { head: repo.commit('Work', path), pointer };
}

async function landed(
  git: GitAdapter,
  head: string,
): Promise<{ readonly candidate: string; readonly remark?: string }> {
  const prepared = await git.prepare({ ...names, head, message: 'Merge', trailers: {}, status: null });
  if (prepared.outcome !== 'prepared') throw new Error(JSON.stringify(prepared));
  const { base, candidate } = prepared;
  const result = await git.land({ ...names, base, candidate });
  if (result.outcome !== 'landed') throw new Error(JSON.stringify(result));
  return { candidate, ...(result.remark === undefined ? {} : { remark: result.remark }) };
}

describe('submodules', () => {
  test('are checked out in new worktrees from the store of the repository, whose settings stay as they are', async () => {
    const { repo, lib, git, path, inLib } = await make();
    const before = repo.read(join(repo.root, '.git/config'));
    // Nobody has to be asked for what is here.
    rmSync(lib.root, { recursive: true });
    expect(await git.createWorktree({ ...names, path })).toMatchObject({ outcome: 'created' });
    expect(repo.read(join(inLib, 'l'))).toBe('lib\n');
    expect(repo.gitIn(inLib, 'config', 'remote.origin.url')).toBe(lib.root);
    expect(repo.read(join(repo.root, '.git/config'))).toBe(before);
    expect(repo.gitIn(path, 'status', '--porcelain')).toBe('');
  });

  test('of which nothing is here yet are cloned as git does it; without the setting they stay empty', async () => {
    const { repo, git, path, inLib } = await make({ initialised: false });
    expect(await git.createWorktree({ ...names, path })).toMatchObject({ outcome: 'created' });
    expect(existsSync(join(inLib, 'l'))).toBe(true);
    const without = await createGit({ root: repo.root, runtimeDir: null, environment: repo.env });
    const second = { ...names, runId: 'abcdefgh12345679', slug: '002', branchName: 'roadmap-002' };
    expect(await without.createWorktree({ ...second, path: `${path}-2` })).toMatchObject({ outcome: 'created' });
    expect(existsSync(join(`${path}-2`, 'deps/lib/l'))).toBe(false);
  });

  test.runIf(isLong)('that cannot be cloned fail the run with the reason', async () => {
    const { repo, git, path } = await make({ initialised: false });
    repo.git('config', '-f', '.gitmodules', 'submodule.deps/lib.url', join(repo.base, 'nowhere'));
    repo.commit('Lost');
    expect(await git.createWorktree({ ...names, path })).toMatchObject({
      outcome: 'failed',
      message: expect.stringMatching(/^Could not check out the submodule deps\/lib: .*nowhere/),
    });
  });

  test('checks see what the branch makes of them, and a change of their files is one of the candidate', async () => {
    const { repo, git, path, inLib } = await make();
    await git.createWorktree({ ...names, path });
    const { head } = work(repo, path, inLib);
    const prepared = await git.prepare({ ...names, head, message: 'Merge', trailers: {}, status: null });
    if (prepared.outcome !== 'prepared') throw new Error(JSON.stringify(prepared));
    const tree = await git.checkoutCandidate(prepared.candidate, []);
    expect(repo.read(join(tree, 'deps/lib/new'))).toBe('new\n');
    expect(await git.candidateIntact(prepared.candidate)).toBe(true);
    repo.write(join(tree, 'deps/lib/new'), 'changed\n');
    expect(await git.candidateIntact(prepared.candidate)).toBe(false);
  });

  test('a landed pointer leads to a commit of the own store, so that the worktree can go and git gc keeps it', async () => {
    const { repo, git, path, inLib } = await make();
    await git.createWorktree({ ...names, path });
    const { head, pointer } = work(repo, path, inLib);
    const { candidate, remark } = await landed(git, head);
    expect(remark).toBeUndefined();
    const removal = { ...names, worktreePath: path, landed: candidate, head };
    expect((await git.probeClean(removal)).obstacles).toEqual([]);
    expect(await git.clean({ ...removal, confirmedLoss: [] })).toMatchObject({ outcome: 'removed' });
    repo.gitIn(join(repo.root, 'deps/lib'), 'gc', '-q', '--prune=now');
    repo.git('submodule', '--quiet', 'update');
    expect(repo.gitIn(join(repo.root, 'deps/lib'), 'rev-parse', 'HEAD')).toBe(pointer);
  });

  test('a landed pointer that cannot be brought is reported, and what only the worktree has keeps it', async () => {
    const { repo, git, path, inLib } = await make({ initialised: false });
    await git.createWorktree({ ...names, path });
    const { head, pointer } = work(repo, path, inLib);
    const { candidate, remark } = await landed(git, head);
    expect(remark).toContain(`deps/lib now points to ${pointer.slice(0, 10)}, which only ${inLib} has; push it`);
    const { obstacles, binding } = await git.probeClean({ ...names, worktreePath: path, landed: candidate, head });
    expect(obstacles).toEqual([expect.stringContaining(`has ${pointer.slice(0, 10)}, which no other copy has`)]);
    expect(binding).toEqual(obstacles);
  });

  test('whose files lie nobody knows where keep the worktree', async () => {
    const { repo, git, path, inLib } = await make();
    await git.createWorktree({ ...names, path });
    repo.gitIn(inLib, 'config', '--unset', 'core.worktree');
    const { obstacles, binding } = await git.probeClean({
      ...names,
      worktreePath: path,
      landed: null,
      head: repo.gitIn(path, 'rev-parse', 'HEAD').trim(),
    });
    expect(obstacles).toContainEqual(expect.stringContaining('deps/lib'));
    expect(binding).toContainEqual(expect.stringContaining('does not say where its files are'));
  });

  test.runIf(isLong)('files in them that no commit has keep the worktree', async () => {
    const { repo, git, path, inLib } = await make();
    await git.createWorktree({ ...names, path });
    const { head } = work(repo, path, inLib);
    const { candidate } = await landed(git, head);
    writeFileSync(join(inLib, 'notes'), 'mine\n');
    const { obstacles } = await git.probeClean({ ...names, worktreePath: path, landed: candidate, head });
    expect(obstacles).toContainEqual(
      expect.stringContaining(`The submodule deps/lib in ${path} holds notes, which no commit has`),
    );
  });
});
