import { join } from 'node:path';
import { createGit } from '../source/adapters/git/index.ts';
import { median } from './helpers/median.ts';
import { largeRepository, timed } from './landing.ts';
import type { BenchResult } from './types.ts';

const rounds = 7;

/**
 * What making a worktree costs beyond a bare `git worktree add`, in turns on the same repository. All additions come before the first
 * removal, since some file systems slow down after large deletions.
 */
export async function run(): Promise<BenchResult[]> {
  return [await measure(100), await measure(10_000)];
}

async function measure(count: number): Promise<BenchResult> {
  const repo = largeRepository(count);
  try {
    const git = await createGit({ root: repo.root, runtimeDir: null, environment: repo.env });
    const ours: number[] = [];
    const bare: number[] = [];
    for (let round = 0; round < rounds; round++) {
      const slug = `00${round}`;
      const request = {
        runId: `benchmark000000${round}`,
        slug,
        branchName: `roadmap-${slug}`,
        path: join(repo.base, `shop-wt${slug}`),
        target: 'main',
      };
      ours.push(
        await timed(async () => {
          const answer = await git.createWorktree(request);
          if (answer.outcome !== 'created') throw new Error(JSON.stringify(answer));
        }),
      );
      const args = [
        'worktree',
        'add',
        '-q',
        '--no-track',
        '-b',
        `bare-${round}`,
        join(repo.base, `bare-${round}`),
        'main',
      ];
      bare.push(await timed(() => repo.tryGit(repo.root, ...args)));
    }
    const value = median(ours) - median(bare);
    return {
      name: `worktree for an item, ${count} files, beyond git worktree add`,
      unit: 'ms',
      value,
      baseline: median(bare),
      baselineName: 'git worktree add',
      ratio: median(ours) / median(bare),
      limit: 100,
      limitOn: 'value',
      note: 'the aim is 30 ms',
    };
  } finally {
    repo.cleanup();
  }
}
