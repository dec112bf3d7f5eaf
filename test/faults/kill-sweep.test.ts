import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, describe, expect, test } from 'vitest';
import { committingAgent } from '../helpers/programs/product.ts';
import { isLong } from '../helpers/tiers.ts';
import { assertInvariants, headless, untilIdle } from './invariants.ts';
import { createShop } from './shop.ts';

/**
 * The coordinator is killed (SIGKILL) at moments that a seeded generator chooses, and started again each time, while four items of
 * unequal length run, are checked and land. `CM_SEED=n` chooses the moments; a failing round names its seed.
 */
const firstSeed = Number(process.env.CM_SEED ?? 1);
const rounds = 8;
const killsARound = 16;
const longestLifeMs = 700;
const steps = 12;

let kills = 0;
afterAll(() => {
  if (isLong) console.log(`Kill sweep: ${kills} kills in ${rounds} rounds from seed ${firstSeed}.`);
});

/** Works for a while that grows with its key, saying each step on both streams, then commits. */
const agent = [
  'n=$(echo "$CM_KEY" | tail -c 2); i=0',
  `while [ $i -lt ${steps} ]; do echo "step $i"; echo "note $i" >&2; sleep "0.$n"; i=$((i + 1)); done`,
  committingAgent,
].join('\n');

describe('SIGKILL at any moment', { timeout: 240_000 }, () => {
  const seeds = Array.from({ length: rounds }, (_, at) => firstSeed + at);

  test.runIf(isLong).each(seeds)('seed %d: four items land once each, the user loses nothing', async seed => {
    const random = generator(seed);
    const { product, expected } = createShop(4, { agent, settings: { checks: [['true']] } });
    for (let kill = 0; kill < killsARound; kill++) {
      const running = product.start(...headless);
      await Promise.race([running.exit, sleep(random() * longestLifeMs)]);
      running.kill('SIGKILL');
      if ((await running.exit).code === null) kills++;
    }
    const where = `seed ${seed}`;
    expect(await untilIdle(product), where).toMatchObject({ code: 0 });
    await assertInvariants(product, expected, where);
    for (const key of expected.keys) {
      const { stdout } = await product.run('logs', key, '--raw');
      for (let step = 0; step < steps; step++) {
        expect(stdout.match(new RegExp(`^step ${step}$`, 'gm')), `${where}: log of ${key}`).toHaveLength(1);
      }
    }
  });
});

/** A small generator of numbers from 0 to 1 (mulberry32): the same seed gives the same moments. */
function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
