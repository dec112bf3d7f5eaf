/** Scopes that a person has set for items, over what the items' sources say. Pure. */
import { hasLanded, type Instance } from '../instance.ts';
import type { Item, Scope } from '../item.ts';
import { scopeCovers } from '../scope.ts';
import { globOf } from './glob-of.ts';

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

export function withoutScopes(before: SetScopes = {}, ids: readonly string[] = []): SetScopes {
  return Object.fromEntries(Object.entries(before).filter(([id]) => !ids.includes(id)));
}

export function withScopes(before: SetScopes = {}, added: readonly SetScope[] = []): SetScopes {
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

/** The run of an item after a person has set the item's scope: what it changed within that scope does not violate it any more. */
export function widenedRun(instance: Instance, set: readonly SetScope[]): Instance {
  const own = set.find(({ priorityId }) => priorityId === instance.priorityId);
  if (own === undefined || own.paths.length === 0 || hasLanded(instance.state)) return instance;
  const { scope, merge } = instance;
  const now: Scope = { kind: 'known', paths: own.paths };
  const left = merge.violations.filter(({ code, path }) => code !== 'scope' || !scopeCovers(now, path));
  if (left.length === merge.violations.length) return instance;
  const paths = [...new Set([...scope.paths, ...own.paths])];
  return {
    ...instance,
    scope: { kind: 'known', paths },
    firstScope: instance.firstScope ?? scope,
    merge: { ...merge, violations: left },
  };
}

/** What a person is asked to widen an item's scope to: its paths, and what its run changed outside of them; null: it stayed inside. */
export function widerScope(item: Item, { merge }: Instance, roadmapPath: string | null): readonly string[] | null {
  const outside = merge.violations
    .filter(({ code, path }) => code === 'scope' && path !== roadmapPath)
    .map(({ path }) => path);
  return outside.length === 0 ? null : [...new Set([...item.scope.paths, ...outside.map(globOf)])];
}

/** How well the scopes of runs that have ended were known beforehand. */
export interface ScopeFigures {
  /** Runs that changed files under a known or inferred scope. */
  readonly known: number;
  /** Those of them that changed nothing outside of it. */
  readonly kept: number;
  /** Runs that changed files under an unknown scope. */
  readonly unknown: number;
  /** Files changed outside, and keys of the items whose runs did so. */
  readonly filesOutside: number;
  readonly left: readonly string[];
}

export function scopeFigures(instances: readonly Instance[]): ScopeFigures {
  const changed = instances.filter(({ files, endTime }) => endTime !== null && files.length > 0);
  const scopeOf = ({ scope, firstScope }: Instance) => firstScope ?? scope;
  const known = changed.filter(one => scopeOf(one).kind !== 'unknown');
  const outside = known.map(one => ({
    key: one.key,
    count: one.files.filter(({ path }) => !scopeCovers(scopeOf(one), path)).length,
  }));
  const left = outside.filter(({ count }) => count > 0);
  return {
    known: known.length,
    kept: known.length - left.length,
    unknown: changed.length - known.length,
    filesOutside: left.reduce((sum, { count }) => sum + count, 0),
    left: [...new Set(left.map(({ key }) => key))],
  };
}
