import { CheckQueue } from '../test/helpers/core/check-queue.ts';
import type { BenchResult } from './types.ts';

const branches = 16;
const checkSeconds = 60;

/**
 * The time until sixteen approved branches, of which one fails checks of a minute, have landed, on a clock that is simulated: one run of the
 * checks at a time, the red branch in each place once.
 */
export async function run(): Promise<BenchResult[]> {
  const numbers = Array.from({ length: branches }, (_, index) => index + 1);
  const inARow = seconds(1, branches);
  return [4, branches].map(batch => {
    const all = numbers.map(red => seconds(batch, red));
    const value = Math.min(...all);
    const mean = all.reduce((sum, one) => sum + one, 0) / branches;
    return {
      name: `checks of ${checkSeconds} s for ${branches} branches, one of them red, until all others have landed (batch: ${batch})`,
      unit: 's',
      value,
      baseline: inARow,
      baselineName: 'one after another',
      ratio: value / inARow,
      limit: batch === branches ? 5 / branches : null,
      note: `simulated clock; red in the best place for it, ${Math.round(mean)} s on average and ${Math.max(...all)} s at most`,
    };
  });
}

/** Until every branch but the red one has landed. */
function seconds(batch: number, red: number): number {
  const queue = new CheckQueue({ branches, red: [red], settings: { batch, maxParallel: 0 } });
  while ((queue.tips.at(-1) ?? []).length < branches - 1) if (!queue.step()) throw new Error('not all have landed');
  return queue.checked.length * checkSeconds;
}
