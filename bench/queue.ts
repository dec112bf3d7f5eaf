import { join } from 'node:path';
import { createGit, type GitAdapter } from '../source/adapters/git/index.ts';
import type { TestRepository } from '../test/helpers/git/repository.ts';
import { committingAgent, createProduct } from '../test/helpers/programs/product.ts';
import { median } from './helpers/median.ts';
import { fastFolder, largeRepository, timed } from './landing.ts';
import type { BenchResult } from './types.ts';

const agents = 10;
const rounds = 9;
const branches = 20;

/** The conflict radar beside ten agents at work, and what a landing takes in a queue of many without checks. */
export async function run(): Promise<BenchResult[]> {
  return [...(await radar()), await throughput()];
}

interface Work {
  readonly repo: TestRepository;
  readonly git: GitAdapter;
  readonly paths: readonly string[];
  readonly base: string;
}

async function radar(): Promise<readonly BenchResult[]> {
  const repo = largeRepository(1000);
  try {
    const git = await createGit({ root: repo.root, runtimeDir: null, environment: repo.env });
    const work = { repo, git, paths: await makeWorktrees(repo, git), base: repo.git('rev-parse', 'main') };
    const uncommitted = await lookAll(work);
    const quiet: number[] = [];
    const moved: number[] = [];
    const plain: number[] = [];
    const bare: number[] = [];
    for (let round = 0; round < rounds; round++) {
      quiet.push(await timed(async () => stamps(work, uncommitted)));
      bare.push(await timed(() => repo.tryGit(repo.root, 'version')));
      repo.write(join(work.paths[0] ?? '', 'folder-0/file-0.txt'), `edit ${round}\n`);
      moved.push(await timed(() => lookAtOne(work)));
      plain.push(await timed(() => byHand(work)));
    }
    return [
      {
        name: `radar: a look at ${agents} agents of which none has moved`,
        unit: 'ms',
        value: median(quiet),
        baseline: median(bare),
        baselineName: 'one start of git',
        ratio: median(quiet) / median(bare),
        limit: 0.5,
      },
      {
        name: `radar: a look at ${agents} agents of which one has moved`,
        unit: 'ms',
        value: median(moved),
        baseline: median(plain),
        baselineName: `git status and ${agents} git merge-tree`,
        ratio: median(moved) / median(plain),
        limit: 2,
        note: 'a snapshot beside the status: add, write-tree and commit-tree, one after another',
      },
    ];
  } finally {
    repo.cleanup();
  }
}

async function makeWorktrees(repo: TestRepository, git: GitAdapter): Promise<readonly string[]> {
  const paths: string[] = [];
  for (let n = 0; n < agents; n++) {
    const slug = `00${n}`;
    const path = join(repo.base, `shop-wt${slug}`);
    const made = await git.createWorktree({
      runId: `benchmark000000${n}`,
      slug,
      branchName: `roadmap-${slug}`,
      path,
      target: 'main',
    });
    if (made.outcome !== 'created') throw new Error(JSON.stringify(made));
    repo.write(join(path, `folder-${n}/file-${n}.txt`), `work of ${n}\n`);
    paths.push(path);
  }
  return paths;
}

/** Snapshots of all, and every pair of them once; the uncommitted paths of each. */
async function lookAll({ git, paths, base }: Work): Promise<readonly (readonly string[])[]> {
  const snapshots = [];
  for (const path of paths) snapshots.push(await git.snapshotWork(path));
  for (const [index, one] of snapshots.entries()) {
    await git.predictPair(one?.commit ?? '', base);
    for (const other of snapshots.slice(index + 1)) await git.predictPair(one?.commit ?? '', other?.commit ?? '');
  }
  return snapshots.map(snapshot => snapshot?.paths ?? []);
}

async function stamps({ git, paths }: Work, uncommitted: readonly (readonly string[])[]): Promise<void> {
  for (const [index, path] of paths.entries()) git.workStamp(path, uncommitted[index] ?? []);
}

/** What the radar does when the first has moved: a snapshot of it, and its merge with the target and the nine others. */
async function lookAtOne({ git, paths, base, repo }: Work): Promise<void> {
  const snapshot = await git.snapshotWork(paths[0] ?? '');
  if (snapshot === null) throw new Error('no snapshot');
  await git.predictPair(snapshot.commit, base);
  for (let n = 1; n < agents; n++) {
    await git.predictPair(snapshot.commit, repo.git('rev-parse', `roadmap-00${n}`));
  }
}

async function byHand({ paths, repo }: Work): Promise<void> {
  await repo.tryGit(paths[0] ?? '', 'status', '--porcelain', '--untracked-files=all');
  for (let n = 0; n < agents; n++) {
    repo.git('rev-parse', `roadmap-00${n}`);
    await repo.tryGit(repo.root, 'merge-tree', '--write-tree', 'main', `roadmap-00${n}`);
  }
}

/** From the first yes to the last landing, through the built program, beside `git merge --no-ff` of the same branches. */
async function throughput(): Promise<BenchResult> {
  const keys = Array.from({ length: branches }, (_, index) => `US-${100 + index}`);
  const product = createProduct({
    items: keys.map(id => ({ id, files: [`out/${id}.txt`] })),
    agent: committingAgent,
    settings: { maxParallel: 8 },
    // In memory, so that git is measured and not the disk that every step of ours waits for, and git merge does not.
    under: fastFolder,
  });
  try {
    await product.run('start', '--headless', '--exit-when-idle');
    const start = product.git('rev-parse', 'roadmap');
    const running = product.start('start', '--headless');
    await running.event(event => event.type === 'coordinator-started');
    const result = await product.run('merge', '--all-clean');
    if (result.code !== 0) throw new Error(`the merge ended with ${result.code}: ${result.stderr}`);
    const times = (type: string) =>
      running.events.filter(event => event.type === type).map(event => Date.parse(String(event.ts)));
    const value = (Math.max(...times('landed')) - Math.min(...times('merge-approved'))) / branches;
    running.kill('SIGTERM');
    await running.exit;
    product.git('switch', '-q', '-c', 'by-hand', start);
    const baseline = await timed(async () => {
      for (const key of keys) {
        const branch = `roadmap-${key.slice(3)}`;
        await product.tryGit(product.root, 'merge', '-q', '--no-ff', '-m', `Merge ${key}`, branch);
      }
    });
    return {
      name: `queue: a landing without checks, ${branches} in a row`,
      unit: 'ms',
      value,
      baseline: baseline / branches,
      baselineName: 'git merge --no-ff in a checkout',
      ratio: value / (baseline / branches),
      limit: 6,
      note: `each journaled, pinned and with its status line; ${(1000 / value).toFixed(1)} a second`,
    };
  } finally {
    product.cleanup();
  }
}
