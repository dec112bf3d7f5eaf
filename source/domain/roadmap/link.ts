/** Gives items their final ids and joins them by their dependencies. */
import type { Item, SourceProblem } from '../item.ts';
import { sanitizeLine } from '../text/sanitize.ts';
import { unreadNote } from './document/size.ts';
import { canonicalOf, type ItemId } from './ids.ts';

/** An item as its own section tells it. */
export interface UnlinkedItem {
  readonly priority: Item;
  /** Its ids in the order of the heading; never empty. */
  readonly names: readonly { readonly canonical: string; readonly key: string }[];
  readonly wants: readonly { readonly id: ItemId; readonly line: number }[];
  /** Ids of items that have to wait for this one. */
  readonly blocks: readonly ItemId[];
}

type Owners = ReadonlyMap<string, readonly UnlinkedItem[]>;

/** Resolves ids to items. Adds problems for duplicated ids and for dependencies that name no item or several. */
export function linkItems(unlinked: readonly UnlinkedItem[], problems: SourceProblem[]): readonly Item[] {
  const owners = ownersOf(unlinked);
  for (const [canonical, copies] of owners) reportCopies(canonical, copies, problems);
  const ids = new Map(unlinked.map(item => [item, finalId(item, owners)]));
  const waits = new Map<UnlinkedItem, Set<string>>(unlinked.map(item => [item, new Set()]));
  for (const item of unlinked) {
    for (const want of item.wants) {
      const targets = targetsOf(item, owners.get(canonicalOf(want.id)) ?? []);
      for (const target of targets) waits.get(item)?.add(ids.get(target) ?? '');
      reportTarget(item, want, targets, problems);
    }
    const held = item.blocks.flatMap(id => owners.get(canonicalOf(id)) ?? []).filter(target => target !== item);
    for (const target of held) waits.get(target)?.add(ids.get(item) ?? '');
  }
  return unlinked.map(item => {
    const id = ids.get(item) ?? item.priority.key;
    const strangers = item.wants.filter(want => !owners.has(canonicalOf(want.id))).map(want => want.id.key);
    const notes = [...new Set([...item.priority.notes, ...strangers])];
    return {
      ...item.priority,
      id,
      duplicate: id !== item.priority.key,
      dependsOn: [...(waits.get(item) ?? [])],
      notes,
    };
  });
}

/** Where not all was read, what an item waits for may be among the rest: such an item must not start. */
export function heldByUnread(items: readonly Item[], unlinked: readonly UnlinkedItem[]): readonly Item[] {
  const known = new Set(unlinked.flatMap(({ names }) => names.map(({ canonical }) => canonical)));
  return items.map((item, at) => {
    const first = unlinked[at]?.wants.find(({ id }) => !known.has(canonicalOf(id)));
    if (first === undefined) return item;
    const notes = [...item.notes, unreadNote(sanitizeLine(first.id.key, 80))];
    return { ...item, notes, status: item.status === 'planned' ? 'blocked' : item.status };
  });
}

function ownersOf(items: readonly UnlinkedItem[]): Owners {
  const owners = new Map<string, UnlinkedItem[]>();
  for (const item of items) {
    for (const { canonical } of item.names) {
      const list = owners.get(canonical);
      if (list === undefined) owners.set(canonical, [item]);
      else list.push(item);
    }
  }
  return owners;
}

/** `key@line` where any of the item's ids stands on another item too. */
function finalId(item: UnlinkedItem, owners: Owners): string {
  const shared = item.names.some(name => (owners.get(name.canonical) ?? []).length > 1);
  return shared ? `${item.priority.key}@${item.priority.line}` : item.priority.key;
}

/** All items of an id. An item that names an id it carries itself means the other copies; where there are none, it waits for itself. */
function targetsOf(item: UnlinkedItem, named: readonly UnlinkedItem[]): readonly UnlinkedItem[] {
  const others = named.filter(target => target !== item);
  return others.length > 0 ? others : named;
}

/**
 * `duplicate`: two headings lead with the same id. `restated`: one leads with it and another carries it second (`PRIORITY 12: US-047 - …`
 * above `US-047: …`), which mostly is one piece of work described twice. Neither copy runs unless it is named by line.
 */
function reportCopies(canonical: string, copies: readonly UnlinkedItem[], problems: SourceProblem[]): void {
  const [first, second] = copies;
  if (first === undefined || second === undefined) return;
  const leading = copies.filter(item => item.names[0]?.canonical === canonical).length;
  const key = first.names.find(name => name.canonical === canonical)?.key ?? first.priority.key;
  const lines = copies.map(item => item.priority.line);
  const example = `${second.priority.key}@${second.priority.line}`;
  const message = `${key} is on lines ${lines.slice(0, 10).join(', ')}. Give each item its own id, or name one by its line (${example}).`;
  problems.push({ line: second.priority.line, code: leading > 1 ? 'duplicate' : 'restated', message });
}

function reportTarget(
  item: UnlinkedItem,
  want: { readonly id: ItemId; readonly line: number },
  targets: readonly UnlinkedItem[],
  problems: SourceProblem[],
): void {
  const name = sanitizeLine(want.id.key, 80);
  if (targets.length === 0) {
    const message = `${item.priority.key} depends on unknown item ${name} (ignored).`;
    problems.push({ line: want.line, code: 'dependency', message });
  } else if (targets.length > 1) {
    const lines = targets.map(target => target.priority.line).join(', ');
    const message = `${item.priority.key} waits for every copy of ${name} (lines ${lines}). Give each item its own id.`;
    problems.push({ line: want.line, code: 'dependency', message });
  }
}
