import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { createGit, type GitAdapter } from '../source/adapters/git/index.ts';
import { createRepository, type TestRepository } from '../test/helpers/git/repository.ts';
import { median } from './helpers/median.ts';
import type { BenchResult } from './types.ts';

const rounds = 21;
const runId = 'benchmark0000000';

/** On a memory file system, so that git is measured and not the disk. */
export const fastFolder = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();

/** A repository of `count` small files in folders of a hundred. */
export function largeRepository(count: number): TestRepository {
  const files: Record<string, string> = {};
  for (let n = 0; n < count; n++) files[`folder-${n % 100}/file-${n}.txt`] = `file ${n}\n`.repeat(20);
  return createRepository({ files, under: fastFolder });
}

/** Milliseconds that `job` takes. */
export async function timed(job: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await job();
  return performance.now() - start;
}

/**
 * Landing a branch, checks aside: building the candidate, pinning it and moving the target, beside `git merge --no-ff` of the same branch
 * into a checkout. Both take turns on the same repository.
 */
export async function run(): Promise<BenchResult[]> {
  const results: BenchResult[] = [];
  for (const count of [1000, 10_000]) {
    for (const checkedOut of [true, false]) results.push(await measure(count, checkedOut));
  }
  return results;
}

async function measure(count: number, checkedOut: boolean): Promise<BenchResult> {
  const repo = largeRepository(count);
  try {
    const changes = Object.fromEntries([1, 2, 3, 4, 5].map(n => [`folder-${n}/file-${n}.txt`, `changed ${n}\n`]));
    const head = repo.branch('roadmap-001', changes);
    repo.write('folder-9/file-9.txt', 'the target moved on\n');
    const base = repo.commit('Move on');
    const git = await createGit({ root: repo.root, runtimeDir: null, environment: repo.env });
    const ours: number[] = [];
    const theirs: number[] = [];
    for (let round = 0; round < rounds; round++) {
      if (!checkedOut) repo.git('switch', '-q', '--detach');
      ours.push(await timed(() => landOnce(git, head)));
      if (!checkedOut) repo.git('switch', '-q', 'main');
      repo.git('reset', '-q', '--hard', base);
      theirs.push(await timed(() => repo.tryGit(repo.root, 'merge', '-q', '--no-ff', '-m', 'Merge', 'roadmap-001')));
      repo.git('reset', '-q', '--hard', base);
    }
    const value = median(ours);
    const baseline = median(theirs);
    return {
      name: `landing, ${count} files, target ${checkedOut ? 'checked out' : 'not checked out'}`,
      unit: 'ms',
      value,
      baseline,
      baselineName: 'git merge --no-ff in a checkout',
      ratio: value / baseline,
      // In small repositories starting git outweighs the work.
      limit: count < 10_000 ? 3 : 1.5,
    };
  } finally {
    repo.cleanup();
  }
}

async function landOnce(git: GitAdapter, head: string): Promise<void> {
  const prepared = await git.prepare({
    runId,
    slug: '001',
    target: 'main',
    branchName: 'roadmap-001',
    head,
    message: 'Merge US-001 parallel execution',
    trailers: { 'Cm-Task': 'US-001' },
    status: null,
  });
  if (prepared.outcome !== 'prepared') throw new Error(`not prepared: ${JSON.stringify(prepared)}`);
  const { base, candidate } = prepared;
  const landed = await git.land({ runId, slug: '001', target: 'main', base, candidate });
  if (landed.outcome !== 'landed') throw new Error(`not landed: ${JSON.stringify(landed)}`);
}
