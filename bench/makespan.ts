import type { Item } from '../source/domain/item.ts';
import { scopesOverlap } from '../source/domain/scope.ts';
import { makeItem } from '../test/helpers/core/planning.ts';
import { simulate } from '../test/helpers/core/simulation.ts';
import type { BenchResult } from './types.ts';

const graphs = 60;

/**
 * How long a whole ROADMAP takes by the plan, beside the best of several list schedules for the same random task graph with known
 * durations: independent items, then items some of which share files.
 */
export async function run(): Promise<readonly BenchResult[]> {
  return [
    measure('Makespan of random task graphs', 0),
    measure('Makespan, some items sharing files', 0.15),
    measure('Makespan, most sharing', 0.5),
  ];
}

function measure(name: string, sharing: number): BenchResult {
  const random = createRandom(20_261);
  let [value, baseline, worst] = [0, 0, 0];
  for (let graph = 0; graph < graphs; graph += 1) {
    const items = makeGraph(random, sharing);
    const capacity = 2 + (graph % 3);
    const own = simulate(items, { capacity }).makespan;
    const best = bestListSchedule(items, capacity);
    value += own;
    baseline += best;
    worst = Math.max(worst, own / best);
  }
  return {
    name,
    unit: 'h',
    value,
    baseline,
    baselineName: `best of ${Object.keys(rules).length} list schedules`,
    ratio: value / baseline,
    limit: 1.05,
    note: `${graphs} graphs of 12 to 40 items on 2 to 4 slots; worst single graph ${worst.toFixed(2)}`,
  };
}

/** A layered graph: most items depend on up to two earlier ones, durations are skewed towards short ones. */
function makeGraph(random: () => number, sharing: number): readonly Item[] {
  const count = 12 + Math.floor(random() * 29);
  return Array.from({ length: count }, (_, index) => {
    const parents = Math.floor(random() * 3);
    const before = Array.from({ length: index === 0 ? 0 : parents }, () => `T${Math.floor(random() * index)}`);
    const paths = [`source/T${index}/`];
    if (random() < sharing * 2) paths.push(`shared/${Math.floor(random() * count * 0.25)}/`);
    return makeItem(`T${index}`, {
      dependsOn: [...new Set(before)],
      estimateHours: Math.max(1, Math.round(24 * random() ** 2)),
      scope: { kind: 'known', paths },
    });
  });
}

type Rule = (item: Item, graph: Graph) => number;

interface Graph {
  readonly items: readonly Item[];
  /** Hours from the start of an item to the end of the longest chain that hangs on it. */
  readonly tail: ReadonlyMap<string, number>;
  readonly followers: ReadonlyMap<string, number>;
}

const hours = (item: Item) => item.estimateHours ?? 1;

/** Priorities of list scheduling; the larger goes first. */
const rules: Readonly<Record<string, Rule>> = {
  criticalPath: (item, { tail }) => tail.get(item.id) ?? 0,
  longestFirst: item => hours(item),
  shortestFirst: item => -hours(item),
  mostFollowers: (item, { followers }) => followers.get(item.id) ?? 0,
  inOrder: (item, { items }) => -items.indexOf(item),
  pathThenFollowers: (item, { tail, followers }) => (tail.get(item.id) ?? 0) + (followers.get(item.id) ?? 0),
};

function bestListSchedule(items: readonly Item[], capacity: number): number {
  const graph = analyse(items);
  return Math.min(...Object.values(rules).map(rule => listSchedule(graph, capacity, rule)));
}

/** Whenever something ends, starts what may run, the item of the highest priority first. */
function listSchedule(graph: Graph, capacity: number, rule: Rule): number {
  const order = [...graph.items].sort((a, b) => rule(b, graph) - rule(a, graph));
  const ends = new Map<Item, number>();
  const byId = new Map(graph.items.map(item => [item.id, item]));
  let now = 0;
  for (;;) {
    const running = () => [...ends].filter(([, end]) => end > now).map(([item]) => item);
    const landed = (id: string) =>
      (ends.get(byId.get(id) ?? order[0] ?? makeItem('none')) ?? Number.POSITIVE_INFINITY) <= now;
    for (const item of order) {
      const beside = running();
      if (ends.has(item) || beside.length >= capacity || !item.dependsOn.every(landed)) continue;
      if (!beside.some(other => scopesOverlap(item.scope, other.scope))) ends.set(item, now + hours(item));
    }
    const next = Math.min(...[...ends.values()].filter(end => end > now));
    if (next === Number.POSITIVE_INFINITY) return now;
    now = next;
  }
}

function analyse(items: readonly Item[]): Graph {
  const tail = new Map<string, number>();
  const followers = new Map<string, number>();
  for (const item of [...items].reverse()) {
    const next = items.filter(other => other.dependsOn.includes(item.id));
    followers.set(item.id, next.length);
    tail.set(item.id, hours(item) + Math.max(0, ...next.map(other => tail.get(other.id) ?? 0)));
  }
  return { items, tail, followers };
}

/** The same graphs in every run. */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648;
  };
}
