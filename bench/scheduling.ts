import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createProduct } from '../test/helpers/programs/product.ts';
import { median } from './helpers/median.ts';
import type { BenchResult } from './types.ts';

const rounds = 12;

/**
 * From "ready" to the agent's first instruction, beyond what a bare `git worktree add` costs in the same repository. The agent's first
 * instruction writes down the time.
 */
export async function run(): Promise<BenchResult> {
  const items = Array.from({ length: rounds }, (_, index) => ({
    id: `US-${100 + index}`,
    files: [`out/US-${100 + index}.txt`],
  }));
  const product = createProduct({
    items,
    agent: 'date +%s%N > "../first-$CM_KEY"\nmkdir -p out; date > "out/$CM_KEY.txt"; git add -A; git commit -qm work',
  });
  try {
    const bare: number[] = [];
    for (let round = 0; round < rounds; round++) {
      const began = performance.now();
      product.git('worktree', 'add', '--no-track', '-q', '-b', `bare-${round}`, join(product.base, `bare-${round}`));
      bare.push(performance.now() - began);
    }
    const result = await product.run(
      'start',
      '--headless',
      '--approve',
      'none',
      '--exit-when-idle',
      '--max-parallel',
      '1',
    );
    const requested = new Map<string, number>();
    const delays: number[] = [];
    for (const line of result.stdout.trim().split('\n')) {
      const event = JSON.parse(line) as { type: string; ts: string; key?: string };
      if (event.type === 'instance-requested' && event.key !== undefined)
        requested.set(event.key, Date.parse(event.ts));
    }
    for (const [key, at] of requested) {
      const first = Number(readFileSync(join(product.base, `first-${key}`), 'utf8').trim()) / 1e6;
      delays.push(first - at);
    }
    const overhead = median(delays) - median(bare);
    return {
      name: 'from ready to the first instruction of the agent, beyond a bare worktree',
      unit: 'ms',
      value: overhead,
      baseline: median(bare),
      baselineName: 'git worktree add',
      ratio: overhead / median(bare),
      limit: 100,
      limitOn: 'value',
      note: `median of ${delays.length}; the aim is 30 ms`,
    };
  } finally {
    product.cleanup();
  }
}
