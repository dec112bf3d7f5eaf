import { isAlive } from '../instance.ts';
import type { Item } from '../item.ts';
import { chooseLargest, memoised } from './choose.ts';
import { ownershipObstacles } from './ownership-fit.ts';
import { clashCode, type Situation } from './reasons.ts';

/**
 * Planned items batched into sets that could run side by side, in the order in which they could run, if nothing stood in the way but
 * dependencies, scopes and `maxParallel`. What runs now is part of the first sets; what can never run as the ROADMAP stands (a cycle,
 * a duplicate, a dependency that is not planned, files of another owner) is in none.
 */
export function groupItems({ input, ledger, cycles }: Situation): readonly (readonly string[])[] {
  const landing = (item: Item) => {
    const { active } = ledger.record(item);
    return active !== null && !isAlive(active.state);
  };
  const runs = (item: Item) => ledger.record(item).active !== null && !landing(item);
  const done = new Set(ledger.items.filter(item => ledger.isDone(item) || landing(item)));
  const isDone = (id: string) => {
    const item = ledger.find(id);
    return item !== null && done.has(item);
  };
  const possible = (item: Item) =>
    item.status === 'planned' &&
    !item.duplicate &&
    !cycles.has(item.id) &&
    ownershipObstacles(item, input.ownership, input.settings).length === 0;
  let open = ledger.items.filter(item => !done.has(item) && (runs(item) || possible(item)));
  open = [...open.filter(runs), ...open.filter(item => !runs(item))];
  const clash = memoised(open, (a, b) => clashCode(a, b, input) !== null);
  const position = new Map(open.map((item, index) => [item, index]));
  const groups: (readonly string[])[] = [];
  for (;;) {
    const free = open.filter(item => runs(item) || item.dependsOn.every(id => isDone(id)));
    const at = free.map(item => position.get(item) ?? 0);
    const group = chooseLargest(free.length, Math.max(1, input.settings.maxParallel), (a, b) =>
      clash(at[a] ?? 0, at[b] ?? 0),
    ).map(index => free[index]);
    const members = group.filter(item => item !== undefined);
    if (members.length === 0) return groups;
    for (const item of members) done.add(item);
    open = open.filter(item => !done.has(item));
    groups.push(members.map(item => item.id));
  }
}
