// npm run bench [-- NAME … --write]: every figure beside its baseline, taken in the same run. Without names all of them; --write puts
// them into the README.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';

// Certificates configured on the machine add about 80 ms to every start of Node. They are not measured, on either side.
if (process.env.NODE_EXTRA_CA_CERTS !== undefined) {
  const { spawnSync } = await import('node:child_process');
  const { NODE_EXTRA_CA_CERTS: _, ...env } = process.env;
  process.exit(spawnSync(process.execPath, process.argv.slice(1), { env, stdio: 'inherit' }).status ?? 1);
}

const root = new URL('..', import.meta.url).pathname;
process.env.CM_TUI_SOURCE = root;
// React in production mode, where a benchmark draws in this process.
process.env.NODE_ENV = 'production';
const write = process.argv.includes('--write');
const wanted = process.argv.slice(2).filter(name => name !== '--write');
const rows = [];
const all = (await readdir(join(root, 'bench')))
  .filter(name => name.endsWith('.ts') && name !== 'types.ts')
  .map(name => name.slice(0, -3));
const names = wanted.length > 0 ? wanted : all;
const unknown = names.filter(name => !all.includes(name));
if (unknown.length > 0) {
  console.error(`Unknown benchmark ${unknown.join(', ')}. Use one of ${all.join(', ')}.`);
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
  for (const name of names) for (const result of await measure(name)) missed += report(result);
} finally {
  await rm(outdir, { recursive: true, force: true });
}
if (write) await writeFigures();
console.log(missed === 0 ? 'Every figure is within its limit.' : `${missed} figures exceed their limit.`);

/** Results of one benchmark, run in its own process: modules loaded by another one would slow every program start. */
async function measure(name) {
  const answer = join(outdir, `${name}.json`);
  const program = [
    "const { writeFileSync } = await import('node:fs');",
    'const [module, answer] = process.argv.slice(1);',
    'const { run } = await import(module);',
    'writeFileSync(answer, JSON.stringify([await run()].flat()));',
    'process.exit(0);',
  ].join('\n');
  const args = ['--input-type=module', '-e', program, join(outdir, `${name}.mjs`), answer];
  const child = spawn(process.execPath, args, { stdio: 'inherit' });
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new Error(`The benchmark ${name} failed with exit code ${code}.`);
  return JSON.parse(await readFile(answer, 'utf8'));
}

/** Prints one figure; returns 1 if it exceeds its limit. */
function report(result) {
  const { name, unit, value, baseline, baselineName, ratio, limit, limitOn, note, inTable } = result;
  const within = limit === null || (limitOn === 'value' ? value : ratio) <= limit;
  const promise = limit === null ? 'no promise' : `limit ${show(limit)}${limitOn === 'value' ? ` ${unit}` : ''}`;
  console.log(
    `${limit === null ? '·' : within ? '✓' : '✗'} ${name}: ${show(value)} ${unit}, beside ${baselineName}: ${show(baseline)} ${unit}, ratio ${show(ratio)} (${promise})${note ? ` — ${note}` : ''}`,
  );
  rows.push(
    `| ${name} | ${show(value)} ${unit} | ${show(baseline)} ${unit} (${baselineName}) | ${show(ratio)}${inTable ? ` (${note})` : ''} | ${limit === null ? '–' : `${show(limit)}${limitOn === 'value' ? ` ${unit}` : ''}`} |`,
  );
  return within ? 0 : 1;
}

/** Puts the figures of this run between the README's markers (--write); those of benchmarks that were not run stay as they are. */
async function writeFigures() {
  const path = join(root, 'README.md');
  const readme = await readFile(path, 'utf8');
  const marked = /<!-- figures -->\n([\s\S]*?)<!-- \/figures -->/;
  const [head, line, ...before] = (marked.exec(readme)?.[1] ?? '').trimEnd().split('\n');
  const nameOf = row => row.split(' | ')[0];
  const fresh = new Map(rows.map(row => [nameOf(row), row]));
  const old = wanted.length === 0 ? [] : before.map(row => fresh.get(nameOf(row)) ?? row);
  const table = [head, line, ...old, ...rows.filter(row => !old.includes(row))].join('\n');
  await writeFile(path, readme.replace(marked, `<!-- figures -->\n${table}\n<!-- /figures -->`));
}

function show(value) {
  return Math.abs(value) >= 100 ? value.toFixed(0) : String(Number(value.toPrecision(3)));
}
