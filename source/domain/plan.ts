import type { RunId } from './ids.ts';
import type { Item } from './item.ts';
import { WorkIndex } from './plan/conflicts.ts';
import { groupItems } from './plan/groups.ts';
import { planProblems } from './plan/problems.ts';
import {
  commonReasons,
  conflictReason,
  freeSlots,
  limitOf,
  loopReasons,
  placesReason,
  reason,
  safetyReasons,
  warningReasons,
} from './plan/reasons.ts';
import { type Selection, select } from './plan/selection.ts';
import { assess, type Situation } from './plan/situation.ts';
import type { PlanInput } from './plan/types.ts';
import type { PlanDetails, WaitReason } from './plan-types.ts';

export type { PlanInput } from './plan/types.ts';

/** Decides what may run now; why the rest may not is worked out when somebody asks. Pure. */
export function computePlan(input: PlanInput): PlanDetails {
  const situation = assess(input);
  const { ledger } = situation;
  const selection = select(situation);
  const chosen = new Set(selection.chosen);
  const passedOver = lookBack(selection, situation);
  const reasonsOf = remember((item: Item) => {
    if (chosen.has(item)) return [];
    const own = ownReasons(item, situation);
    return withCommon([...own, ...passedOver(item, own)], commonReasons(situation));
  });
  const waiting = () => ledger.items.filter(item => isListed(item, situation) && !chosen.has(item));
  return {
    ready: selection.chosen.map(item => item.id),
    waiting: once(() => waiting().map(item => ({ id: item.id, reasons: reasonsOf(item) }))),
    reasonsOf(id) {
      const item = ledger.find(id);
      return item === null ? [notThere(id)] : reasonsOf(item);
    },
    lists(id) {
      const item = ledger.find(id);
      return item !== null && isListed(item, situation);
    },
    warnings: once(() => {
      const listed = ledger.items.filter(item => isListed(item, situation));
      const all = listed.map(item => ({ id: item.id, reasons: warningReasons(item, situation) }));
      return all.filter(({ reasons }) => reasons.length > 0);
    }),
    groups: once(() => groupItems(situation)),
    problems: once(() => planProblems(situation)),
  };
}

/**
 * What stands against spawning one item, named by id, key or alias. With `explicit` a person asks for it by name: pauses, earlier
 * attempts, duplicates and rate limits are then no obstacle, while safety and capacity still are. `ignoring` leaves out instances that
 * the spawn replaces; those `beside` it are of the same race, which takes places but holds nothing up. Empty: it may run.
 */
export function spawnObstacles(
  input: PlanInput,
  itemId: string,
  options: {
    readonly explicit: boolean;
    readonly ignoring?: readonly RunId[];
    readonly beside?: readonly RunId[];
  },
): readonly WaitReason[] {
  const { ignoring = [], beside = [] } = options;
  const without = (ids: readonly RunId[]) =>
    assess({ ...input, instances: input.instances.filter(instance => !ids.includes(instance.runId)) });
  const all = without(ignoring);
  const situation = beside.length === 0 ? all : without([...ignoring, ...beside]);
  const item = situation.ledger.find(itemId);
  if (item === null) return [notThere(itemId)];
  const own = options.explicit ? safetyReasons(item, situation) : ownReasons(item, situation);
  const common = commonReasons(all);
  const places = common.some(({ code }) => code === 'capacity') ? null : placesReason(item, all);
  return withCommon(own, places === null ? common : [...common, places]);
}

function notThere(id: string): WaitReason {
  return reason('status', `${id} is not in the ROADMAP`);
}

/** Whatever the ROADMAP does not call complete and has not landed, and whatever has an instance at work. */
function isListed(item: Item, { ledger }: Situation): boolean {
  const { active, last, landed } = ledger.record(item);
  if (active !== null) return true;
  return item.status !== 'complete' && (landed === null || landed !== last);
}

function ownReasons(item: Item, situation: Situation): readonly WaitReason[] {
  const safety = safetyReasons(item, situation);
  if (safety.some(({ code }) => code === 'singleton' || code === 'status')) return safety;
  if (situation.ledger.record(item).active !== null) return [reason('singleton', `${item.id} is already running`)];
  return [...safety, ...loopReasons(item, situation)];
}

/** Why an item that may run, but for work under way, was not chosen: what goes before it, or that no slot is left for it. */
function lookBack(
  { chosen, places, next }: Selection,
  situation: Situation,
): (item: Item, own: readonly WaitReason[]) => readonly WaitReason[] {
  const { input, ledger, conflicts } = situation;
  const ahead = new Map([...new Set([...chosen, ...places])].map((item, order) => [item, order]));
  const index = new WorkIndex(conflicts, ahead.keys());
  return (item, own) => {
    if (
      (ahead.size === 0 && next === null && placesReason(item, situation) === null) ||
      own.some(({ code }) => code !== 'overlap' && code !== 'unknown-scope')
    )
      return [];
    const first = new Set<Item>();
    index.some(item, other => {
      if (other !== item) first.add(other);
      return false;
    });
    const inOrder = [...first].sort((a, b) => (ahead.get(a) ?? 0) - (ahead.get(b) ?? 0));
    const reasons = inOrder.map(other => conflictReason(item, other, `${other.id} goes first`));
    if (own.length > 0 || reasons.length > 0 || freeSlots(input, ledger) === 0) return reasons;
    const places = placesReason(item, situation);
    if (places !== null) return [places];
    if (next !== null)
      return [reason('capacity', `${next.id} goes first: ${placesReason(next, situation)?.detail ?? ''}`)];
    const names = chosen.map(({ id }) => id).join(', ');
    const verb = chosen.length === 1 ? 'goes' : 'go';
    const { most, why } = limitOf(input);
    return [reason('capacity', `${names} ${verb} first; at most ${most} ${most === 1 ? 'runs' : 'run'} at once${why}`)];
  };
}

/** Repository, disk and capacity say nothing new about an item that runs already. */
function withCommon(own: readonly WaitReason[], common: readonly WaitReason[]): readonly WaitReason[] {
  return own.some(({ code }) => code === 'singleton' || code === 'status') ? own : [...own, ...common];
}

function once<T>(compute: () => T): () => T {
  let known: { readonly value: T } | null = null;
  return () => {
    known ??= { value: compute() };
    return known.value;
  };
}

function remember<K, V>(compute: (key: K) => V): (key: K) => V {
  const known = new Map<K, V>();
  return key => {
    const before = known.get(key);
    if (before !== undefined) return before;
    const value = compute(key);
    known.set(key, value);
    return value;
  };
}
