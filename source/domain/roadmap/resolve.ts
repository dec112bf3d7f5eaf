/** Finds items by the ids a person types or a dependency names. */
import type { Item } from '../item.ts';
import { canonicalId } from './ids.ts';

/**
 * The items that `wanted` names: by `Priority.id`, key or alias, whatever the case and leading zeros; `US-014@3688` (or any id of the item
 * with its line) picks one copy of a duplicated id. More than one result means the name is ambiguous, none that it is unknown.
 */
export function findItems(items: readonly Item[], wanted: string): readonly Item[] {
  const name = wanted.trim();
  const exact = items.filter(item => item.id.toLowerCase() === name.toLowerCase());
  if (exact.length > 0) return exact;
  const at = /^(.*)@(\d+)$/s.exec(name);
  const base = canonicalId(at?.[1] ?? name);
  const line = at === null ? null : Number(at[2]);
  return items.filter(
    item => (line === null || item.line === line) && [item.key, ...item.aliases].some(id => canonicalId(id) === base),
  );
}
