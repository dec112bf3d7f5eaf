import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hasLanded, type Instance, type InstanceState, isAlive, waitsToLand } from '../../source/domain/instance.ts';
import type { Item, Scope } from '../../source/domain/item.ts';
import { chooseLargest, takeInOrder } from '../../source/domain/plan/graph/choose.ts';
import { computePlan, type PlanInput } from '../../source/domain/plan.ts';
import { defaultSettings } from '../../source/domain/settings.ts';
import { makeInstance, makeItem, planInput, quietMachine, unknownScope } from '../helpers/core/planning.ts';
import { simulate } from '../helpers/core/simulation.ts';

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
        const waiting = plan.waiting().map(one => one.id);
        const expected = input.items.filter(item => {
          const instance = instanceOf(input, item);
          if (instance !== undefined && (isAlive(instance.state) || waitsToLand(instance.state))) return true;
          return item.status !== 'complete' && (instance === undefined || !hasLanded(instance.state));
        });
        expect([...plan.ready, ...waiting].sort()).toEqual(expected.map(item => item.id).sort());
        expect(
          plan.waiting().every(one => one.reasons.length > 0 && one.reasons.every(({ detail }) => detail !== '')),
        ).toBe(true);
        const again = computePlan({ ...input });
        expect([again.ready, again.waiting(), again.groups()]).toEqual([plan.ready, plan.waiting(), plan.groups()]);
        for (const { id, reasons } of plan.waiting()) expect(computePlan(input).reasonsOf(id)).toEqual(reasons);
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
        const grouped: string[] = [];
        for (const group of computePlan(input).groups()) {
          const items = group.map(id => input.items.find(item => item.id === id)).filter(item => item !== undefined);
          for (const item of items) {
            const alive = isAlive(instanceOf(input, item)?.state ?? 'failed');
            expect(alive || item.dependsOn.every(id => before.has(id))).toBe(true);
            expect(items.some(other => other !== item && clash(item.scope, other.scope))).toBe(false);
          }
          expect(group.length).toBeLessThanOrEqual(input.settings.maxParallel);
          for (const id of group) before.add(id);
          grouped.push(...group);
        }
        expect(grouped).toEqual([...new Set(grouped)]);
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

