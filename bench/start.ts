import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { builtProgram, createProduct, type Product } from '../test/helpers/programs/product.ts';
import { median } from './helpers/median.ts';
import type { BenchResult } from './types.ts';

const rounds = 11;
const headlessRounds = 7;

/** How long commands take beside a bare `node`, and a headless start to its first agent beside a bare worktree. */
export async function run(): Promise<BenchResult[]> {
  const items = Array.from({ length: 100 }, (_, index) => ({ id: `US-${100 + index}`, files: [`out/${index}.txt`] }));
  const product = createProduct({ items, agent: 'true' });
  try {
    return [
      ...commands(product, [['--version'], ['help']], 2.2),
      ...commands(
        product,
        [
          ['status', '--json'],
          ['plan', '--json'],
          ['queue', '--json'],
        ],
        6,
      ),
      await headless(),
    ];
  } finally {
    product.cleanup();
  }
}

function commands({ root, env }: Product, list: readonly (readonly string[])[], limit: number): BenchResult[] {
  const starts = [['-e', '0'], ...list.map(args => [builtProgram, ...args])];
  const times = starts.map(() => [] as number[]);
  // In turn, so that whatever else the machine does meets all of them. The first round only warms up.
  for (let round = 0; round <= rounds; round++) {
    for (const [index, args] of starts.entries()) {
      const began = performance.now();
      const { status, stderr } = spawnSync(process.execPath, args, { cwd: root, env, encoding: 'utf8' });
      if (status !== 0) throw new Error(`${args.join(' ')} failed: ${stderr}`);
      if (round > 0) times[index]?.push(performance.now() - began);
    }
  }
  const [bare = Number.NaN, ...ours] = times.map(median);
  return list.map((args, index) => {
    const value = ours[index] ?? Number.NaN;
    const figure = { unit: 'ms', value, baseline: bare, baselineName: 'node -e 0', ratio: value / bare, limit };
    return { name: `cm-tui ${args.join(' ')}`, ...figure };
  });
}

async function headless(): Promise<BenchResult> {
  const agent = 'date +%s%N > ../first\nmkdir -p out; date > out/a.txt; git add -A; git commit -qm work';
  const [bare, ours, whole]: [number[], number[], number[]] = [[], [], []];
  for (let round = 0; round < headlessRounds; round++) {
    const product = createProduct({ items: [{ id: 'US-100', files: ['out/a.txt'] }], agent });
    try {
      const before = performance.now();
      product.git('worktree', 'add', '--no-track', '-q', '-b', 'bare', join(product.base, 'bare'));
      bare.push(performance.now() - before);
      const began = Date.now();
      const { stdout } = await product.run('start', '--headless', '--exit-when-idle');
      const events = stdout.trim().split('\n');
      const { ts } = JSON.parse(events[0] ?? '{}') as { ts: string };
      const first = Number(readFileSync(join(product.base, 'first'), 'utf8')) / 1e6;
      ours.push(first - Date.parse(ts));
      whole.push(first - began);
    } finally {
      product.cleanup();
    }
  }
  const value = median(ours) - median(bare);
  return {
    name: 'headless start to the first instruction of the first agent, beyond a bare worktree',
    unit: 'ms',
    value,
    baseline: median(bare),
    baselineName: 'git worktree add',
    ratio: value / median(bare),
    limit: 150,
    limitOn: 'value',
    note: `from its first event on; ${median(whole).toFixed(0)} ms from the start of node`,
  };
}
