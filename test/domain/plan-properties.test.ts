import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hasLanded, type Instance, type InstanceState, isAlive, waitsToLand } from '../../source/domain/instance.ts';
import type { Item, Scope } from '../../source/domain/item.ts';
import { chooseLargest } from '../../source/domain/plan/choose.ts';
import { computePlan, type PlanInput } from '../../source/domain/plan.ts';
import { defaultSettings } from '../../source/domain/settings.ts';
import { makeInstance, makeItem, planInput, quietMachine, unknownScope } from '../helpers/planning.ts';
import { simulate } from '../helpers/simulation.ts';

/** Scopes whose overlaps are known beforehand: paths overlap where one lists a file that the other lists or a folder of it. */
const files = ['a/1.ts', 'a/2.ts', 'b/1.ts', 'b/2.ts', 'c/1.ts'];
const reach: Readonly<Record<string, readonly string[]>> = {
  'a/': ['a/1.ts', 'a/2.ts'],
  'b/*': ['b/1.ts', 'b/2.ts'],
  '**/1.ts': ['a/1.ts', 'b/1.ts', 'c/1.ts'],
  ...Object.fromEntries(files.map(file => [file, [file]])),
};
const scope: fc.Arbitrary<Scope> = fc.oneof(
  { weight: 1, arbitrary: fc.constant(unknownScope) },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constantFrom('known' as const, 'inferred' as const),
      paths: fc.uniqueArray(fc.constantFrom(...Object.keys(reach)), { minLength: 1, maxLength: 2 }),
    }),
  },
);

function clash(a: Scope, b: Scope): boolean {
  if (a.kind === 'unknown' || b.kind === 'unknown') return a.kind === b.kind;
  const touched = new Set(a.paths.flatMap(path => reach[path] ?? []));
  return b.paths.flatMap(path => reach[path] ?? []).some(file => touched.has(file));
}

const states: readonly InstanceState[] = [
  'pending',
  'preparing',
  'running',
  'stopping',
  'completed',
  'failed',
  'cancelled',
  'interrupted',
  'awaiting-approval',
  'queued',
  'checking',
  'landing',
  'merged',
  'cleaned',
  'conflict',
  'checks-failed',
  'blocked',
  'no-work',
  'needs-attention',
  'rejected',
];

const world = fc
  .array(
    fc.record({
      scope,
      dependsOn: fc.uniqueArray(fc.nat(9), { maxLength: 2 }),
      status: fc.constantFrom(
        'planned' as const,
        'planned' as const,
        'planned' as const,
        'complete' as const,
        'blocked' as const,
      ),
      state: fc.option(fc.constantFrom(...states), { freq: 3, nil: null }),
    }),
    { minLength: 1, maxLength: 9 },
  )
  .chain(all => fc.tuple(fc.constant(all), fc.nat(5), fc.integer({ min: 1, max: 5 })))
  .map(([all, capacity, maxParallel]) => {
    const items = all.map(({ state, dependsOn, ...rest }, index) =>
      makeItem(`I${index}`, { ...rest, dependsOn: dependsOn.filter(one => one !== index).map(one => `I${one}`) }),
    );
    const instances = all.flatMap(({ state }, index) => {
      const item = items[index];
      return state === null || item === undefined ? [] : [makeInstance(item, { state })];
    });
    return planInput(items, {
      instances,
      resources: { ...quietMachine, capacity },
      settings: { ...defaultSettings, maxParallel },
    });
  });

const instanceOf = (input: PlanInput, item: Item) => input.instances.find(one => one.priorityId === item.id);
const holds = ({ state }: Instance) => isAlive(state) || waitsToLand(state) || state === 'needs-attention';
const isDone = (input: PlanInput, id: string) => {
  const item = input.items.find(one => one.id === id);
  const instance = item === undefined ? undefined : instanceOf(input, item);
  return item !== undefined && (item.status === 'complete' || (instance !== undefined && hasLanded(instance.state)));
};

