import { spawnSync } from 'node:child_process';
import { closeSync, openSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { builtProgram, createProduct, type Product } from '../test/helpers/programs/product.ts';
import { type Pty, start } from '../test/helpers/programs/pty.ts';
import { median } from './helpers/median.ts';
import type { BenchResult } from './types.ts';

const gigabyte = 1024 ** 3;
const megabyte = 1024 ** 2;
const opens = 9;
const line = 'a line of a log that grows and grows while somebody looks at it\n';

/** What the log view does with the log of one run that is 1 GB long: opened, searched to its end, called off. */
export async function run(): Promise<BenchResult[]> {
  const product = createProduct({ items: ['US-100', 'US-101'].map(id => ({ id, files: [`out/${id}.txt`] })) });
  try {
    await product.run('start', '--headless', '--exit-when-idle');
    const [small, large] = ['100', '101'].map(slug => join(product.root, '.git/cm-tui/runs', slug, 'out.log'));
    if (small === undefined || large === undefined) throw new Error('there are two logs');
    fill(small, megabyte);
    fill(large, gigabyte);
    return await onScreen(product, large);
  } finally {
    product.cleanup();
  }
}

/** A log of that size; the only needle is its last line. */
function fill(path: string, size: number): void {
  const file = openSync(path, 'w');
  const block = line.repeat(16_384);
  for (let at = 0; at < size; at += block.length) writeSync(file, block);
  writeSync(file, 'the needle\n');
  closeSync(file);
}

async function onScreen(product: Product, large: string): Promise<BenchResult[]> {
  const env = { ...(product.env as Record<string, string>), TERM: 'xterm-256color' };
  const page = start(process.execPath, [builtProgram], { columns: 120, rows: 40, cwd: product.root, env });
  try {
    await page.waitForText(/US-101 ◆ to review/);
    const times = { small: [] as number[], large: [] as number[] };
    // In turn, so that both meet the same noise. The first row is the smaller log's.
    for (let round = 0; round < opens; round++) {
      times.small.push(await openTime(page, 'g', 'US-100'));
      times.large.push(await openTime(page, 'j', 'US-101'));
    }
    return [figure(times), ...(await searches(page, large))];
  } finally {
    await page.dispose();
  }
}

/** Milliseconds from the key that opens the selected item's raw log to its last line; leaves the view as it was. */
async function openTime(page: Pty, select: string, key: string): Promise<number> {
  page.press(select);
  await page.waitForText(`▸${key}`);
  page.press('l');
  await page.waitForText('following');
  const began = performance.now();
  page.press('o');
  await page.waitForText(/raw output[\s\S]*the needle/);
  const took = performance.now() - began;
  page.press('\u001b');
  await page.waitForText('Merge queue');
  return took;
}

function figure({ small, large }: Readonly<Record<'small' | 'large', readonly number[]>>): BenchResult {
  const [value, baseline] = [median(large), median(small)];
  const name = 'opening a log of 1 GB';
  return { name, unit: 'ms', value, baseline, baselineName: 'a log of 1 MB', ratio: value / baseline, limit: 1.5 };
}

async function searches(page: Pty, large: string): Promise<BenchResult[]> {
  page.press('l');
  await page.waitForText('following');
  page.press('o');
  await page.waitForText('the needle');
  page.press('g');
  await page.waitForText(/raw output/);
  const grep = timed(() => spawnSync('grep', ['-c', 'needle', large], { env: { ...process.env, LC_ALL: 'C' } }));
  const began = performance.now();
  page.press('/needle\r');
  await page.waitForText(/\d+ % searched/);
  const first = performance.now() - began;
  await page.waitForText('▸the needle');
  const whole = performance.now() - began;
  page.press('g');
  page.press('/no such line\r');
  await page.waitForText(/\d+ % searched/);
  const asked = performance.now();
  page.press('\u001b');
  await page.waitForText(/in the first \d+ %/);
  const called = performance.now() - asked;
  const rate = `${Math.round(statSync(large).size / megabyte / (whole / 1000))} MB/s, first news after ${Math.round(first)} ms`;
  return [
    {
      name: 'searching a log of 1 GB to its end',
      unit: 's',
      value: whole / 1000,
      baseline: grep / 1000,
      baselineName: 'grep on the same file',
      ratio: whole / grep,
      limit: 10,
      note: rate,
    },
    {
      name: 'calling off such a search',
      unit: 'ms',
      value: called,
      baseline: whole,
      baselineName: 'the whole search',
      ratio: called / whole,
      limit: 250,
      limitOn: 'value',
    },
  ];
}

function timed(work: () => unknown): number {
  const began = performance.now();
  work();
  return performance.now() - began;
}
