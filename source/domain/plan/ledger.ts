import { begunAt, type Instance, isAlive, stillLanded, waitsToLand } from '../instance.ts';
import type { Item } from '../item.ts';

/** What the instances say about one item. */
export interface ItemRecord {
  /** The instance that is alive or waits to land; null when the item is free. */
  readonly active: Instance | null;
  /** The instance that was begun or resumed last, whatever became of it. */
  readonly last: Instance | null;
  /** An instance of it that has landed and was not taken back. */
  readonly landed: Instance | null;
  readonly attempts: number;
}

/** Items and instances brought together: the lookups that every rule of the plan needs. */
export interface Ledger {
  readonly items: readonly Item[];
  readonly instances: readonly Instance[];
  /** Instances whose scope is taken: alive, waiting to land, or left in a state that a person must look at. */
  readonly holders: readonly Instance[];
  readonly running: number;
  /** By id, key or alias; null for a name that no item bears. */
  find(name: string): Item | null;
  record(item: Item): ItemRecord;
  /** Complete in the ROADMAP, or landed. */
  isDone(item: Item): boolean;
  /** Place of an item in document order. */
  position(item: Item): number;
  /** The item that an instance works on; null when the ROADMAP no longer has it. */
  itemOf(instance: Instance): Item | null;
}

const noRecord: ItemRecord = { active: null, last: null, landed: null, attempts: 0 };

export function createLedger(items: readonly Item[], instances: readonly Instance[]): Ledger {
  const names = nameItems(items);
  const find = (name: string) => names.get(name) ?? null;
  const itemOf = (instance: Instance) => matchInstance(instance, find);
  const records = new Map<string, ItemRecord>();
  for (const instance of instances) {
    const item = itemOf(instance);
    if (item !== null) records.set(item.id, extend(records.get(item.id) ?? noRecord, instance));
  }
  const positions = new Map(items.map((item, index) => [item.id, index]));
  const record = (item: Item) => records.get(item.id) ?? noRecord;
  return {
    items,
    instances,
    holders: instances.filter(holdsScope),
    running: instances.filter(instance => isAlive(instance.state)).length,
    find,
    record,
    isDone: item => item.status === 'complete' || record(item).landed !== null,
    position: item => positions.get(item.id) ?? items.length,
    itemOf,
  };
}

/** Work that another item's work could collide with. A rejected branch will not land, one that needs attention still may. */
function holdsScope({ state }: Instance): boolean {
  return isAlive(state) || waitsToLand(state) || state === 'needs-attention';
}

function extend(record: ItemRecord, instance: Instance): ItemRecord {
  return {
    active: isAlive(instance.state) || waitsToLand(instance.state) ? instance : record.active,
    last: record.last !== null && begunAt(record.last) > begunAt(instance) ? record.last : instance,
    landed: stillLanded(instance) ? instance : record.landed,
    attempts: record.attempts + 1,
  };
}

function nameItems(items: readonly Item[]): ReadonlyMap<string, Item> {
  const names = new Map(items.map(item => [item.id, item]));
  for (const item of items) {
    for (const name of [item.key, ...item.aliases]) if (!names.has(name)) names.set(name, item);
  }
  return names;
}

/**
 * An id may have changed since the instance was requested: `US-1` becomes `US-1@30` when a second `US-1` appears, and back again.
 * A line that merely moved is not guessed at.
 */
function matchInstance(instance: Instance, find: (name: string) => Item | null): Item | null {
  const exact = find(instance.priorityId);
  if (exact !== null) return exact;
  const bare = find(instance.priorityId.replace(/@\d+$/, ''));
  return bare === null || bare.duplicate ? null : bare;
}
