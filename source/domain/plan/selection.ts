import type { Item } from '../item.ts';
import type { WaitReason } from '../plan-types.ts';
import { chooseLargest, memoised } from './choose.ts';
import { preferenceOrder } from './forecast.ts';
import type { Ledger } from './ledger.ts';
import { capacitySentence, clashCode, clashSentence, freeSlots, reason, type Situation } from './reasons.ts';

/** An item that may run but was not chosen, or one that waits for running work alone, with its reasons so far. */
export interface Contender {
  readonly item: Item;
  readonly reasons: readonly WaitReason[];
}

export interface Selection {
  readonly chosen: readonly Item[];
  /** Reasons of the contenders that were not chosen, by id. */
  readonly passedOver: ReadonlyMap<string, readonly WaitReason[]>;
}

/** States of a holder that end without a person. */
const moving = new Set(['pending', 'preparing', 'running', 'stopping', 'completed', 'queued', 'checking', 'landing']);

/**
 * Chooses among the contenders (in document order) what is started now: first what is preferred, one by one, then the largest set that
 * fits beside it. Preferred are the user's pins in their order, then items that others have overtaken too often, which is what keeps
 * an item with many neighbours from starving. A preferred item that only waits for running work keeps its place: nothing that conflicts with it
 * is started meanwhile.
 */
export function select(contenders: readonly Contender[], situation: Situation): Selection {
  const slots = freeSlots(situation.input, situation.ledger);
  const first: Item[] = [];
  const places: Item[] = [];
  const clash = (a: Item, b: Item) => clashCode(a, b, situation.input) !== null;
  for (const { item, reasons } of preferred(contenders, situation)) {
    if (places.some(other => clash(item, other))) continue;
    if (reasons.length === 0 && first.length >= slots) continue;
    places.push(item);
    if (reasons.length === 0) first.push(item);
  }
  const rest = contenders
    .filter(({ item, reasons }) => reasons.length === 0 && !places.some(other => other === item || clash(item, other)))
    .map(({ item }) => item);
  const chosen = new Set([...first, ...largestSet(rest, slots - first.length, clash, situation)]);
  const inOrder = contenders.map(({ item }) => item).filter(item => chosen.has(item));
  return { chosen: inOrder, passedOver: explain(contenders, inOrder, places, situation) };
}

function largestSet(
  items: readonly Item[],
  limit: number,
  clash: (a: Item, b: Item) => boolean,
  situation: Situation,
): readonly Item[] {
  const ordered = items.length > limit && limit > 0 ? preferenceOrder(items, situation) : items;
  const picked = chooseLargest(ordered.length, limit, memoised(ordered, clash));
  return picked.map(index => ordered[index]).filter(item => item !== undefined);
}

function preferred(contenders: readonly Contender[], situation: Situation): readonly Contender[] {
  const { input, ledger } = situation;
  const byId = new Map(contenders.map(contender => [contender.item.id, contender]));
  const pinned = new Set(
    input.pins.map(pin => byId.get(ledger.find(pin)?.id ?? pin)).filter(contender => contender !== undefined),
  );
  const aged = contenders.filter(one => !pinned.has(one) && isOvertaken(one.item, situation));
  return [...pinned, ...aged].filter(
    ({ item, reasons }) => reasons.length === 0 || waitsForMovingWork(item, situation),
  );
}

/**
 * Is it this item's turn, because so many later items have been started since it could have been? Those that conflict with it count
 * most: each of them kept it waiting. Pure, since the instances remember when they were requested and when they landed.
 */
function isOvertaken(item: Item, { input, ledger }: Situation): boolean {
  const limit = Math.max(8, 2 * input.settings.maxParallel);
  if (ledger.instances.length < limit) return false;
  const position = ledger.position(item);
  const since = readySince(item, ledger);
  let [near, all] = [0, 0];
  for (const instance of ledger.instances) {
    if (instance.requestedAt < since) continue;
    const other = ledger.itemOf(instance);
    if (other !== null && ledger.position(other) <= position) continue;
    all += 1;
    if (clashCode(item, instance, input) !== null) near += 1;
  }
  return near >= limit || all >= 3 * limit;
}

/** When the last of its dependencies landed; 0 where none did through an instance. */
function readySince(item: Item, ledger: Ledger): number {
  const landings = item.dependsOn.map(id => {
    const other = ledger.find(id);
    return (other === null ? null : ledger.record(other).landed?.merge.landedAt) ?? 0;
  });
  return Math.max(0, ...landings);
}

function waitsForMovingWork(item: Item, { input, ledger }: Situation): boolean {
  return ledger.holders.every(holder => clashCode(item, holder, input) === null || moving.has(holder.state));
}

function explain(
  contenders: readonly Contender[],
  chosen: readonly Item[],
  places: readonly Item[],
  situation: Situation,
): ReadonlyMap<string, readonly WaitReason[]> {
  const { input, ledger } = situation;
  const ahead = [...new Set([...chosen, ...places])];
  const passedOver = new Map<string, readonly WaitReason[]>();
  for (const { item, reasons } of contenders) {
    if (chosen.includes(item)) continue;
    const conflicts = ahead.flatMap(other => {
      const code = other === item ? null : clashCode(item, other, input);
      return code === null ? [] : [reason(code, clashSentence(code, item, other, other.id, 'goes first'))];
    });
    const full = reasons.length === 0 && conflicts.length === 0 && freeSlots(input, ledger) > 0;
    const capacity = full ? [reason('capacity', fullSentence(chosen, situation))] : [];
    passedOver.set(item.id, [...reasons, ...conflicts, ...capacity]);
  }
  return passedOver;
}

function fullSentence(chosen: readonly Item[], { input, ledger }: Situation): string {
  const names = chosen.map(item => item.id).join(', ');
  return `${names} ${chosen.length === 1 ? 'goes' : 'go'} first; ${capacitySentence(input, ledger)}`;
}
