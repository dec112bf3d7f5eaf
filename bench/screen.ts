import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundle } from '../scripts/bundle.mjs';
import { builtProgram, createProduct, type Product } from '../test/helpers/product.ts';
import { type Pty, start } from '../test/helpers/pty.ts';
import type { BenchResult } from './types.ts';

const size = { columns: 160, rows: 45 };
const starts = 9;
const presses = 40;
const idleMs = 30_000;
const loadMs = 12_000;
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
    return [await firstPaint(pages), await keyToFrame(pages), ...(await idle(product, pages.ours))];
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
  return figure('first paint', 'ms', median(times.ours), median(times.bare), 'bare Ink page', 1.3);
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

/** Four agents that say nothing: what the open screen costs, and then how it answers while four print 20 000 lines a second. */
async function idle(product: Product, open: Pages['ours']): Promise<BenchResult[]> {
  const page = open();
  await page.waitForText('US-103');
  page.press('S');
  await page.waitForText('4/4 running');
  // Elapsed times count in seconds during the first minute.
  await new Promise(resolve => setTimeout(resolve, 65_000));
  const [bytes, cpu] = [page.raw().length, cpuMs(page.pid)];
  await new Promise(resolve => setTimeout(resolve, idleMs));
  const share = (100 * (cpuMs(page.pid) - cpu)) / idleMs;
  const written = page.raw().length - bytes;
  await page.dispose();
  for (const { key } of (await product.json<{ instances: { key: string }[] }>('status', '--json')).instances) {
    await product.run('cancel', key);
  }
  const quietKeys = await loadedKeys('sleep 600');
  const loadedAgent =
    'node -e \'let n=0;setInterval(()=>{let s="";for(let i=0;i<2000;i++)s+=`line ${n++} of much output that an agent prints\\n`;process.stdout.write(s)},100)\'';
  const loaded = await loadedKeys(loadedAgent);
  return [
    {
      ...figure('idle with 4 quiet agents', '% of a core', share, 1, 'the promise', 1),
      note: 'the limit is on the value',
    },
    {
      ...figure(
        'bytes to the terminal while idle',
        'bytes',
        written,
        1,
        'the promise (none, but for a changed figure)',
        2000,
      ),
      note: `in ${idleMs / 1000} s`,
    },
    {
      ...figure(
        'key to frame while 4 agents print 20 000 lines/s, p99',
        'ms',
        loaded.p99,
        quietKeys.p99,
        'the same with quiet agents',
        100,
      ),
      note: `the limit is 100 ms beyond the quiet run; here ${(loaded.p99 - quietKeys.p99).toFixed(0)} ms`,
    },
    {
      ...figure('memory under that load', 'MB', loaded.memoryMb, quietKeys.memoryMb, 'quiet agents', 200),
      note: 'the limit is on the value',
    },
  ];
}

async function loadedKeys(agent: string): Promise<{ p99: number; memoryMb: number }> {
  const product = createProduct({ items, agent });
  const env = { ...(product.env as Record<string, string>), TERM: 'xterm-256color' };
  const page = start(process.execPath, [builtProgram], { ...size, cwd: product.root, env });
  try {
    await page.waitForText('US-103');
    page.press('S');
    await page.waitForText('4/4 running');
    const times: number[] = [];
    const end = performance.now() + loadMs;
    while (performance.now() < end) {
      const opening = times.length % 2 === 0;
      const began = performance.now();
      page.press(opening ? '?' : '\u001b');
      await page.waitFor(rows => rows.some(row => row.includes(' Keys ')) === opening, 'the help to open or close');
      times.push(performance.now() - began);
      await new Promise(resolve => setTimeout(resolve, 50));
    }
    const memoryMb = rssMb(page.pid);
    times.sort((a, b) => a - b);
    return { p99: times[Math.floor(times.length * 0.99)] ?? Number.NaN, memoryMb };
  } finally {
    await page.dispose();
    for (const { key } of (await product.json<{ instances: { key: string }[] }>('status', '--json')).instances) {
      await product.run('cancel', key);
    }
    product.cleanup();
  }
}

function cpuMs(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

function rssMb(pid: number): number {
  const [, pages] = readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ');
  return (Number(pages) * 4096) / 1e6;
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

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
