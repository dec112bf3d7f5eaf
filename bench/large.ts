import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { createGit, type GitAdapter } from '../source/adapters/git/index.ts';
import type { TestRepository } from '../test/helpers/git/repository.ts';
import { median } from './helpers/median.ts';
import { largeRepository, timed } from './landing.ts';
import type { BenchResult } from './types.ts';

/** `CM_BENCH_FILES` and `CM_BENCH_COMMITS` make it smaller. */
const files = Number(process.env.CM_BENCH_FILES ?? 100_000);
const commits = Number(process.env.CM_BENCH_COMMITS ?? 300_000);
const rounds = 3;
/** Runs that are started at once. */
const atOnce = 4;

/** What each step of a run costs in a large repository with a long history, beside what git alone needs for it. */
export async function run(): Promise<BenchResult[]> {
  const repo = largeRepository(files);
  try {
    lengthen(repo);
    const git = await createGit({ root: repo.root, runtimeDir: null, environment: repo.env });
    const results: BenchResult[] = [];
    results.push(...(await measureStarts(repo, git)), ...(await measureRest(repo, git)));
    return results;
  } finally {
    repo.cleanup();
  }
}

/** Commits that change nothing, on `main`. */
function lengthen(repo: TestRepository): void {
  const tip = repo.git('rev-parse', 'main');
  const author = (at: number) =>
    `author Ada <ada@example.org> ${at} +0000\ncommitter Ada <ada@example.org> ${at} +0000`;
  const one = (at: number) =>
    `commit refs/heads/main\nmark :${at}\n${author(at)}\ndata 1\nx\nfrom ${at === 1 ? tip : `:${at - 1}`}\n\n`;
  const input = Array.from({ length: commits }, (_, at) => one(at + 1)).join('');
  execFileSync('git', ['fast-import', '--quiet', '--force'], { cwd: repo.root, env: repo.env, input });
}

function requestOf(repo: TestRepository, name: string) {
  const slug = name;
  return { slug, branchName: `roadmap-${slug}`, path: join(repo.base, `shop-wt${slug}`), target: 'main' };
}

async function create(repo: TestRepository, git: GitAdapter, name: string): Promise<void> {
  const runId = `benchmark${name.padStart(7, '0')}`;
  const answer = await git.createWorktree({ ...requestOf(repo, name), runId });
  if (answer.outcome !== 'created') throw new Error(JSON.stringify(answer));
}

function bare(repo: TestRepository, name: string): Promise<unknown> {
  const place = join(repo.base, `bare-${name}`);
  return repo.tryGit(repo.root, 'worktree', 'add', '-q', '--no-track', '-b', `bare-${name}`, place, 'main');
}

async function measureStarts(repo: TestRepository, git: GitAdapter): Promise<BenchResult[]> {
  const [ours, theirs, last, lastBare, trial, trialAlone]: number[][] = [[], [], [], [], [], []];
  const head = repo.branch('change', { 'folder-1/file-1.txt': 'changed\n' });
  for (let round = 0; round < rounds; round++) {
    ours?.push(await timed(() => create(repo, git, `1${round}`)));
    theirs?.push(await timed(() => bare(repo, `1${round}`)));
    trialAlone?.push(await timed(() => repo.tryGit(repo.root, 'merge-tree', '--write-tree', 'main', head)));
    const names = Array.from({ length: atOnce }, (_, n) => `2${round}${n}`);
    const all = timed(() => Promise.all(names.map(name => create(repo, git, name))));
    trial?.push(await timed(() => git.predict('main', head)));
    last?.push(await all);
    lastBare?.push(await timed(() => Promise.all(names.map(name => bare(repo, name)))));
  }
  const size = `${files} files, ${commits} commits`;
  const ahead = await measureWarm(repo, git, size, median(theirs ?? []));
  return [
    ahead,
    beside(`worktree for an item, ${size}`, ours ?? [], theirs ?? [], 'git worktree add'),
    beside(
      `the last of ${atOnce} worktrees at once, ${size}`,
      last ?? [],
      lastBare ?? [],
      `${atOnce} × git worktree add`,
    ),
    beside(`trial merge while ${atOnce} worktrees are made, ${size}`, trial ?? [], trialAlone ?? [], 'git merge-tree'),
  ];
}

