import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundle } from '../scripts/bundle.mjs';
import { builtProgram, createProduct } from '../test/helpers/programs/product.ts';
import { type Pty, start } from '../test/helpers/programs/pty.ts';
import { median } from './helpers/median.ts';
import type { BenchResult } from './types.ts';

const size = { columns: 160, rows: 45 };
const starts = 9;
const presses = 40;
const items = Array.from({ length: 4 }, (_, index) => ({ id: `US-${100 + index}`, files: [`out/${index}.txt`] }));

/** The screen beside a bare Ink page of the same size, bundled in the same way and run in turn with it. */
export async function run(): Promise<BenchResult[]> {
  const folder = mkdtempSync(join(tmpdir(), 'cm-tui-bench-'));
  const bare = join(folder, 'bare.mjs');
  await bundle('bench/fixtures/bare-page.tsx', bare);
  const product = createProduct({ items, agent: 'sleep 600' });
  const env = { ...(product.env as Record<string, string>), TERM: 'xterm-256color' };
  const pages = {
    bare: () => start(process.execPath, [bare], { ...size, cwd: product.root, env }),
    ours: () => start(process.execPath, [builtProgram], { ...size, cwd: product.root, env }),
  };
  try {
    return [await firstPaint(pages), await keyToFrame(pages)];
  } finally {
    product.cleanup();
    rmSync(folder, { recursive: true, force: true });
  }
}

type Pages = Readonly<Record<'bare' | 'ours', () => Pty>>;

async function firstPaint(pages: Pages): Promise<BenchResult> {
  const times = { bare: [] as number[], ours: [] as number[] };
  for (let round = 0; round < starts; round++) {
    for (const [name, text] of [
      ['bare', 'BARE PAGE'],
      ['ours', '? help'],
    ] as const) {
      const began = performance.now();
      const page = pages[name]();
      await page.waitForText(text);
      times[name].push(performance.now() - began);
      await page.dispose();
    }
  }
  return figure('first paint', 'ms', median(times.ours), median(times.bare), 'bare Ink page', 1.25);
}

async function keyToFrame(pages: Pages): Promise<BenchResult> {
  const times = { bare: [] as number[], ours: [] as number[] };
  const open = { bare: pages.bare(), ours: pages.ours() };
  await open.bare.waitForText('BARE PAGE');
  await open.ours.waitForText('US-103');
  for (let press = 0; press < presses; press++) {
    for (const name of ['bare', 'ours'] as const) {
      times[name].push(await answerTime(open[name], press % 2 === 0 ? 'j' : 'k'));
    }
  }
  await Promise.all([open.bare.dispose(), open.ours.dispose()]);
  return figure('key to frame', 'ms', median(times.ours), median(times.bare), 'bare Ink page', 1.2);
}

/** Milliseconds from a key to the first byte that answers it. */
async function answerTime(page: Pty, key: string): Promise<number> {
  await quiet(page);
  const before = page.raw().length;
  const began = performance.now();
  page.press(key);
  while (page.raw().length === before) await new Promise(resolve => setImmediate(resolve));
  return performance.now() - began;
}

/** Waits until the page has written nothing for a while. */
async function quiet(page: Pty): Promise<void> {
  for (let length = -1; length !== page.raw().length; ) {
    length = page.raw().length;
    await new Promise(resolve => setTimeout(resolve, 60));
  }
}

function figure(
  name: string,
  unit: string,
  value: number,
  baseline: number,
  baselineName: string,
  limit: number,
): BenchResult {
  return { name, unit, value, baseline, baselineName, ratio: value / baseline, limit };
}
