import { FakeHandle, fakeInstance, fakeItem, noon, stateWith } from '../test/helpers/core/fake-handle.ts';
import { screenAt } from '../test/helpers/render-at.tsx';
import { answer } from './helpers/answer.ts';
import { median } from './helpers/median.ts';
import type { BenchResult } from './types.ts';

/** A size that 10 items and 2 panes fill: of more of them no more is in sight. */
const size = { columns: 80, rows: 24 };
const rounds = 3;
const presses = 40;
const warmUp = 10;
/** A frame may cost this many times as much where there is that much more that is not in sight. */
const limit = 1.5;

interface Scale {
  readonly items: number;
  readonly instances: number;
  /** Of each instance. */
  readonly logLines: number;
  /** Keys that open what is measured. */
  readonly open: readonly string[];
  /** Two keys, each of which undoes what the other did: every press changes the screen. */
  readonly turn: readonly [string, string];
}

const overview: Scale = { items: 10, instances: 2, logLines: 50, open: [], turn: ['j', 'k'] };
const log: Scale = { ...overview, logLines: 100, open: ['3', 'l', 'o'], turn: ['k', 'j'] };

/** What one frame costs in the process that draws it, with little and with much of which most is out of sight. */
export async function run(): Promise<BenchResult[]> {
  return [
    await compare('frame with 2 000 items', { ...overview, items: 2000 }, overview, '10 items'),
    await compare('frame with 200 runs', { ...overview, items: 200, instances: 200 }, overview, '2 runs'),
    await compare('frame of a log of 500 000 lines', { ...log, logLines: 500_000 }, log, 'a log of 100 lines'),
  ];
}

async function compare(name: string, much: Scale, little: Scale, baselineName: string): Promise<BenchResult> {
  const times = { much: [] as number[], little: [] as number[] };
  // In turn, so that both meet the same noise.
  for (let round = 0; round < rounds; round++) {
    times.little.push(...(await frames(little)));
    times.much.push(...(await frames(much)));
  }
  const value = median(times.much);
  const baseline = median(times.little);
  return { name, unit: 'ms', value, baseline, baselineName, ratio: value / baseline, limit };
}

/** Milliseconds from each key to the frame that answers it. */
async function frames(scale: Scale): Promise<readonly number[]> {
  const screen = await screenAt(handleOf(scale), size);
  try {
    for (const key of scale.open) {
      screen.press(key);
      await screen.still();
    }
    const times: number[] = [];
    for (let press = 0; press < presses; press++) times.push(await answer(screen, scale.turn[press % 2 === 0 ? 0 : 1]));
    return times.slice(warmUp);
  } finally {
    await screen.end();
  }
}

function handleOf({ items, instances, logLines }: Scale): FakeHandle {
  const keys = Array.from({ length: items }, (_, at) => `US-${1000 + at}`);
  const runs = keys.slice(0, instances).map((key, at) => fakeInstance(key, { runId: `run${at}`.padEnd(16, 'x') }));
  const all = keys.map((key, at) => fakeItem(key, { dependsOn: at % 10 === 9 ? [`US-${999 + at}`] : [] }));
  // One has landed, so that there is something to estimate the rest by.
  const landed = fakeInstance('US-999', { state: 'merged', startTime: noon - 120_000, endTime: noon - 60_000 });
  const handle = new FakeHandle(stateWith(all, { mode: 'auto', instances: [landed, ...runs] }));
  const lines = Array.from({ length: logLines }, (_, at) => `line ${at}`);
  for (const { runId } of runs.slice(0, 9)) {
    handle.logs.append(runId, lines.slice(-2000));
    handle.logs.fill(runId, 'out', lines);
  }
  return handle;
}
