import { initialDurableState } from '../source/coordinator/fold/fold.ts';
import type { Instance, InstanceState } from '../source/domain/instance.ts';
import type { Item } from '../source/domain/item.ts';
import { computePlan } from '../source/domain/plan.ts';
import { parseRoadmap } from '../source/domain/roadmap/parse.ts';
import { makeInstance, makeItem, planInput, unknownScope } from '../test/helpers/core/planning.ts';
import { Scene } from '../test/helpers/core/scene.ts';
import { median } from './helpers/median.ts';
import type { BenchResult } from './types.ts';

const rounds = 100;
const total = 10_000;

type Shape = (n: number, count: number) => Partial<Item>;

const shapes: Readonly<Record<string, Shape>> = {
  independent: () => ({}),
  'one chain': n => ({ dependsOn: n === 0 ? [] : [`I${n - 1}`] }),
  'all of unknown scope': () => ({ scope: unknownScope }),
  'all sharing a file': n => ({ scope: { kind: 'known', paths: ['shared/core.ts', `source/I${n}/`] } }),
  random: (n, count) => ({
    dependsOn: n > 10 && n % 3 === 0 ? [`I${(n * 7919) % n}`] : [],
    scope:
      n % 10 === 0
        ? unknownScope
        : { kind: 'known', paths: [`source/part${(n * 31) % (count >> 1)}/**/*.ts`, `docs/${(n * 17) % count}.md`] },
  }),
};

/**
 * What planning costs: the first plan of a ROADMAP that was just read, the step of the coordinator after each fact, and how the plan
 * grows with the number of items. Measured is the time of the processor, so that what else the machine does counts for less.
 */
export async function run(): Promise<readonly BenchResult[]> {
  const first = firstPlan();
  const facts = Object.keys(shapes).map(shape => ({ shape, value: perFact(shape, 2000, 500) }));
  const slowest = Math.max(...facts.map(({ value }) => value));
  const few = Math.max(...Object.keys(shapes).map(shape => perFact(shape, 20, 5)));
  const growth = Object.keys(shapes).map(growthOf);
  const largest = growth.reduce((most, one) => (one.most > most.most ? one : most));
  const steepest = growth.reduce((most, one) => (one.most / one.expected > most.most / most.expected ? one : most));
  return [
    {
      name: 'first plan of 2,000 items with 500 runs',
      unit: 'ms',
      ...first,
      baselineName: 'reading their ROADMAP',
      ratio: first.value / first.baseline,
      limit: 60,
      limitOn: 'value',
    },
    {
      name: 'step of the coordinator after a fact, 2,000 items with 500 runs',
      unit: 'ms',
      value: slowest,
      baseline: few,
      baselineName: '20 items with 5 runs',
      ratio: slowest / few,
      limit: 5,
      limitOn: 'value',
      note: facts.map(({ shape, value }) => `${shape} ${value.toFixed(2)}`).join(', '),
    },
    {
      name: 'first plan of 10,000 items',
      unit: 'ms',
      value: largest.most,
      baseline: largest.few,
      baselineName: 'a hundred of 100 items',
      ratio: largest.most / largest.few,
      limit: 500,
      limitOn: 'value',
      note: growth.map(({ shape, most }) => `${shape} ${most.toFixed(0)}`).join(', '),
    },
    {
      name: 'growth of the plan up to 10,000 items',
      unit: 'ms',
      value: steepest.most,
      baseline: steepest.expected,
      baselineName: 'n log n from as many items in plans of 100 and 1,000',
      ratio: steepest.most / steepest.expected,
      limit: 1.5,
      note: growth.map(({ shape, most, expected }) => `${shape} ${(most / expected).toFixed(2)}`).join(', '),
    },
  ];
}

/** In a process that has planned nothing yet. */
function firstPlan(): { readonly value: number; readonly baseline: number } {
  const sections = Array.from(
    { length: 2000 },
    (_, n) => `## US-${n}: Item ${n}\n\n**Status**: 📝 Planned\n**Files**: \`source/part${n}/\`\n\nDo it.\n`,
  );
  let items: readonly Item[] = [];
  const baseline = processorTime(() => {
    items = parseRoadmap(sections.join('\n'), { path: null }).items;
  });
  const value = processorTime(() => {
    if (computePlan(planInput(items, { instances: runsOf(items, 500) })).ready.length === 0) throw new Error('no plan');
  });
  return { value, baseline };
}

/** The median over facts that come in one after the other. */
function perFact(shape: string, count: number, runs: number): number {
  const items = itemsOf(shape, count);
  const scene = new Scene(items, {}, { durable: { ...initialDurableState, instances: runsOf(items, runs) } });
  scene.ready();
  const { runId } = scene.state.instances.find(({ state }) => state === 'running') ?? { runId: '' };
  const times = Array.from({ length: rounds }, (_, round) =>
    processorTime(() => scene.send({ type: 'session', runId, sessionId: `session-${round}` })),
  );
  return median(times);
}

/** Planning 10,000 items: in one ROADMAP, and in a hundred and in ten smaller ones, so that memory weighs the same. */
function growthOf(shape: string) {
  const [few, some, most] = [100, 1000, total].map(count => {
    const times = Array.from({ length: 9 }, () => {
      const inputs = Array.from({ length: total / count }, () => {
        const items = itemsOf(shape, count);
        return planInput(items, { instances: runsOf(items, count / 4) });
      });
      return processorTime(() => inputs.map(computePlan));
    });
    return Math.min(...times);
  }) as [number, number, number];
  const expected = (size: number, measured: number) => (measured * Math.log(total)) / Math.log(size);
  return { shape, few, most, expected: Math.max(expected(100, few), expected(1000, some)) };
}

function itemsOf(shape: string, count: number): readonly Item[] {
  return Array.from({ length: count }, (_, n) => makeItem(`I${n}`, shapes[shape]?.(n, count)));
}

const states: readonly InstanceState[] = ['merged', 'cleaned', 'merged', 'cleaned', 'awaiting-approval', 'failed'];

/** Runs of the first items: most have landed, some wait for a person, two are at work. */
function runsOf(items: readonly Item[], count: number): readonly Instance[] {
  return items.slice(0, count).map((item, n) => {
    const state = n >= count - 2 ? 'running' : (states[n % states.length] ?? 'merged');
    return makeInstance(item, { state, runId: `r${n}`.padEnd(16, '0') });
  });
}

/** Milliseconds that this process computes. */
function processorTime(work: () => unknown): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}
