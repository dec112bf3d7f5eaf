// npm run simulate -- [--seed N] [--runs M] [--trace]: simulated worlds, one after the other from seed N on.
import { parseArgs } from 'node:util';
import { withBundled } from './lib/load-bundled.mjs';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    runs: { type: 'string', default: '1' },
    trace: { type: 'boolean', default: false },
  },
});
const first = Number(values.seed);
const runs = Number(values.runs);
if (!Number.isSafeInteger(first) || !Number.isSafeInteger(runs) || runs < 1) {
  console.error('--seed and --runs must be whole numbers, --runs at least 1.');
  process.exit(2);
}

let failures = 0;
await withBundled('test/helpers/world/simulate.ts', ({ simulate }) => {
  const total = { steps: 0, turns: 0, crashes: 0, commands: 0, landed: 0, facts: 0, movedBack: 0, reverted: 0 };
  const began = performance.now();
  for (let seed = first; seed < first + runs; seed++) {
    try {
      const result = simulate(seed, values.trace ? line => console.log(line) : undefined);
      for (const key of Object.keys(total)) total[key] += result[key];
    } catch (error) {
      failures++;
      console.error(error.message);
    }
  }
  const seconds = (performance.now() - began) / 1000;
  const counts = Object.entries(total).map(([name, count]) => `${count} ${name}`);
  console.log(`${runs} worlds, ${failures} failed: ${counts.join(', ')}`);
  const speed = count => Math.round(count / seconds);
  console.log(
    `${speed(total.steps)} steps and ${speed(total.turns)} turns of the coordinator a second, ${seconds.toFixed(1)} s in all`,
  );
});
process.exitCode = failures === 0 ? 0 : 1;
