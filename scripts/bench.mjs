// npm run bench [-- NAME …]: every figure beside its baseline, taken in the same run. Without names all of them.
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';

// Certificates of the machine cost every start of Node about 80 ms; they are no part of what is measured, on either side.
if (process.env.NODE_EXTRA_CA_CERTS !== undefined) {
  const { spawnSync } = await import('node:child_process');
  const { NODE_EXTRA_CA_CERTS: _, ...env } = process.env;
  process.exit(spawnSync(process.execPath, process.argv.slice(1), { env, stdio: 'inherit' }).status ?? 1);
}

const root = new URL('..', import.meta.url).pathname;
process.env.CM_TUI_SOURCE = root;
const wanted = process.argv.slice(2);
const all = (await readdir(join(root, 'bench')))
  .filter(name => name.endsWith('.ts') && name !== 'types.ts')
  .map(name => name.slice(0, -3));
const names = wanted.length > 0 ? wanted : all;
const unknown = names.filter(name => !all.includes(name));
if (unknown.length > 0) {
  console.error(`No benchmark is called ${unknown.join(', ')}; there are ${all.join(', ')}.`);
  process.exit(2);
}

await import('./build.mjs');
const outdir = await mkdtemp(join(root, 'dist', 'bench-'));
let missed = 0;
try {
  await build({
    absWorkingDir: root,
    entryPoints: names.map(name => `bench/${name}.ts`),
    outdir,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
    target: 'node20.19',
    jsx: 'automatic',
    logLevel: 'warning',
  });
  for (const name of names) {
    const { run } = await import(join(outdir, `${name}.mjs`));
    for (const result of [await run()].flat()) missed += report(result);
  }
} finally {
  await rm(outdir, { recursive: true, force: true });
}
console.log(missed === 0 ? 'Every figure is within its limit.' : `${missed} figures are beyond their limit.`);

/** Prints one figure; returns 1 where it is beyond its limit. */
function report({ name, unit, value, baseline, baselineName, ratio, limit, note }) {
  const within = ratio <= limit || (unit !== 'ratio' && limit > 5 && value <= limit);
  console.log(
    `${within ? '✓' : '✗'} ${name}: ${show(value)} ${unit}, beside ${baselineName}: ${show(baseline)} ${unit}, ratio ${show(ratio)} (limit ${show(limit)})${note ? ` — ${note}` : ''}`,
  );
  return within ? 0 : 1;
}

function show(value) {
  return Math.abs(value) >= 100 ? value.toFixed(0) : value.toPrecision(3);
}
