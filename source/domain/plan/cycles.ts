import type { Priority } from '../item.ts';
import type { Ledger } from './ledger.ts';

/**
 * For every item that waits for itself: the shortest way round, starting with the member that stands first in the document and ending
 * with it again. Items that are done wait for nothing, so a cycle through one of them is none.
 */
export function findCycles(ledger: Ledger): ReadonlyMap<string, readonly Priority[]> {
  const cycles = new Map<string, readonly Priority[]>();
  for (const item of ledger.items) {
    if (ledger.isDone(item)) continue;
    const cycle = shortestCycle(item, ledger);
    if (cycle !== null) cycles.set(item.id, rotate(cycle, ledger));
  }
  return cycles;
}

/** `A → B → C → A`. */
export function describeCycle(cycle: readonly Priority[]): string {
  return [...cycle, ...cycle.slice(0, 1)].map(item => item.id).join(' → ');
}

/** Dependencies of an item that are not done; names that no item bears are left out (see `reasons.ts`). */
function pending(item: Priority, ledger: Ledger): readonly Priority[] {
  return item.dependsOn
    .map(ledger.find)
    .filter(other => other !== null)
    .filter(other => !ledger.isDone(other));
}

function shortestCycle(start: Priority, ledger: Ledger): readonly Priority[] | null {
  const cameFrom = new Map<string, Priority>();
  const queue: Priority[] = [start];
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

function trace(end: Priority, start: Priority, cameFrom: ReadonlyMap<string, Priority>): readonly Priority[] {
  const path: Priority[] = [];
  for (let item: Priority | undefined = end; item !== undefined && item.id !== start.id; item = cameFrom.get(item.id)) {
    path.unshift(item);
  }
  return [start, ...path];
}

function rotate(cycle: readonly Priority[], ledger: Ledger): readonly Priority[] {
  const positions = cycle.map(ledger.position);
  const first = positions.indexOf(Math.min(...positions));
  return [...cycle.slice(first), ...cycle.slice(0, first)];
}