/** From the request to a worktree of the pool, which replaces the checkout. */
async function measureWarm(
  repo: TestRepository,
  git: GitAdapter,
  size: string,
  baseline: number,
): Promise<BenchResult> {
  const folder = join(repo.base, '.shop-warm');
  await git.keepWarm?.({ count: rounds, folder, target: 'main', mayGoOn: () => true });
  const taken: number[] = [];
  for (let round = 0; round < rounds; round++) taken.push(await timed(() => create(repo, git, `3${round}`)));
  const value = median(taken);
  const name = `worktree made ahead, ${size}`;
  return {
    name,
    unit: 'ms',
    value,
    baseline,
    baselineName: 'git worktree add',
    ratio: value / baseline,
    limit: 100,
    limitOn: 'value',
  };
}

async function measureRest(repo: TestRepository, git: GitAdapter): Promise<BenchResult[]> {
  const [judged, status, landed, merged, cleaned, removed]: number[][] = [[], [], [], [], [], []];
  for (let round = 0; round < rounds; round++) {
    const { slug, branchName, path, target } = requestOf(repo, `1${round}`);
    const runId = `benchmark${slug.padStart(7, '0')}`;
    const base = repo.git('rev-parse', 'main');
    repo.write(join(path, `folder-${round}/file-${round}.txt`), 'changed\n');
    const head = repo.commit('Work', path);
    const run = { branchName, worktreePath: path, target };
    judged?.push(await timed(() => git.inspect({ ...run, base: repo.git('merge-base', 'main', head) })));
    status?.push(await timed(() => repo.tryGit(path, 'status', '--porcelain')));
    landed?.push(await timed(() => land(git, { runId, slug, branchName, head })));
    const candidate = repo.git('rev-parse', 'main');
    cleaned?.push(
      await timed(() => git.clean({ ...run, runId, slug, head, landed: candidate, confirmedLoss: [] }).then(gone)),
    );
    repo.git('branch', '-q', branchName, head);
    repo.git('reset', '-q', '--hard', base);
    merged?.push(await timed(() => repo.tryGit(repo.root, 'merge', '-q', '--no-ff', '-m', 'Merge', branchName)));
    removed?.push(await timed(() => repo.tryGit(repo.root, 'worktree', 'remove', join(repo.base, `bare-1${round}`))));
  }
  const size = `${files} files, ${commits} commits`;
  return [
    beside(`judging a branch, ${size}`, judged ?? [], status ?? [], 'git status'),
    beside(`landing, ${size}`, landed ?? [], merged ?? [], 'git merge --no-ff'),
    beside(`clean, ${size}`, cleaned ?? [], removed ?? [], 'git worktree remove'),
  ];
}

async function land(
  git: GitAdapter,
  run: { readonly runId: string; readonly slug: string; readonly branchName: string; readonly head: string },
): Promise<void> {
  const how = { target: 'main', message: 'Merge', trailers: {}, squash: false, status: null };
  const prepared = await git.prepare({ ...run, ...how });
  if (prepared.outcome !== 'prepared') throw new Error(JSON.stringify(prepared));
  const { base, candidate } = prepared;
  const result = await git.land({ runId: run.runId, slug: run.slug, target: 'main', base, candidate });
  if (result.outcome !== 'landed') throw new Error(JSON.stringify(result));
}

function gone({ outcome }: { readonly outcome: string }): void {
  if (outcome !== 'removed') throw new Error(`The worktree was not removed: ${outcome}`);
}

/** At most 1.3 times what git needs, and 50 ms more. */
function beside(name: string, ours: readonly number[], theirs: readonly number[], baselineName: string): BenchResult {
  const [value, baseline] = [median(ours), median(theirs)];
  const limit = (1.3 * baseline + 50) / baseline;
  return { name, unit: 'ms', value, baseline, baselineName, ratio: value / baseline, limit };
}
