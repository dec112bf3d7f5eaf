// npm run measure:scopes -- REPOSITORY… [--commits N] [--json]: how well the local guess of scopes does with the histories of the
// repositories at these paths, bare ones too. Nothing is written to them.
import { parseArgs } from 'node:util';
import { withBundled } from './lib/load-bundled.mjs';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { commits: { type: 'string', default: '100' }, json: { type: 'boolean', default: false } },
});
const count = Number(values.commits);
if (positionals.length === 0 || !Number.isSafeInteger(count) || count < 2) {
  console.error('Usage: npm run measure:scopes -- REPOSITORY… [--commits N] [--json], with N at least 2.');
  process.exit(2);
}

await withBundled('scripts/lib/scope-measure.ts', async ({ measureScopes }) => {
  const all = [];
  for (const folder of positionals) {
    const one = await measureScopes(folder, count);
    all.push(one);
    if (!values.json) print(one);
  }
  if (values.json) console.log(JSON.stringify(all));
});

function print(one) {
  const percent = share => `${(100 * share).toFixed(0)} %`;
  const wrong = one.independent === 0 ? 'none' : `${((100 * one.wrong) / one.independent).toFixed(1)} %`;
  console.log(
    `${one.repository}: ${one.commits} commits, sure of ${one.sure}; scope: precision ${percent(one.precision)}, recall ` +
      `${percent(one.recall)}; likely files: ${percent(one.likelyPrecision)}, ${percent(one.likelyRecall)}; of ${one.pairs} pairs ` +
      `${one.independent} called independent, ${one.wrong} of them wrongly (${wrong})`,
  );
}
