import type { Item } from '../item.ts';
import { knotsAmong } from './graph/knots.ts';
import type { Ledger } from './ledger.ts';

/** The items that wait for themselves. What is done waits for nothing, so a cycle through it is none. */
export interface Cycles {
  has(item: Item): boolean;
  /** Do both wait for each other? */
  together(a: Item, b: Item): boolean;
  /** A way from an item back to itself, beginning with the member that stands first in the document; empty where there is none. */
  of(item: Item): readonly Item[];
  /** One such way for each set of items that all wait for each other, in document order. */
  readonly rings: readonly (readonly Item[])[];
}

interface Knot {
  readonly members: ReadonlySet<Item>;
  /** The shortest way round through the first member, and who is on it. */
  readonly ring: readonly Item[];
  readonly onRing: ReadonlySet<Item>;
}

/** Items visited in search of a way through one item; behind that the way through the first member stands for all. */
const searchLimit = 1000;
/** Members that a sentence names. */
const named = 6;

export function findCycles(ledger: Ledger): Cycles {
  const knotOf = new Map<string, Knot>();
  const open = ledger.knotted.filter(item => !ledger.isDone(item));
  const knots = knotsAmong(open, ledger.dependencies).map(items => {
    const members = new Set(items);
    const ring = wayRound(items[0], members, ledger, Number.POSITIVE_INFINITY) ?? items;
    const knot = { members, ring, onRing: new Set(ring) };
    for (const item of items) knotOf.set(item.id, knot);
    return knot;
  });
  const find = (item: Item) => knotOf.get(item.id);
  return {
    has: item => knotOf.has(item.id),
    together: (a, b) => find(a) !== undefined && find(a) === find(b),
    of(item) {
      const knot = find(item);
      if (knot === undefined || knot.onRing.has(item)) return knot?.ring ?? [];
      return wayRound(item, knot.members, ledger, searchLimit) ?? knot.ring;
    },
    rings: knots.map(({ ring }) => ring),
  };
}

/** `A → B → C → A`; of a long way only the beginning and the end. */
export function describeCycle(cycle: readonly Item[]): string {
  const left = cycle.length - named;
  const ids = (items: readonly Item[]) => items.map(({ id }) => id);
  const round =
    left > 1 ? [...ids(cycle.slice(0, named - 1)), `… ${left} more …`, ...ids(cycle.slice(-1))] : ids(cycle);
  return [...round, ...ids(cycle.slice(0, 1))].join(' → ');
}

/** The shortest way from an item back to itself within its knot; null where none is found in so many visits. */
function wayRound(
  start: Item | undefined,
  members: ReadonlySet<Item>,
  ledger: Ledger,
  visits: number,
): readonly Item[] | null {
  if (start === undefined) return null;
  const cameFrom = new Map<Item, Item>();
  const queue: Item[] = [start];
  for (const item of queue) {
    for (const next of ledger.dependencies(item)) {
      if (next === start) return rotate(trace(item, start, cameFrom), ledger);
      if (next === null || !members.has(next) || cameFrom.has(next)) continue;
      if (cameFrom.size >= visits) return null;
      cameFrom.set(next, item);
      queue.push(next);
    }
  }
  return null;
}

function trace(end: Item, start: Item, cameFrom: ReadonlyMap<Item, Item>): readonly Item[] {
  const path: Item[] = [];
  for (let item: Item | undefined = end; item !== undefined && item !== start; item = cameFrom.get(item))
    path.push(item);
  return [start, ...path.reverse()];
}

function rotate(cycle: readonly Item[], ledger: Ledger): readonly Item[] {
  const positions = cycle.map(item => ledger.position(item));
  const first = positions.reduce((least, position, index) => (position < (positions[least] ?? 0) ? index : least), 0);
  return [...cycle.slice(first), ...cycle.slice(0, first)];
}
