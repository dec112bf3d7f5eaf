import type { Item } from '../item.ts';
import { knotsAmong } from './graph/knots.ts';

/** What can be known of a list of items without looking at any run: their names, their order, and what they depend on. */
export interface Catalog {
  readonly items: readonly Item[];
  /** By id, key or alias; null for a name that no item has. */
  find(name: string): Item | null;
  /** Place of an item in document order. */
  position(item: Item): number;
  /** What an item depends on, one for each name in `dependsOn`; null for a name that no item has. */
  dependencies(item: Item): readonly (Item | null)[];
  /** The places of what the item at a place depends on; -1 for a name that no item has. */
  needs(place: number): readonly number[];
  /** Items that would wait for themselves if nothing were done yet, in document order. */
  readonly knotted: readonly Item[];
}

/** The list is the same array until the ROADMAP is read again, while the plan is made after every change. */
const catalogs = new WeakMap<readonly Item[], Catalog>();

const none: readonly (Item | null)[] = [];
const nowhere: readonly number[] = [];

export function catalogOf(items: readonly Item[]): Catalog {
  const known = catalogs.get(items);
  if (known !== undefined) return known;
  const names = nameItems(items);
  const positions = new Map(items.map((item, index) => [item.id, index]));
  const find = (name: string) => names.get(name) ?? null;
  const dependent = items.filter(item => item.dependsOn.length > 0);
  const resolved = new Map(dependent.map(item => [item.id, item.dependsOn.map(find)]));
  const dependencies = (item: Item) =>
    item.dependsOn.length === 0 ? none : (resolved.get(item.id) ?? item.dependsOn.map(find));
  const position = (item: Item) => positions.get(item.id) ?? items.length;
  const needed = items.map(item =>
    item.dependsOn.length === 0 ? nowhere : dependencies(item).map(other => (other === null ? -1 : position(other))),
  );
  const knotted = knotsAmong(dependent, dependencies).flat();
  const catalog: Catalog = {
    items,
    find,
    position,
    dependencies,
    needs: place => needed[place] ?? nowhere,
    knotted: knotted.sort((a, b) => position(a) - position(b)),
  };
  catalogs.set(items, catalog);
  return catalog;
}

function nameItems(items: readonly Item[]): ReadonlyMap<string, Item> {
  const names = new Map(items.map(item => [item.id, item]));
  for (const item of items) {
    for (const name of [item.key, ...item.aliases]) if (!names.has(name)) names.set(name, item);
  }
  return names;
}
