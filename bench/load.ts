import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { builtProgram, createProduct, type Product } from '../test/helpers/programs/product.ts';
import { type Pty, start } from '../test/helpers/programs/pty.ts';
import type { BenchResult } from './types.ts';

const idleMs = 30_000;
const loadMs = 12_000;
const logBytes = 256 * 1024 * 1024;
const items = Array.from({ length: 4 }, (_, index) => ({ id: `US-${100 + index}`, files: [`out/${index}.txt`] }));

const quiet = 'sleep 600';
/** 2 000 lines every tenth of a second. */
const loud = `exec node -e 'let n=0;setInterval(()=>{let s="";for(let i=0;i<2000;i++)s+="line "+n+++" of much output that an agent prints\\n";process.stdout.write(s)},100)'`;
const huge = `yes 'a line of a log that grows and grows while somebody looks at it' | head -c ${logBytes}; touch written; sleep 600`;

/** What the open screen costs while four agents say nothing, print 20 000 lines a second each, or have written 1 GB of logs. */
export async function run(): Promise<BenchResult[]> {
  const calm = await withFourAgents(quiet, async page => ({ ...(await idle(page)), ...(await keys(page)) }));
  const loaded = await withFourAgents(loud, keys);
  const full = await withFourAgents(huge, async (page, product) => {
    await grown(product);
    return keys(page);
  });
  const promise = { unit: 'MB', baseline: calm.memoryMb, baselineName: 'four quiet agents', limitOn: 'value' } as const;
  return [
    {
      name: 'idle with 4 quiet agents',
      unit: '% of a core',
      value: calm.share,
      baseline: 1,
      baselineName: 'the promise',
      ratio: calm.share,
      limit: 1,
    },
    {
      name: 'bytes to the terminal while idle',
      unit: 'bytes/s',
      value: calm.bytesPerSecond,
      baseline: 0,
      baselineName: 'the promise (none while no shown figure changes)',
      ratio: calm.bytesPerSecond,
      limit: 5,
    },
    {
      name: 'memory with 4 quiet agents (PSS)',
      unit: 'MB',
      value: calm.pssMb,
      baseline: calm.bareMb,
      baselineName: 'an idle node',
      ratio: calm.pssMb / calm.bareMb,
      limit: 100,
      limitOn: 'value',
    },
    {
      name: 'key to frame while 4 agents print 20 000 lines/s, p99, beyond the same with quiet agents',
      unit: 'ms',
      value: loaded.p99 - calm.p99,
      baseline: calm.p99,
      baselineName: 'four quiet agents',
      ratio: loaded.p99 / calm.p99,
      limit: 100,
      limitOn: 'value',
      note: `median ${loaded.median.toFixed(0)} ms, p99 ${loaded.p99.toFixed(0)} ms`,
    },
    {
      ...promise,
      name: 'memory under that load',
      value: loaded.memoryMb,
      ratio: loaded.memoryMb / calm.memoryMb,
      limit: 220,
    },
    {
      ...promise,
      name: 'memory with 1 GB of logs',
      value: full.memoryMb,
      ratio: full.memoryMb / calm.memoryMb,
      limit: 200,
    },
  ];
}

async function withFourAgents<T>(agent: string, use: (page: Pty, product: Product) => Promise<T>): Promise<T> {
  const product = createProduct({ items, agent });
  const env = { ...(product.env as Record<string, string>), TERM: 'xterm-256color' };
  const page = start(process.execPath, [builtProgram], { columns: 160, rows: 45, cwd: product.root, env });
  try {
    await page.waitForText('US-103');
    page.press('S');
    await page.waitForText('4/4 running');
    return await use(page, product);
  } finally {
    await page.dispose();
    for (const { key } of items.map(({ id }) => ({ key: id }))) await product.run('cancel', key);
    product.cleanup();
  }
}

interface Idle {
  readonly share: number;
  readonly bytesPerSecond: number;
  readonly pssMb: number;
  /** An idle node beside it. */
  readonly bareMb: number;
}

async function idle(page: Pty): Promise<Idle> {
  const bare = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });

  // What the start itself costs is over by then.
  await pause(10_000);
  const [bytes, cpu] = [page.raw().length, cpuMs(page.pid)];
  await pause(idleMs);
  return {
    share: (100 * (cpuMs(page.pid) - cpu)) / idleMs,
    bytesPerSecond: (page.raw().length - bytes) / (idleMs / 1000),
    pssMb: pssMb(page.pid),
    bareMb: endAfter(bare, pssMb),
  };
}

async function keys(page: Pty): Promise<{ readonly median: number; readonly p99: number; readonly memoryMb: number }> {
  const times: number[] = [];
  const end = performance.now() + loadMs;
  while (performance.now() < end) {
    const opening = times.length % 2 === 0;
    const began = performance.now();
    page.press(opening ? '?' : '\u001b');
    await page.waitFor(rows => rows.some(row => row.includes(' Keys ')) === opening, 'the help to open or close');
    times.push(performance.now() - began);
    await pause(50);
  }
  times.sort((a, b) => a - b);
  const at = (share: number) => times[Math.floor(times.length * share)] ?? Number.NaN;
  return { median: at(0.5), p99: at(0.99), memoryMb: rssMb(page.pid) };
}

/** Waits until every agent has written its share of the gigabyte. */
async function grown(product: Product): Promise<void> {
  // Their sizes do not tell: long logs are moved aside as they grow.
  const marks = items.map(({ id }) => join(product.base, `shop-wt${id.slice(3)}`, 'written'));
  while (!marks.every(mark => existsSync(mark))) await pause(200);
}

function pause(ms: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, ms));
}

function cpuMs(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

function endAfter(child: ChildProcess, measure: (pid: number) => number): number {
  try {
    return measure(child.pid ?? 0);
  } finally {
    child.kill();
  }
}

/** Memory of its own, and its share of what others use too. */
function pssMb(pid: number): number {
  const kilobytes = /^Pss:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1];
  return (Number(kilobytes) * 1024) / 1e6;
}

function rssMb(pid: number): number {
  const [, pages] = readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ');
  return (Number(pages) * 4096) / 1e6;
}
