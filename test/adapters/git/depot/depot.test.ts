import { execFileSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { createDepot } from '../../../../source/adapters/git/depot/create-depot.ts';
import { openDepot } from '../../../../source/adapters/git/depot/depot.ts';
import { openWorkerGit, workerTarget } from '../../../../source/adapters/git/depot/worker-git.ts';
import { createRepository, type TestRepository } from '../../../helpers/git/repository.ts';

const runId = 'abcdefgh12345678';
const id = `${runId}.1`;
let shop: TestRepository;

afterEach(() => shop.cleanup());

/** A repository with a depot that has its tip, and a way to get workers. */
async function world() {
  shop = createRepository({ files: { 'a.txt': '1\n' } });
  const path = join(shop.base, 'depot.git');
  await createDepot(path);
  const depot = openDepot(join(shop.root, '.git'), path);
  const base = shop.git('rev-parse', 'HEAD');
  await depot.offerBase(base);
  const worker = async (name: string) => {
    const folder = join(shop.base, `${name}.git`);
    const git = await openWorkerGit(folder, path, name);
    await git.takeBase(base);
    return { folder, git };
  };
  const sign = () => ({ key: 'k'.repeat(43), sig: 's'.repeat(86) });
  const claimOf = (git: Awaited<ReturnType<typeof worker>>['git'], nonce: string) =>
    git.makeClaim({ runId, epoch: 1, base, nonce, sign });
  return { path, depot, base, worker, claimOf, sign };
}

/** A commit on top of `base` in a worker's repository. */
function work(folder: string, base: string, file = 'b.txt'): string {
  const git = (args: readonly string[], input = '') =>
    execFileSync('git', ['--git-dir', folder, ...args], { env: shop.env, input, encoding: 'utf8' }).trim();
  const blob = git(['hash-object', '-w', '--stdin'], 'work\n');
  const rest = git(['ls-tree', base]);
  const tree = git(['mktree'], `${rest}\n100644 blob ${blob}\t${file}\n`);
  return git(['commit-tree', tree, '-p', base, '-m', 'Work']);
}

describe('a claim', () => {
  it('is won by the first of two workers, and known to be lost by the other', async () => {
    const { depot, worker, claimOf, sign } = await world();
    const [one, two] = [await worker('w1'), await worker('w2')];
    const claims = [await claimOf(one.git, 'a'), await claimOf(two.git, 'b')] as const;
    const answers = await Promise.all([one.git.pushClaim(runId, 1, claims[0]), two.git.pushClaim(runId, 1, claims[1])]);
    expect([...answers].sort()).toEqual(['lost', 'won']);
    const winning = answers[0] === 'won' ? ['w1', 'a'] : ['w2', 'b'];
    const proof = { body: JSON.stringify(`${id} ${winning.join(' ')}`), ...sign() };
    expect(await depot.claims()).toEqual({ [id]: { worker: winning[0], proof } });
    // What was pushed before a crash is recognised, and not lost to itself.
    const winner = answers[0] === 'won' ? ([one, claims[0]] as const) : ([two, claims[1]] as const);
    expect(await winner[0].git.pushClaim(runId, 1, winner[1])).toBe('won');
    expect(await winner[0].git.pushClaim(runId, 1, await claimOf(winner[0].git, 'again'))).toBe('lost');
  });

  it('tells nothing where the depot cannot be reached', async () => {
    const { path, worker, claimOf } = await world();
    const { folder } = await worker('w1');
    const away = await openWorkerGit(folder, `${path}-away`, 'w1');
    expect(await away.pushClaim(runId, 1, await claimOf(away, 'a'))).toBe('unreachable');
    expect(await away.pushResult(runId, 1, await claimOf(away, 'a'), await claimOf(away, 'b'))).toBe(false);
  });

  it('is taken by who cancels it, so that nobody can have it any more', async () => {
    const { depot, worker, claimOf } = await world();
    const { git } = await worker('w1');
    expect(await depot.claimForCancel(runId, 1)).toBe('nobody-has-it');
    expect(await depot.claimForCancel(runId, 1)).toBe('nobody-has-it');
    expect(await git.pushClaim(runId, 1, await claimOf(git, 'a'))).toBe('lost');
    expect(await git.pushClaim(runId, 2, await claimOf(git, 'a'))).toBe('won');
    expect(await depot.claimForCancel(runId, 2)).toBe('asked');
  });
});

describe('a result', () => {
  it('comes home under a pin and gets its branch, and nobody moves a branch that is there', async () => {
    const { depot, base, worker, claimOf } = await world();
    const { folder, git } = await worker('w1');
    const claim = await claimOf(git, 'a');
    await git.pushClaim(runId, 1, claim);
    const head = work(folder, base);
    const ref = { runId, epoch: 1, slug: '041', head };
    expect(await depot.bringHome([ref])).toEqual({ [runId]: null });
    expect(await git.pushResult(runId, 1, claim, head)).toBe(true);
    expect(await git.pushResult(runId, 1, claim, head)).toBe(true);
    expect(await depot.claims()).toEqual({ [id]: { worker: '', proof: null } });
    expect(await depot.bringHome([ref])).toEqual({ [runId]: head });
    expect(shop.git('rev-parse', 'refs/cm/fleet/041/1')).toBe(head);
    expect(await depot.createBranch('roadmap-041', head)).toBe(true);
    expect(await depot.createBranch('roadmap-041', head)).toBe(true);
    expect(await depot.createBranch('roadmap-041', base)).toBe(false);
    expect(shop.git('rev-parse', 'roadmap-041')).toBe(head);
  });

  it('that finds its place taken is kept beside it', async () => {
    const { path, base, worker, claimOf } = await world();
    const [one, two] = [await worker('w1'), await worker('w2')];
    const claim = await claimOf(one.git, 'a');
    await one.git.pushClaim(runId, 1, claim);
    await one.git.pushResult(runId, 1, claim, work(one.folder, base));
    const late = work(two.folder, base, 'c.txt');
    expect(await two.git.pushResult(runId, 1, await claimOf(two.git, 'b'), late)).toBe(true);
    expect(shop.gitIn(path, 'rev-parse', `refs/cm/late/${runId}/1/w2`)).toBe(late);
  });

  it('is the commit that its worker has signed for, whatever else was pushed to its place', async () => {
    const { path, depot, base, worker, claimOf } = await world();
    const [one, two] = [await worker('w1'), await worker('w2')];
    const claim = await claimOf(one.git, 'a');
    await one.git.pushClaim(runId, 1, claim);
    const foreign = work(two.folder, base, 'foreign.txt');
    shop.gitIn(two.folder, 'push', '-q', '--force', path, `${foreign}:refs/cm/runs/${runId}/1`);
    const head = work(one.folder, base);
    const ref = { runId, epoch: 1, slug: '041', head };
    expect(await depot.bringHome([ref])).toEqual({ [runId]: null });
    // Its own worker puts it beside, and there it is found.
    expect(await one.git.pushResult(runId, 1, claim, head)).toBe(true);
    expect(await depot.bringHome([ref])).toEqual({ [runId]: head });
    expect(shop.git('rev-parse', 'refs/cm/fleet/041/1')).toBe(head);
    expect((await shop.tryGit(shop.root, 'cat-file', '-e', foreign)).code).not.toBe(0);
  });

  it('with an object that git refuses brings nothing home', async () => {
    const { path, depot, base, worker } = await world();
    const { folder } = await worker('w1');
    const head = work(folder, base);
    const raw = `tree ${shop.gitIn(folder, 'rev-parse', `${head}^{tree}`)}\nparent ${base}\nauthor x <x> 1\ncommitter x\n\nbad\n`;
    // As somebody who writes into the depot by other ways than a push.
    const input = { env: shop.env, input: raw, encoding: 'utf8' } as const;
    execFileSync('git', ['--git-dir', path, 'fetch', '-q', folder, `${head}:refs/cm/wip/x/1`], { env: shop.env });
    const write = ['--git-dir', path, 'hash-object', '-t', 'commit', '-w', '--literally', '--stdin'];
    const bad = execFileSync('git', write, input).trim();
    execFileSync('git', ['--git-dir', path, 'update-ref', `refs/cm/runs/${runId}/1`, bad], { env: shop.env });
    await expect(depot.bringHome([{ runId, epoch: 1, slug: '041', head: bad }])).rejects.toThrow(
      'depot could not be fetched',
    );
    await expect(shop.tryGit(shop.root, 'cat-file', '-e', bad)).resolves.not.toMatchObject({ code: 0 });
  });
});

describe('the hook', () => {
  it.each([
    ['a branch', (head: string) => `${head}:refs/heads/main`],
    ['a base', (head: string) => `${head}:refs/cm/base/${head}`],
    ['another ref of ours', (head: string) => `${head}:refs/cm/landed/041`],
    ['a tag', (head: string) => `${head}:refs/tags/v1`],
    ['a deletion', () => `:refs/cm/runs/${runId}/1`],
  ])('refuses %s from a worker', async (_, spec) => {
    const { path, worker, claimOf } = await world();
    const { folder, git } = await worker('w1');
    const claim = await claimOf(git, 'a');
    await git.pushClaim(runId, 1, claim);
    const before = shop.gitIn(path, 'for-each-ref');
    const { code, stderr } = await shop.tryGit(folder, 'push', '--force', path, spec(claim));
    expect(code).not.toBe(0);
    expect(stderr).toMatch(/cm-tui: |deletion prohibited/);
    expect(shop.gitIn(path, 'for-each-ref')).toBe(before);
  });

  it('lets no push in that is larger than the depot takes', async () => {
    const { path, base, worker } = await world();
    const { folder } = await worker('w1');
    shop.gitIn(path, 'config', 'receive.maxInputSize', '100');
    const { code } = await shop.tryGit(folder, 'push', path, `${work(folder, base)}:refs/cm/runs/${runId}/1`);
    expect(code).not.toBe(0);
    expect(shop.gitIn(path, 'for-each-ref', 'refs/cm/runs')).toBe('');
  });
});

it('makes no depot of a folder that is something else, and mends one of its own', async () => {
  const { path } = await world();
  await expect(createDepot(shop.root)).rejects.toThrow('is not a depot');
  const hook = join(path, 'hooks', 'update');
  writeFileSync(hook, '#!/bin/sh\nexit 0\n');
  await createDepot(path);
  expect(execFileSync('cat', [hook], { encoding: 'utf8' })).toContain('refs/cm/runs/*');
  expect(existsSync(join(path, 'refs/heads', workerTarget))).toBe(false);
});
