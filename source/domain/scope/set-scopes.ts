/** Scopes that a person has set for items, over what the items' sources say. Pure. */
import type { Item, Scope } from '../item.ts';

/** One of them. It counts as long as the source says what it said then. */
export interface SetScope {
  readonly priorityId: string;
  /** The whole scope from then on; empty: as the source has it. */
  readonly paths: readonly string[];
  /** Ids of items that it depends on beside those its source names. */
  readonly dependsOn: readonly string[];
  /** What the source said when it was set. */
  readonly replaces: Scope;
}

export type SetScopes = Readonly<Record<string, SetScope>>;

export function withScopes(before: SetScopes, added: readonly SetScope[]): SetScopes {
  return { ...before, ...Object.fromEntries(added.map(one => [one.priorityId, one])) };
}

/** Does it still count for the item as its source has it? */
export function stillCounts(item: Item, set: SetScope): boolean {
  const { kind, paths } = item.scope;
  return kind === set.replaces.kind && paths.join('\n') === set.replaces.paths.join('\n');
}

/** Items with the scopes that count for them; the same list where none does. */
export function applyScopes(items: readonly Item[], set: SetScopes): readonly Item[] {
  if (!items.some(({ id }) => Object.hasOwn(set, id))) return items;
  const ids = new Set(items.map(({ id }) => id));
  return items.map(item => {
    const own = Object.hasOwn(set, item.id) ? set[item.id] : undefined;
    if (own === undefined || !stillCounts(item, own)) return item;
    const added = own.dependsOn.filter(id => ids.has(id) && id !== item.id && !item.dependsOn.includes(id));
    return {
      ...item,
      scope: own.paths.length === 0 ? item.scope : { kind: 'known', paths: own.paths },
      dependsOn: [...item.dependsOn, ...added],
    };
  });
}
