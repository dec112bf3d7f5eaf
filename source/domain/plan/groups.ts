import type { Item } from '../item.ts';
import { FreeItems } from './free-items.ts';
import { chooseLargest, takeInOrder } from './graph/choose.ts';
import type { Situation } from './situation.ts';

/** Free items that a group is chosen from. */
const window = 64;
/** Groups that are chosen as large as can be; behind them, items are taken in order. */
const exactGroups = 50;

/**
 * Planned items batched into sets that could run side by side, in the order in which they could run, if nothing stood in the way but
 * dependencies, scopes and `maxParallel`. What runs now is part of the first sets; what can never run as the ROADMAP stands (a cycle,
 * a duplicate, a dependency that is not planned, files of another owner) is in none.
 */
export function groupItems(situation: Situation): readonly (readonly string[])[] {
  const { input, conflicts } = situation;
  const free = new FreeItems(situation);
  const clash = (a: Item, b: Item) => conflicts.code(a, b) !== null;
  const limit = Math.max(1, input.settings.maxParallel);
  const groups: (readonly string[])[] = [];
  for (;;) {
    const candidates = free.first(Math.max(window, 2 * limit));
    const choose = groups.length < exactGroups ? chooseLargest : takeInOrder;
    const group = choose(candidates, limit, clash);
    if (group.length === 0) return groups;
    for (const item of group) free.take(item);
    groups.push(group.map(item => item.id));
  }
}
