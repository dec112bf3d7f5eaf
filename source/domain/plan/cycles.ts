import type { Item } from '../item.ts';
import type { Ledger } from './ledger.ts';

/**
 * For every item that waits for itself: the shortest way round, starting with the member that stands first in the document and ending
 * with it again. Items that are done wait for nothing, so a cycle through one of them is none.
 */
export function findCycles(ledger: Ledger): ReadonlyMap<string, readonly Item[]> {
  const cycles = new Map<string, readonly Item[]>();
  for (const item of ledger.items) {
    if (ledger.isDone(item)) continue;
    const cycle = shortestCycle(item, ledger);
    if (cycle !== null) cycles.set(item.id, rotate(cycle, ledger));
  }
  return cycles;
}

/** `A → B → C → A`. */
export function describeCycle(cycle: readonly Item[]): string {
  return [...cycle, ...cycle.slice(0, 1)].map(item => item.id).join(' → ');
}

/** Dependencies of an item that are not done; names that no item bears are left out (see `reasons.ts`). */
function pending(item: Item, ledger: Ledger): readonly Item[] {
  return item.dependsOn
    .map(ledger.find)
    .filter(other => other !== null)
    .filter(other => !ledger.isDone(other));
}

function shortestCycle(start: Item, ledger: Ledger): readonly Item[] | null {
  const cameFrom = new Map<string, Item>();
  const queue: Item[] = [start];
  for (let item = queue.shift(); item !== undefined; item = queue.shift()) {
    for (const next of pending(item, ledger)) {
      if (next.id === start.id) return trace(item, start, cameFrom);
      if (cameFrom.has(next.id)) continue;
      cameFrom.set(next.id, item);
      queue.push(next);
    }
  }
  return null;
}

function trace(end: Item, start: Item, cameFrom: ReadonlyMap<string, Item>): readonly Item[] {
  const path: Item[] = [];
  for (let item: Item | undefined = end; item !== undefined && item.id !== start.id; item = cameFrom.get(item.id)) {
    path.unshift(item);
  }
  return [start, ...path];
}

function rotate(cycle: readonly Item[], ledger: Ledger): readonly Item[] {
  const positions = cycle.map(ledger.position);
  const first = positions.indexOf(Math.min(...positions));
  return [...cycle.slice(first), ...cycle.slice(0, first)];
}
