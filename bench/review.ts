import { FakeHandle, fakeInstance, fakeItem, noon, stateWith } from '../test/helpers/core/fake-handle.ts';
import { screenAt } from '../test/helpers/render-at.tsx';
import { answer } from './helpers/answer.ts';
import { median } from './helpers/median.ts';
import type { BenchResult } from './types.ts';

const size = { columns: 120, rows: 40 };
const rounds = 3;
const presses = 40;
const warmUp = 10;
const linesOfFile = 500;

/** The review page of a large diff beside that of a small one: how soon it is there, and what a frame of it costs. */
export async function run(): Promise<BenchResult[]> {
  const [much, little] = [handleOf(50_000), handleOf(500)];
  const opened = { much: [] as number[], little: [] as number[] };
  const scrolled = { much: [] as number[], little: [] as number[] };
  // In turn, so that both meet the same noise. The first round loads the page.
  for (let round = 0; round <= rounds; round++) {
    const small = await measure(little);
    const large = await measure(much);
    if (round === 0) continue;
    opened.little.push(small.opened);
    opened.much.push(large.opened);
    scrolled.little.push(...small.frames);
    scrolled.much.push(...large.frames);
  }
  return [
    {
      ...compare('review page of 50 000 changed lines, opened', opened.much, opened.little, 'of 500 lines'),
      limit: 150,
      limitOn: 'value',
      note: 'from the key to the frame with the diff; git itself aside',
    },
    { ...compare('frame of a review of 50 000 lines', scrolled.much, scrolled.little, 'of 500 lines'), limit: 1.5 },
  ];
}

function compare(name: string, much: readonly number[], little: readonly number[], baselineName: string) {
  const [value, baseline] = [median(much), median(little)];
  return { name, unit: 'ms', value, baseline, baselineName, ratio: value / baseline };
}

async function measure(handle: FakeHandle): Promise<{ readonly opened: number; readonly frames: readonly number[] }> {
  const screen = await screenAt(handle, size);
  try {
    await screen.still();
    const began = performance.now();
    screen.press('m');
    while (!screen.terminal.written.join('').includes('@@ -1,')) await new Promise(resolve => setImmediate(resolve));
    const opened = performance.now() - began;
    await screen.still();
    const frames: number[] = [];
    for (let press = 0; press < presses; press++) frames.push(await answer(screen, press % 2 === 0 ? 'j' : 'k'));
    return { opened, frames: frames.slice(warmUp) };
  } finally {
    await screen.end();
  }
}

function handleOf(lines: number): FakeHandle {
  const one = fakeInstance('US-001', {
    state: 'awaiting-approval',
    head: 'c'.repeat(40),
    base: 'b'.repeat(40),
    commits: 1,
    endTime: noon - 60_000,
    merge: { prediction: 'clean' },
  });
  const handle = new FakeHandle(stateWith([fakeItem('US-001')], { instances: [one] }));
  handle.diffText = Array.from({ length: lines / linesOfFile }, (_, at) => fileOf(at)).join('');
  return handle;
}

/** Half of the lines of a file removed, the other half added. */
function fileOf(at: number): string {
  const path = `src/part-${at}.ts`;
  const count = linesOfFile / 2;
  const side = (sign: string, word: string) =>
    Array.from({ length: count }, (_, line) => `${sign}export const value${line} = ${word}(${line});\n`).join('');
  return `diff --git a/${path} b/${path}\n--- a/${path}\n+++ b/${path}\n@@ -1,${count} +1,${count} @@\n${side('-', 'old')}${side('+', 'fresh')}`;
}
