import type { Item } from '../item.ts';
import { type Conflicts, WorkIndex } from './conflicts.ts';
import type { Situation } from './situation.ts';

/** A name that an item shares with all that have exactly its conflicts, itself included; null: it conflicts with nothing. */
type TwinNames = (item: Item) => string | null;

interface Known {
  readonly names: TwinNames;
  readonly ownership: unknown;
  readonly settings: unknown;
}

const known = new WeakMap<readonly Item[], Known>();

/**
 * Leaves of items that conflict with each other and with exactly the same others only the first: a set that holds another of them could
 * as well hold that one. Where hundreds touch one file, or have no known scope, their number makes no difference any more.
 */
export function withoutTwins(items: readonly Item[], situation: Situation): readonly Item[] {
  const nameOf = twinNames(situation);
  const seen = new Set<string>();
  return items.filter(item => {
    const name = nameOf(item);
    if (name === null) return true;
    const isFirst = !seen.has(name);
    seen.add(name);
    return isFirst;
  });
}

/** Worked out once for a list of items. */
export function twinNames({ input, ledger, conflicts }: Situation): TwinNames {
  const { ownership, settings } = input;
  const before = known.get(ledger.items);
  if (before !== undefined && before.ownership === ownership && before.settings === settings) return before.names;
  const names = nameTwins(ledger.items, conflicts);
  known.set(ledger.items, { names, ownership, settings });
  return names;
}

/** Patterns that nothing else meets make no difference; what is left of the scope says what an item conflicts with. */
function nameTwins(items: readonly Item[], conflicts: Conflicts): TwinNames {
  const others = new WorkIndex<Item>(
    conflicts,
    items.filter(item => item.status !== 'complete'),
  );
  const names = new Map<string, string>();
  for (const item of items) {
    if (conflicts.isReadOnly(item.agentType)) continue;
    if (item.scope.kind === 'unknown') {
      if (conflicts.serial) names.set(item.id, 'unknown');
      continue;
    }
    const shared = others.shared(item, other => other !== item);
    if (shared.length > 0) names.set(item.id, `scope\n${[...new Set(shared)].sort().join('\n')}`);
  }
  return item => names.get(item.id) ?? null;
}