/** What might run, were there room for all of it: the rules written down a second time, as plainly as can be. */
function candidates(input: PlanInput): readonly Item[] {
  return input.items.filter(item => {
    const instance = instanceOf(input, item);
    const free = instance === undefined || instance.state === 'interrupted';
    const apart = input.instances.filter(holds).every(one => !clash(item.scope, one.scope));
    return item.status === 'planned' && free && apart && item.dependsOn.every(id => isDone(input, id));
  });
}

function subsets<T>(all: readonly T[]): readonly (readonly T[])[] {
  return Array.from({ length: 2 ** all.length }, (_, bits) => all.filter((_one, index) => (bits & (1 << index)) !== 0));
}

const places = (input: PlanInput, items: readonly Item[]) => items.map(item => input.items.indexOf(item));
const slotsOf = ({ resources, settings, instances }: PlanInput) =>
  Math.max(0, Math.min(resources.capacity, settings.maxParallel) - instances.filter(one => isAlive(one.state)).length);

describe('whatever the items and instances are', () => {
  test('what is ready may run together, fits, and is the largest such set, the first in document order', () => {
    fc.assert(
      fc.property(world, input => {
        const best = subsets(candidates(input))
          .filter(set => set.length <= slotsOf(input))
          .filter(set => set.every((a, i) => set.slice(i + 1).every(b => !clash(a.scope, b.scope))))
          .map(set => places(input, set))
          .sort((a, b) => b.length - a.length || compareLists(a, b))[0];
        const ready = computePlan(input).ready.map(id => Number(id.slice(1)));
        expect(ready).toEqual(best);
      }),
      { numRuns: 600 },
    );
  });

  test('everything that is not done is ready or has its reasons, and nothing is both', () => {
    fc.assert(
      fc.property(world, input => {
        const plan = computePlan(input);
        const waiting = plan.waiting.map(one => one.id);
        const expected = input.items.filter(item => {
          const instance = instanceOf(input, item);
          if (instance !== undefined && (isAlive(instance.state) || waitsToLand(instance.state))) return true;
          return item.status !== 'complete' && (instance === undefined || !hasLanded(instance.state));
        });
        expect([...plan.ready, ...waiting].sort()).toEqual(expected.map(item => item.id).sort());
        expect(
          plan.waiting.every(one => one.reasons.length > 0 && one.reasons.every(({ detail }) => detail !== '')),
        ).toBe(true);
        expect(computePlan(input)).toEqual(plan);
      }),
      { numRuns: 300 },
    );
  });

  test('a group holds only what may run side by side, after everything it depends on', () => {
    fc.assert(
      fc.property(world, input => {
        const before = new Set(
          input.items
            .filter(item => {
              const instance = instanceOf(input, item);
              return isDone(input, item.id) || (instance !== undefined && waitsToLand(instance.state));
            })
            .map(item => item.id),
        );
        for (const group of computePlan(input).groups) {
          const items = group.map(id => input.items.find(item => item.id === id)).filter(item => item !== undefined);
          for (const item of items) {
            const alive = isAlive(instanceOf(input, item)?.state ?? 'failed');
            expect(alive || item.dependsOn.every(id => before.has(id))).toBe(true);
            expect(items.some(other => other !== item && clash(item.scope, other.scope))).toBe(false);
          }
          expect(group.length).toBeLessThanOrEqual(input.settings.maxParallel);
          for (const id of group) before.add(id);
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe('a whole run', () => {
  const run = fc.record({
    items: fc.array(
      fc.record({
        scope,
        dependsOn: fc.uniqueArray(fc.nat(14), { maxLength: 2 }),
        hours: fc.integer({ min: 1, max: 20 }),
      }),
      { minLength: 1, maxLength: 14 },
    ),
    capacity: fc.integer({ min: 1, max: 5 }),
    landing: fc.nat(3),
  });

  test('never two at once that overlap, never before its dependencies, never more than fit, and everything runs', () => {
    fc.assert(
      fc.property(run, ({ items: raw, capacity, landing }) => {
        const items = raw.map(({ dependsOn, hours, ...rest }, index) =>
          makeItem(`I${index}`, {
            ...rest,
            estimateHours: hours,
            dependsOn: dependsOn.filter(one => one < index).map(one => `I${one}`),
          }),
        );
        const { runs } = simulate(items, { capacity, landing });
        expect(runs.map(one => one.item.id).sort()).toEqual(items.map(item => item.id).sort());
        for (const one of runs) {
          const beside = runs.filter(other => other !== one && other.start <= one.start && other.end > one.start);
          expect(beside.length).toBeLessThan(capacity);
          const held = runs.filter(other => other !== one && other.start <= one.start && other.landed > one.start);
          expect(held.some(other => clash(one.item.scope, other.item.scope))).toBe(false);
          const needed = runs.filter(other => one.item.dependsOn.includes(other.item.id));
          expect(needed.every(other => other.landed <= one.start)).toBe(true);
        }
      }),
      { numRuns: 150 },
    );
  });

  test('an item that overlaps everything runs although smaller ones keep arriving', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 4 }),
        fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 10, maxLength: 10 }),
        fc.nat(2),
        (capacity, hours, landing) => {
          const wide = makeItem('WIDE', { scope: { kind: 'known', paths: ['a/', 'b/*', 'c/'] } });
          const small = Array.from({ length: 40 }, (_, index) =>
            makeItem(`S${index}`, {
              scope: { kind: 'known', paths: [['a/1.ts', 'b/1.ts', 'c/1.ts', 'a/2.ts'][index % 4] ?? 'a/1.ts'] },
              estimateHours: hours[index % 10] ?? 1,
            }),
          );
          const { runs } = simulate([wide, ...small], { capacity, landing });
          const started = runs.filter(one => one.item === wide)[0]?.start ?? Number.POSITIVE_INFINITY;
          const overtaking = runs.filter(one => one.start < started).length;
          expect(overtaking).toBeLessThanOrEqual(Math.max(8, 2 * defaultSettings.maxParallel) + capacity);
        },
      ),
      { numRuns: 15 },
    );
  });
});

describe('estimates', () => {
  const timed = (hours: readonly (number | null)[]) =>
    hours.map((estimateHours, index) => makeItem(`T${index}`, { estimateHours }));

  test('document order holds in a plain list, where it costs nothing, and where too little is known', () => {
    expect(computePlan(planInput(timed([1, 1, 2, 2, 3, 3]))).ready).toEqual(['T0', 'T1', 'T2', 'T3']);
    expect(computePlan(planInput(timed([5, 5, 5, 5, 5, 5]))).ready).toEqual(['T0', 'T1', 'T2', 'T3']);
    const last = makeItem('END', { estimateHours: 5, dependsOn: ['T0'] });
    expect(computePlan(planInput([...timed([5, 5, 5, 5, 1, 1]), last])).ready).toEqual(['T0', 'T1', 'T2', 'T3']);
    const vague = [...timed([1, 1, null, null, null, null]), last];
    expect(computePlan(planInput(vague)).ready).toEqual(['T0', 'T1', 'T2', 'T3']);
  });

  test('the longest chain goes first where all would be done noticeably later otherwise', () => {
    const chain = [
      makeItem('C1', { estimateHours: 10 }),
      makeItem('C2', { estimateHours: 10, dependsOn: ['C1'] }),
      makeItem('C3', { estimateHours: 10, dependsOn: ['C2'] }),
    ];
    const items = [...timed([4, 4, 4, 4, 4, 4]), ...chain];
    const two = { resources: { ...quietMachine, capacity: 2 } };
    expect(computePlan(planInput(items, two)).ready).toEqual(['T0', 'C1']);
    expect(simulate(items, { capacity: 2 }).makespan).toBe(30);
    expect(computePlan(planInput(items, { ...two, pins: ['T3', 'T4'] })).ready).toEqual(['T3', 'T4']);
  });

  test('a set of two still outweighs one long item', () => {
    const long = makeItem('L', { estimateHours: 99, scope: { kind: 'known', paths: ['a/', 'b/*'] } });
    const short = ['a/1.ts', 'b/1.ts'].map((path, index) =>
      makeItem(`S${index}`, { estimateHours: 1, scope: { kind: 'known', paths: [path] } }),
    );
    expect(computePlan(planInput([long, ...short])).ready).toEqual(['S0', 'S1']);
  });

  test('an item at the top is not put off for ever by longer chains', () => {
    const top = makeItem('TOP', { estimateHours: 4 });
    const running = makeItem('R', { estimateHours: 1 });
    const chain = ['C0', 'C1', 'C2'].map((id, index) =>
      makeItem(id, { estimateHours: 10, dependsOn: index === 0 ? [] : [`C${index - 1}`] }),
    );
    const earlier = Array.from({ length: 24 }, (_, index) => makeItem(`E${index}`, { status: 'complete' }));
    const landed = (count: number) => earlier.slice(0, count).map(item => makeInstance(item, { state: 'cleaned' }));
    const ready = (count: number) =>
      computePlan(
        planInput([top, running, ...chain, ...earlier], {
          resources: { ...quietMachine, capacity: 2 },
          instances: [...landed(count), makeInstance(running, { startTime: null })],
        }),
      ).ready;
    expect(ready(10)).toEqual(['C0']);
    expect(ready(24)).toEqual(['TOP']);
  });
});

describe('choosing from a graph', () => {
  const graph = fc.integer({ min: 1, max: 12 }).chain(size =>
    fc.record({
      size: fc.constant(size),
      limit: fc.nat(13),
      edges: fc.array(fc.tuple(fc.nat(size - 1), fc.nat(size - 1)), { maxLength: 40 }),
    }),
  );

  test('is exact where it can be checked', () => {
    fc.assert(
      fc.property(graph, ({ size, limit, edges }) => {
        const linked = new Set(edges.flatMap(([a, b]) => [a * size + b, b * size + a]));
        const conflicts = (a: number, b: number) => linked.has(a * size + b);
        const best = subsets(Array.from({ length: size }, (_, index) => index))
          .filter(set => set.length <= limit && set.every((a, i) => set.slice(i + 1).every(b => !conflicts(a, b))))
          .sort((a, b) => b.length - a.length || compareLists(a, b))[0];
        expect(chooseLargest(size, limit, conflicts)).toEqual(best);
      }),
      { numRuns: 300 },
    );
  });

  test('ends in bounded work on graphs of hundreds, with a set that has no conflict', () => {
    for (const size of [60, 200, 400]) {
      let seed = size;
      const random = () => {
        seed = (seed * 1103515245 + 12345) % 2147483648;
        return seed / 2147483648;
      };
      const linked = new Set<number>();
      for (let a = 0; a < size; a += 1) for (let b = 0; b < a; b += 1) if (random() < 0.3) linked.add(a * size + b);
      let asked = 0;
      const conflicts = (a: number, b: number) => {
        asked += 1;
        return linked.has(Math.max(a, b) * size + Math.min(a, b));
      };
      const set = chooseLargest(size, 16, conflicts);
      expect(asked).toBeLessThan(3 * size * size);
      expect(set.length).toBeGreaterThanOrEqual(7);
      expect(set.some((a, i) => set.slice(i + 1).some(b => conflicts(a, b)))).toBe(false);
    }
  });
});

function compareLists(a: readonly number[], b: readonly number[]): number {
  const at = a.findIndex((value, index) => value !== b[index]);
  return at < 0 ? a.length - b.length : (a[at] ?? 0) - (b[at] ?? 0);
}
