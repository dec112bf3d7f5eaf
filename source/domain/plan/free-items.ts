import { isAlive } from '../instance.ts';
import type { Item } from '../item.ts';
import { ownershipObstacles } from './ownership-fit.ts';
import type { Situation } from './situation.ts';
import { twinNames } from './twins.ts';

/** The items that a group may be chosen from: what runs now, then whatever waits for nothing any more, in document order. */
export class FreeItems {
  readonly #order: ReadonlyMap<Item, number>;
  readonly #followers: ReadonlyMap<Item, readonly Item[]>;
  /** How many dependencies each item still waits for. */
  readonly #waitsFor = new Map<Item, number>();
  readonly #twins: (item: Item) => string | null;
  /** Free items by the name of their twins, each line in order; and the first of every line, in order. */
  readonly #lines = new Map<string, Item[]>();
  readonly #heads: Item[] = [];

  constructor(situation: Situation) {
    const { ledger } = situation;
    this.#twins = twinNames(situation);
    const [running, toCome] = openItems(situation);
    const open = [...running, ...toCome];
    this.#order = new Map(open.map((item, index) => [item, index]));
    const followers = new Map<Item, Item[]>(open.map(item => [item, []]));
    for (const item of toCome) {
      const needs = new Set(ledger.dependencies(item).filter(other => other === null || !isBehindUs(other, situation)));
      this.#waitsFor.set(item, needs.size);
      for (const other of needs) if (other !== null) followers.get(other)?.push(item);
      if (needs.size === 0) this.#add(item);
    }
    this.#followers = followers;
    for (const item of running) this.#add(item);
  }

  /** The first of them; of twins, which never fit together, only one. */
  first(count: number): readonly Item[] {
    return this.#heads.slice(0, count);
  }

  /** Takes out one that was among the `first`; what waited for it alone is free from then on, and may be a twin that comes before it. */
  take(item: Item): void {
    const line = this.#lineOf(item);
    const [head] = line;
    line.splice(this.#placeOf(line, item), 1);
    if (head === item) {
      this.#heads.splice(this.#placeOf(this.#heads, item), 1);
      const [next] = line;
      if (next !== undefined) this.#insert(this.#heads, next);
    }
    for (const follower of this.#followers.get(item) ?? []) {
      const left = (this.#waitsFor.get(follower) ?? 0) - 1;
      this.#waitsFor.set(follower, left);
      if (left === 0) this.#add(follower);
    }
  }

  #add(item: Item): void {
    const line = this.#lineOf(item);
    const [head] = line;
    this.#insert(line, item);
    if (line[0] !== item) return;
    if (head !== undefined) this.#heads.splice(this.#placeOf(this.#heads, head), 1);
    this.#insert(this.#heads, item);
  }

  #lineOf(item: Item): Item[] {
    const name = this.#twins(item) ?? `item\n${item.id}`;
    const line = this.#lines.get(name) ?? [];
    this.#lines.set(name, line);
    return line;
  }

  #insert(list: Item[], item: Item): void {
    list.splice(this.#placeOf(list, item), 0, item);
  }

  /** Where an item stands in an ordered list, or would. */
  #placeOf(list: readonly Item[], item: Item): number {
    const rank = (one: Item | undefined) => (one === undefined ? 0 : (this.#order.get(one) ?? 0));
    let [low, high] = [0, list.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (rank(list[middle]) < rank(item)) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** What has landed, or needs nothing but its landing. */
function isBehindUs(item: Item, { ledger }: Situation): boolean {
  const { active } = ledger.record(item);
  return ledger.isDone(item) || (active !== null && !isAlive(active.state));
}

/** What runs, and what can run as the ROADMAP stands, each in document order. */
function openItems(situation: Situation): readonly [readonly Item[], readonly Item[]] {
  const { input, ledger, cycles } = situation;
  const open = ledger.items.filter(item => !isBehindUs(item, situation));
  const runs = (item: Item) => ledger.record(item).active !== null;
  const possible = (item: Item) =>
    item.status === 'planned' &&
    !item.duplicate &&
    !cycles.has(item) &&
    ownershipObstacles(item, input.ownership, input.settings).length === 0;
  return [open.filter(runs), open.filter(item => !runs(item) && possible(item))];
}
