import type { Item } from '../item.ts';
import { runCount } from '../race/agents.ts';
import { WorkIndex } from './conflicts.ts';
import { collectWorks, inPreferredOrder } from './forecast.ts';
import { chooseLargest, takeInOrder } from './graph/choose.ts';
import type { Ledger } from './ledger.ts';
import { commonReasons, freeSlots, isContender } from './reasons.ts';
import { isHeld, type Situation } from './situation.ts';
import { withoutTwins } from './twins.ts';

export interface Selection {
  /** Items to start now, in document order. */
  readonly chosen: readonly Item[];
  /** Items that go before others whatever the size of the set: started now, or waiting for running work and keeping their place. */
  readonly places: readonly Item[];
  /** Its agents need more places than are free: what goes after it waits, so that they become free. Null: none does. */
  readonly next: Item | null;
}

const nothing: Selection = { chosen: [], places: [], next: null };

/** States of a holder that end without a person. */
const moving = new Set(['pending', 'preparing', 'running', 'stopping', 'completed', 'queued', 'checking', 'landing']);

/**
 * Chooses what is started now: first what is preferred, one by one, then the largest set that fits beside it. Preferred are the user's
 * pins in their order, then items that others have overtaken too often, which is what keeps an item with many neighbours from starving.
 * A preferred item that only waits for running work keeps its place: nothing that conflicts with it is started meanwhile.
 */
export function select(situation: Situation): Selection {
  const { input, ledger, conflicts } = situation;
  if (input.paused || commonReasons(situation).length > 0) return nothing;
  const contenders = ledger.items.filter((item, place) => isContender(item, place, situation));
  const slots = freeSlots(input, ledger);
  const first: Item[] = [];
  const places = new Set<Item>();
  const placed = new WorkIndex<Item>(conflicts);
  const hasPlaceBefore = (item: Item) => placed.some(item, () => true);
  for (const item of preferred(contenders, situation)) {
    const held = isHeld(item, situation);
    if (!held && first.length >= slots) continue;
    if (hasPlaceBefore(item)) continue;
    places.add(item);
    placed.add(item);
    if (!held) first.push(item);
  }
  const isFree = (item: Item) => !places.has(item) && !hasPlaceBefore(item) && !isHeld(item, situation);
  const inOrder = (items: readonly Item[]) => items.toSorted((a, b) => ledger.position(a) - ledger.position(b));
  const others = largestSet(contenders, isFree, slots - first.length, situation);
  const { fitting, next } = withinPlaces([...first, ...inOrder(others)], slots);
  return { chosen: inOrder(fitting), places: [...places], next };
}

/** Those of the chosen that find room for all their runs, in turn; the first that does not holds up what is after it. */
function withinPlaces(
  items: readonly Item[],
  slots: number,
): { readonly fitting: readonly Item[]; readonly next: Item | null } {
  let left = slots;
  for (const [at, item] of items.entries()) {
    left -= runCount(item);
    if (left < 0) return { fitting: items.slice(0, at), next: item };
  }
  return { fitting: items, next: null };
}

function largestSet(
  contenders: readonly Item[],
  isFree: (item: Item) => boolean,
  limit: number,
  situation: Situation,
): readonly Item[] {
  if (limit <= 0) return [];
  const { conflicts } = situation;
  const clash = (a: Item, b: Item) => conflicts.code(a, b) !== null;
  const works = collectWorks(situation);
  // In document order the first few are all that has to be looked at, as a rule.
  const inOrder = works === null ? takeInOrder(contenders, limit, clash, isFree) : [];
  if (inOrder.length >= limit) return inOrder;
  const free = contenders.filter(isFree);
  if (free.length <= inOrder.length) return inOrder;
  const ordered = works !== null && free.length > limit ? inPreferredOrder(free, works, situation) : free;
  const distinct = withoutTwins(ordered, situation);
  const places = new Map(distinct.map((item, index) => [item, index]));
  const before = new WorkIndex<Item>(conflicts);
  return chooseLargest(distinct, limit, clash, (item, visit) => {
    before.some(item, other => visit(places.get(other) ?? 0));
    before.add(item);
  });
}

function preferred(contenders: readonly Item[], situation: Situation): readonly Item[] {
  const { input, ledger } = situation;
  const isOvertaken = findOvertaken(situation);
  const pins = input.pins.flatMap(pin => ledger.find(pin) ?? []);
  const pinned = new Set(pins.filter(item => contenders.includes(item)));
  const aged = contenders.filter(item => !pinned.has(item) && isOvertaken(item));
  return [...pinned, ...aged].filter(item => waitsForMovingWork(item, situation));
}

/**
 * Tells whether it is an item's turn, because so many later items have been started since it could have been. Those that conflict with
 * it count most: each of them kept it waiting. Pure, since the instances remember when they were requested and when they landed.
 */
function findOvertaken({ input, ledger, conflicts }: Situation): (item: Item) => boolean {
  const limit = Math.max(8, 2 * input.settings.maxParallel);
  if (ledger.instances.length < limit) return () => false;
  // What was requested last stands last in the document, as a rule: few items look at more than a few of these.
  const started = ledger.instances
    .map(instance => {
      const item = ledger.itemOf(instance);
      return { instance, position: item === null ? ledger.items.length : ledger.position(item) };
    })
    .sort((a, b) => b.position - a.position);
  return item => {
    const position = ledger.position(item);
    if ((started[limit - 1]?.position ?? -1) <= position) return false;
    const since = readySince(item, ledger);
    let [near, all] = [0, 0];
    for (const { instance, position: other } of started) {
      if (other <= position || near >= limit || all >= 3 * limit) break;
      if (instance.requestedAt < since) continue;
      all += 1;
      if (conflicts.code(item, instance) !== null) near += 1;
    }
    return near >= limit || all >= 3 * limit;
  };
}

/** When the last of its dependencies landed; 0 where none did through an instance. */
function readySince(item: Item, ledger: Ledger): number {
  return ledger.dependencies(item).reduce((latest, other) => {
    const landedAt = other === null ? null : ledger.record(other).landed?.merge.landedAt;
    return Math.max(latest, landedAt ?? 0);
  }, 0);
}

function waitsForMovingWork(item: Item, situation: Situation): boolean {
  return !isHeld(item, situation, ({ instance }) => !moving.has(instance.state));
}
