import { begunAt, continuesByItself, type Instance, isAlive, stillLanded, waitsToLand } from '../instance.ts';
import type { Item } from '../item.ts';
import { areRivals, leads } from '../race/race.ts';
import { countReadings } from '../review/reading.ts';
import { type Catalog, catalogOf } from './catalog.ts';

/** What the instances say about one item. */
export interface ItemRecord {
  /** The instance that is alive, waits to land or continues by itself; null when the item is free. */
  readonly active: Instance | null;
  /** The instance that was begun or resumed last, whatever became of it. */
  readonly last: Instance | null;
  /** An instance of it that has landed and was not reverted. */
  readonly landed: Instance | null;
  readonly attempts: number;
}

/** Items and instances brought together: the lookups that every rule of the plan needs. */
export interface Ledger extends Catalog {
  readonly instances: readonly Instance[];
  /** Instances whose scope is taken: alive, waiting to land, or left in a state that a person must look at. */
  readonly holders: readonly Instance[];
  /** Agents at work: runs, and those that only read. */
  readonly running: number;
  record(item: Item): ItemRecord;
  /** The same by an item's place in the list. */
  recordAt(place: number): ItemRecord;
  /** Is everything done that the item at a place depends on? */
  isUnblocked(place: number): boolean;
  /** Complete in the ROADMAP, or landed. */
  isDone(item: Item): boolean;
  /** The item that an instance works on; null when the ROADMAP no longer has it. */
  itemOf(instance: Instance): Item | null;
}

const noRecord: ItemRecord = { active: null, last: null, landed: null, attempts: 0 };

export function createLedger(items: readonly Item[], instances: readonly Instance[]): Ledger {
  const catalog = catalogOf(items);
  const itemOf = (instance: Instance) => matchInstance(instance, catalog.find);
  const records: (ItemRecord | undefined)[] = items.map(() => undefined);
  for (const instance of instances) {
    const item = itemOf(instance);
    if (item === null) continue;
    const place = catalog.position(item);
    records[place] = extend(records[place] ?? noRecord, instance);
  }
  const recordAt = (place: number) => records[place] ?? noRecord;
  const record = (item: Item) => recordAt(catalog.position(item));
  const isDone = (item: Item, place: number) => item.status === 'complete' || recordAt(place).landed !== null;
  const done = Uint8Array.from(items, (item, place) => (isDone(item, place) ? 1 : 0));
  return {
    ...catalog,
    instances,
    holders: instances.filter(holdsScope),
    running: instances.filter(instance => isAlive(instance.state)).length + countReadings(instances),
    record,
    recordAt,
    isDone: item => isDone(item, catalog.position(item)),
    isUnblocked: place => catalog.needs(place).every(other => done[other] === 1),
    itemOf,
  };
}

/** Work that another item's work could collide with. A rejected branch will not land, one that needs attention still may. */
function holdsScope({ state }: Instance): boolean {
  return isAlive(state) || waitsToLand(state) || continuesByItself(state) || state === 'needs-attention';
}

function extend(record: ItemRecord, instance: Instance): ItemRecord {
  return {
    active:
      isAlive(instance.state) || waitsToLand(instance.state) || continuesByItself(instance.state)
        ? instance
        : record.active,
    last: laterOf(record.last, instance),
    landed: stillLanded(instance) ? instance : record.landed,
    // What a limit cut short was no attempt at the item, and runs side by side are one.
    attempts: record.attempts + (instance.limited === true || isAnotherOf(record.last, instance) ? 0 : 1),
  };
}

/** Of runs side by side the one that says most about where the item stands, else the one that was begun last. */
function laterOf(known: Instance | null, instance: Instance): Instance {
  if (known === null) return instance;
  if (isAnotherOf(known, instance)) return leads(instance, known) ? instance : known;
  return begunAt(known) > begunAt(instance) ? known : instance;
}

function isAnotherOf(known: Instance | null, instance: Instance): boolean {
  return known !== null && areRivals(known, instance);
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
