import { committingAgent, createProduct } from '../test/helpers/programs/product.ts';
import type { BenchResult } from './types.ts';

const seconds = 15;

/** Independent items of equal length, from spawn to landed, against the same items one after another. */
export async function run(): Promise<BenchResult[]> {
  const sequential = await timeOf(1, 1);
  const results: BenchResult[] = [];
  for (const [items, factor] of [
    [3, 2.9],
    [4, 3.8],
  ] as const) {
    const { spawnToLanded, command } = await timeOf(items, items);
    const baseline = sequential.spawnToLanded * items;
    results.push({
      name: `${items} independent items of ${seconds} s at once, spawn to landed`,
      unit: 's',
      value: spawnToLanded,
      baseline,
      baselineName: 'one after another',
      ratio: spawnToLanded / baseline,
      limit: 1 / factor,
      note: `${(baseline / spawnToLanded).toFixed(2)} times as fast; the whole command ${((sequential.spawnToLanded * items) / command).toFixed(2)} times`,
      inTable: true,
    });
  }
  return results;
}

/** Seconds from the first request to the last landing, and of the whole command. */
async function timeOf(count: number, maxParallel: number): Promise<{ spawnToLanded: number; command: number }> {
  const items = Array.from({ length: count }, (_, index) => ({
    id: `US-${100 + index}`,
    files: [`out/US-${100 + index}.txt`],
  }));
  const product = createProduct({ items, agent: `sleep ${seconds}\n${committingAgent}` });
  try {
    const began = performance.now();
    const result = await product.run(
      'start',
      '--headless',
      '--approve',
      'clean',
      '--exit-when-idle',
      '--max-parallel',
      String(maxParallel),
    );
    const command = (performance.now() - began) / 1000;
    if (result.code !== 0) throw new Error(`the run ended with ${result.code}: ${result.stderr}`);
    const events = result.stdout
      .trim()
      .split('\n')
      .map(line => JSON.parse(line) as { type: string; ts: string });
    const first = events.find(event => event.type === 'instance-requested');
    const last = events.findLast(event => event.type === 'landed');
    if (first === undefined || last === undefined) throw new Error('nothing was spawned or nothing landed');
    return { spawnToLanded: (Date.parse(last.ts) - Date.parse(first.ts)) / 1000, command };
  } finally {
    product.cleanup();
  }
}