describe('hundreds of items', () => {
  const folder = (n: number) => ({ kind: 'known' as const, paths: [`part${n}/`] });
  /** Whoever touches everything, and `count` items that touch a folder each. */
  const around = (wide: readonly string[], count: number) => [
    makeItem('WIDE', { scope: { kind: 'known', paths: wide } }),
    ...Array.from({ length: count }, (_, n) => makeItem(`I${n}`, { scope: folder(n) })),
  ];

  test('one item that overlaps all others gives way to them, however many they are', () => {
    for (const count of [40, 400, 4000]) {
      expect(computePlan(planInput(around(['**'], count))).ready).toEqual(['I0', 'I1', 'I2', 'I3']);
      expect(computePlan(planInput(around(['part1/', 'part3/'], count))).ready).toEqual(['WIDE', 'I0', 'I2', 'I4']);
    }
  });

  test('hundreds of pairs are chosen from one by one', () => {
    // Of each three the first overlaps the other two.
    const items = Array.from({ length: 300 }, (_, n) => [
      makeItem(`W${n}`, { scope: { kind: 'known', paths: [`a${n}/`, `b${n}/`] } }),
      makeItem(`A${n}`, { scope: { kind: 'known', paths: [`a${n}/`] } }),
      makeItem(`B${n}`, { scope: { kind: 'known', paths: [`b${n}/`] } }),
    ]).flat();
    const roomy = (slots: number) => ({
      resources: { ...quietMachine, capacity: slots },
      settings: { ...defaultSettings, maxParallel: slots },
    });
    const all = computePlan(planInput(items, roomy(1000))).ready;
    expect(all).toEqual(items.filter(({ id }) => !id.startsWith('W')).map(({ id }) => id));
    // With room for 450, the first 150 are taken from the front and the rest pays for them.
    const some = computePlan(planInput(items, roomy(450))).ready;
    expect(some).toHaveLength(450);
    expect(some.slice(0, 3)).toEqual(['W0', 'W1', 'W2']);
    expect(some.filter(id => id.startsWith('W'))).toHaveLength(150);
  });

  test('of hundreds that touch one file, or of which nothing is known, one runs beside the rest', () => {
    const shared = Array.from({ length: 600 }, (_, n) =>
      makeItem(`S${n}`, { scope: { kind: 'known', paths: ['shared.ts', `own${n}/`] } }),
    );
    const vague = Array.from({ length: 600 }, (_, n) => makeItem(`U${n}`, { scope: unknownScope }));
    const apart = makeItem('Z');
    const plan = computePlan(planInput([...shared, ...vague, apart]));
    expect(plan.ready).toEqual(['S0', 'U0', 'Z']);
    expect(plan.reasonsOf('S9')).toEqual([{ code: 'overlap', detail: 'S0 goes first and also changes shared.ts' }]);
    expect(plan.reasonsOf('U9').map(({ code }) => code)).toEqual(['unknown-scope']);
    expect(plan.groups()).toHaveLength(600);
    expect(plan.groups()[1]).toEqual(['S1', 'U1']);
  });

  test('whom hundreds keep waiting is told of a few of them', () => {
    const holders = Array.from({ length: 300 }, (_, n) => makeItem(`H${n}`, { scope: folder(n) }));
    const wide = makeItem('WIDE', { scope: { kind: 'known', paths: ['**'] } });
    const instances = holders.map(item => makeInstance(item, { state: 'awaiting-approval' }));
    const reasons = computePlan(planInput([...holders, wide], { instances })).reasonsOf('WIDE');
    expect(reasons.map(({ code }) => code)).toEqual(Array.from({ length: 9 }, () => 'overlap'));
    expect(reasons[0]?.detail).toBe('H0 waits to land and also changes part0/');
    expect(reasons.at(-1)?.detail).toBe('and for more runs than these');
  });

  test('a ring and a chain of thousands end at once, with a sentence that can be read', () => {
    const chain = (count: number, first: readonly string[]) =>
      Array.from({ length: count }, (_, n) =>
        makeItem(`C${n}`, { dependsOn: n === 0 ? first : [`C${n - 1}`], line: n }),
      );
    const plan = computePlan(planInput(chain(6000, [])));
    expect(plan.ready).toEqual(['C0']);
    expect(plan.groups()).toHaveLength(6000);
    expect(plan.waiting()).toHaveLength(5999);
    const ring = computePlan(planInput(chain(5000, ['C4999'])));
    expect(ring.ready).toEqual([]);
    expect(ring.waiting()).toHaveLength(5000);
    const way = 'C0 → C4999 → C4998 → C4997 → C4996 → … 4994 more … → C1 → C0';
    expect(ring.reasonsOf('C17')).toEqual([{ code: 'cycle', detail: `depends on itself: ${way}` }]);
    expect(ring.problems()).toHaveLength(1);
  });

  test('an item that waits in two rings is said to wait in one of them, and none of either runs', () => {
    const items = [
      makeItem('A', { dependsOn: ['B', 'C'] }),
      makeItem('B', { dependsOn: ['A'] }),
      makeItem('C', { dependsOn: ['D'] }),
      makeItem('D', { dependsOn: ['A'] }),
    ];
    const plan = computePlan(planInput(items));
    expect(plan.ready).toEqual([]);
    expect(plan.reasonsOf('A').map(({ detail }) => detail)).toEqual(['depends on itself: A → B → A']);
    expect(plan.reasonsOf('C').map(({ detail }) => detail)).toEqual(['depends on itself: A → C → D → A']);
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
        const best = subsets(numbers(size))
          .filter(set => set.length <= limit && set.every((a, i) => set.slice(i + 1).every(b => !conflicts(a, b))))
          .sort((a, b) => b.length - a.length || compareLists(a, b))[0];
        expect(chooseLargest(numbers(size), limit, conflicts)).toEqual(best);
      }),
      { numRuns: 300 },
    );
  });

  const large = fc.record({
    size: fc.integer({ min: 20, max: 40 }),
    limit: fc.integer({ min: 2, max: 40 }),
    density: fc.constantFrom(0.03, 0.06, 0.12, 0.3, 0.6, 0.9),
    seed: fc.nat(),
  });

  test('is exact for 40 candidates, however much they conflict', () => {
    fc.assert(
      fc.property(large, ({ size, limit, density, seed }) => {
        const conflicts = randomGraph(size, density, seed);
        expect(chooseLargest(numbers(size), limit, conflicts)).toEqual(firstLargest(size, limit, conflicts));
      }),
      { numRuns: 150 },
    );
  });

  test('what finds the conflicts makes no difference', () => {
    fc.assert(
      fc.property(large, ({ size, limit, density, seed }) => {
        const conflicts = randomGraph(size, density, seed);
        const found = chooseLargest(numbers(size), limit, conflicts, (one, visit) => {
          for (let other = one - 1; other >= 0; other -= 1)
            if (conflicts(one, other) && (visit(other) || visit(other))) return;
        });
        expect(found).toEqual(chooseLargest(numbers(size), limit, conflicts));
      }),
      { numRuns: 50 },
    );
  });

  test('is never worse than taking them in order, whatever the size', () => {
    const huge = fc.record({
      size: fc.integer({ min: 200, max: 1500 }),
      limit: fc.integer({ min: 1, max: 60 }),
      density: fc.constantFrom(0.001, 0.01, 0.1, 0.5, 0.97),
      seed: fc.nat(),
    });
    fc.assert(
      fc.property(huge, ({ size, limit, density, seed }) => {
        const conflicts = randomGraph(size, density, seed);
        const set = chooseLargest(numbers(size), limit, conflicts);
        const inOrder = takeInOrder(numbers(size), limit, conflicts);
        expect(set.length).toBeGreaterThanOrEqual(inOrder.length);
        expect(set.length).toBeLessThanOrEqual(limit);
        expect(set.some((a, i) => set.slice(i + 1).some(b => conflicts(a, b)))).toBe(false);
        if (set.length === inOrder.length) expect(set).toEqual(inOrder);
        expect(chooseLargest(numbers(size), limit, conflicts)).toEqual(set);
      }),
      { numRuns: 12 },
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
      const set = chooseLargest(numbers(size), 16, conflicts);
      expect(asked).toBeLessThan(3 * size * size);
      expect(set.length).toBeGreaterThanOrEqual(7);
      expect(set.some((a, i) => set.slice(i + 1).some(b => conflicts(a, b)))).toBe(false);
    }
  });
});

/** A graph in which each pair conflicts with the same probability; the same for the same seed. */
function randomGraph(size: number, density: number, seed: number): (a: number, b: number) => boolean {
  let state = (seed % 2147483647) + 1;
  const rows = numbers(size).map(row =>
    numbers(row).map(() => {
      state = (state * 48271) % 2147483647;
      return state / 2147483647 < density;
    }),
  );
  return (a, b) => rows[Math.max(a, b)]?.[Math.min(a, b)] === true;
}

/** The largest set, the earliest numbers first, found the plain way: with and without each number, cut off where too few are left. */
function firstLargest(size: number, limit: number, conflicts: (a: number, b: number) => boolean): readonly number[] {
  let best: readonly number[] = [];
  const known = new Map<string, number>();
  /** The size of the largest set within `open`. */
  const most = (open: readonly number[]): number => {
    const [first, ...rest] = open;
    if (first === undefined) return 0;
    const key = open.join();
    const before = known.get(key);
    if (before !== undefined) return before;
    const beside = rest.filter(other => !conflicts(first, other));
    const withIt = 1 + most(beside);
    const result = beside.length === rest.length ? withIt : Math.max(withIt, most(rest));
    known.set(key, result);
    return result;
  };
  let open = numbers(size);
  const wanted = Math.min(limit, most(open));
  while (best.length < wanted) {
    const next = open.find(
      one => most(open.filter(other => other > one && !conflicts(one, other))) >= wanted - best.length - 1,
    );
    if (next === undefined) break;
    best = [...best, next];
    open = open.filter(other => other > next && !conflicts(next, other));
  }
  return best;
}

const numbers = (count: number) => Array.from({ length: count }, (_, index) => index);

function compareLists(a: readonly number[], b: readonly number[]): number {
  const at = a.findIndex((value, index) => value !== b[index]);
  return at < 0 ? a.length - b.length : (a[at] ?? 0) - (b[at] ?? 0);
}
