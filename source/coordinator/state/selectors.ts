import type { RunId } from '../../domain/ids.ts';
import {
  hasLanded,
  type Instance,
  type InstanceState,
  isAlive,
  isDismissed,
  stillLanded,
  waitsToLand,
} from '../../domain/instance.ts';
import type { Item, ItemStatus } from '../../domain/item.ts';
import { areRivals, leads } from '../../domain/race/race.ts';
import { type ShownState, shownState } from '../../domain/state-labels.ts';
import { queueWait } from '../landing/queue-order.ts';
import { reviewerWords } from '../review/reviewer-words.ts';
import { allItems, planDetails } from './planning.ts';
import { earlySentences, touchesOf } from './radar-view.ts';
import type { State } from './state.ts';

/** Where an item stands that has no instance: what the plan or, failing that, the ROADMAP says. */
export type OpenItemStatus =
  | 'ready'
  | 'waiting'
  | 'planned'
  | 'in-progress'
  | 'complete'
  | 'on-hold'
  | 'manual-review'
  | 'testing'
  | 'was-failed'
  | 'was-cancelled'
  | 'unknown';

/** The state of an item's latest instance, or the item's own status. */
export type RowStatus = ShownState | OpenItemStatus;

/** One row of the roadmap list. */
export interface ItemRow {
  readonly item: Item;
  /** The latest instance of the item. */
  readonly instance: Instance | null;
  readonly status: RowStatus;
  /** Why it stands so, one sentence of foreign text that still has to be sanitised; empty: nothing to say. */
  why(): string;
  /** Preferred by the user when there is a choice. */
  readonly pinned: boolean;
  /** A person dismissed it: it is listed with all items only. */
  readonly dismissed: boolean;
}

export interface Counts {
  /** Agents at work or about to be. */
  readonly running: number;
  readonly ready: number;
  /** Finished branches that have not landed. */
  readonly toMerge: number;
  readonly landed: number;
  /** Items still to be done, those at work included. */
  readonly planned: number;
  /** Instances in which something went wrong: a person has to look. */
  readonly attention: number;
}

export interface Speedup {
  /** Run times of all landed instances, one after the other. */
  readonly sequentialMs: number;
  /** Wall time in which that really happened, idle stretches left out. */
  readonly elapsedMs: number;
  /** 0 while nothing has landed. */
  readonly factor: number;
}

const rowStatuses: Readonly<Record<ItemStatus, OpenItemStatus>> = {
  planned: 'planned',
  'in-progress': 'in-progress',
  complete: 'complete',
  blocked: 'on-hold',
  'manual-review': 'manual-review',
  testing: 'testing',
  failed: 'was-failed',
  cancelled: 'was-cancelled',
  unknown: 'unknown',
};

/** Keeps the last result as long as the inputs are the same objects, so that views can compare by identity. */
function remember<Inputs extends unknown[], Result>(
  inputs: (state: State) => [...Inputs],
  compute: (...inputs: Inputs) => Result,
): (state: State) => Result {
  let last: { readonly inputs: [...Inputs]; readonly result: Result } | null = null;
  return state => {
    const now = inputs(state);
    if (last !== null && now.every((value, index) => value === last?.inputs[index])) return last.result;
    const result = compute(...now);
    last = { inputs: now, result };
    return result;
  };
}

/** The latest instance of every item that has one, by the item's id; of runs side by side the one that says most. */
export const latestInstances = remember(
  state => [state.instances],
  (instances): ReadonlyMap<string, Instance> => {
    const latest = new Map<string, Instance>();
    for (const one of instances) {
      const known = latest.get(one.priorityId);
      if (known === undefined || !areRivals(known, one) || leads(one, known)) latest.set(one.priorityId, one);
    }
    return latest;
  },
);

/** Every item of the ROADMAP in its order, then the ad-hoc ones. */
export const itemRows = remember(
  state => [allItems(state), latestInstances(state), state.pins, state.ready, state.plan.ready, planDetails(state)],
  (items, latest, pins, known, spawnable, plan): readonly ItemRow[] => {
    const ready = new Set(spawnable);
    const pinned = new Set(pins);
    const waits = ({ id }: Item) => (plan.lists(id) ? plan.reasonsOf(id).map(({ detail }) => detail) : []).join('; ');
    const warnings = ({ id }: Item) => {
      const reasons = plan.warnings().find(one => one.id === id)?.reasons ?? [];
      return reasons.length === 0 ? '' : `warning: ${reasons.map(({ detail }) => detail).join('; ')}`;
    };
    return items.map(item => {
      const last = latest.get(item.id) ?? null;
      // What is still to be done stays in the list, as if it had not run.
      const again = last !== null && isDismissed(last) && item.line > 0 && !stillLanded(last);
      const instance = again ? null : last;
      const row = {
        item,
        instance,
        pinned: pinned.has(item.id),
        dismissed: instance !== null && isDismissed(instance),
      };
      if (instance !== null)
        return {
          ...row,
          status: shownState(instance),
          why: () => instance.reason ?? reviewerWords(instance) ?? (isNews(instance) ? waits(item) : ''),
        };
      // Before the first look is complete nobody can say that it may run, and no key could start it.
      if (ready.has(item.id)) return { ...row, status: known ? 'ready' : 'planned', why: () => warnings(item) };
      if (item.status === 'planned' && plan.lists(item.id))
        return { ...row, status: 'waiting', why: () => waits(item) || 'no reason given' };
      return { ...row, status: rowStatuses[item.status], why: nothing };
    });
  },
);

const nothing = () => '';

/** What the plan says of an item is news only when its instance has ended without landing: that it runs is plain to see. */
function isNews({ state }: Instance): boolean {
  return !isAlive(state) && !waitsToLand(state) && !hasLanded(state);
}

const queueStates: Readonly<Partial<Record<InstanceState, number>>> = { landing: 0, checking: 1, queued: 2 };

/** What waits to land or holds work that a person has to look at: what lands next first, then in the order in which it ended. */
export const queueInstances = remember(
  state => [state.instances, state.queueOrder],
  (instances, order = []): readonly Instance[] =>
    instances
      .filter(one => waitsToLand(one.state) || (one.state === 'needs-attention' && !isDismissed(one)))
      .map((one, index) => ({ one, index, rank: queueStates[one.state] ?? 3, place: order.indexOf(one.runId) }))
      .sort((a, b) => a.rank - b.rank || a.place - b.place || queueTime(a) - queueTime(b) || a.index - b.index)
      .map(({ one }) => one),
);

function queueTime({ one, rank }: { readonly one: Instance; readonly rank: number }): number {
  const { place } = one.merge;
  // What a person put on top before it was approved stands there, the latest first; what they sent to the end, at the end.
  if (rank === 3 && place?.early === true) {
    if (place.jumpedAt !== null) return -place.jumpedAt;
    if (!place.held) return place.queuedAt;
  }
  return (rank < 3 ? one.merge.approvedAt : one.endTime) ?? one.requestedAt;
}

/** Why queued branches do not get their turn, by run; what waits for nothing but those before it is not in it. */
export const queueWaits = remember(
  state => [state.instances, state.roadmap, state.adHoc],
  (instances, roadmap, adHoc): Readonly<Record<RunId, string>> => {
    const waits: Record<RunId, string> = {};
    for (const instance of instances) {
      const why = queueWait({ instances, roadmap, adHoc }, instance);
      if (why !== null) waits[instance.runId] = why;
    }
    return waits;
  },
);

/** What would meet each run's work, one sentence each; runs that meet nothing are not in it. */
export const touches = remember(
  state => [state.instances, state.radar, state.target],
  (instances, radar, target): Readonly<Record<RunId, readonly string[]>> => {
    const known = { instances, target, ...(radar === undefined ? {} : { radar }) };
    const all: Record<RunId, readonly string[]> = {};
    for (const runId of new Set((radar ?? []).flatMap(({ a, b }) => (b === null ? [a] : [a, b])))) {
      all[runId] = touchesOf(known, runId);
    }
    return all;
  },
);

/** What a person should hear of each run at work or waiting to land: overlaps, and what the gate would say of it; sentences. */
export const alerts = remember(
  state => [state.instances, touches(state), state.early],
  (instances, touching, early = {}): Readonly<Record<RunId, readonly string[]>> => {
    const all: Record<RunId, readonly string[]> = { ...touching };
    for (const runId of Object.keys(early)) {
      const sentences = earlySentences({ instances, early }, runId);
      if (sentences.length > 0) all[runId] = [...sentences, ...(touching[runId] ?? [])];
    }
    return all;
  },
);

/** The instances that log panes show: agents at work first, then the latest run of whatever has not landed. */
export const paneInstances = remember(
  state => [state.instances, latestInstances(state)],
  (instances, latest): readonly Instance[] => {
    const alive = instances.filter(one => isAlive(one.state));
    const rest = instances.filter(
      one => !isAlive(one.state) && !hasLanded(one.state) && !isDismissed(one) && latest.get(one.priorityId) === one,
    );
    return [...alive, ...rest];
  },
);

const wrong: ReadonlySet<InstanceState> = new Set<InstanceState>([
  'failed',
  'interrupted',
  'conflict',
  'checks-failed',
  'blocked',
  'no-work',
  'asks',
  'needs-attention',
]);

/** The numbers of the header and the window title. */
export const counts = remember(
  state => [state.instances, latestInstances(state), state.plan, state.roadmap.items, state.adHoc, state.ready],
  (instances, latest, plan, items, adHoc, known): Counts => ({
    running: instances.filter(one => isAlive(one.state)).length,
    ready: known ? plan.ready.length : 0,
    toMerge: instances.filter(one => waitsToLand(one.state)).length,
    landed: instances.filter(isLandedWork).length,
    planned: [...items, ...adHoc].filter(item => item.status === 'planned' && !landedAlready(latest.get(item.id)))
      .length,
    attention: [...latest.values()].filter(one => wrong.has(one.state) && !isDismissed(one)).length,
  }),
);

/** Work of an item that is on the target still: neither what was reverted nor what reverts it. */
export function isLandedWork(instance: Instance): boolean {
  return stillLanded(instance) && instance.reverts === undefined;
}

function landedAlready(instance: Instance | undefined): boolean {
  return instance !== undefined && stillLanded(instance);
}

/**
 * How much faster the landed work came about than one item after the other would have.
 * Elapsed is the union of the stretches from each start to its landing, so that a night with nothing to do counts for neither side.
 */
export function speedup(state: State, now: number): Speedup {
  const landed = state.instances.filter(one => isLandedWork(one) && one.startTime !== null);
  let sequentialMs = 0;
  const stretches: [number, number][] = [];
  for (const one of landed) {
    const start = one.startTime ?? now;
    const end = Math.max(start, one.endTime ?? now);
    sequentialMs += end - start;
    stretches.push([start, Math.max(end, one.merge.landedAt ?? end)]);
  }
  const elapsedMs = union(stretches);
  return { sequentialMs, elapsedMs, factor: elapsedMs > 0 ? sequentialMs / elapsedMs : 0 };
}

function union(stretches: [number, number][]): number {
  let total = 0;
  let reached = Number.NEGATIVE_INFINITY;
  for (const [start, end] of stretches.sort((a, b) => a[0] - b[0])) {
    total += Math.max(0, end - Math.max(start, reached));
    reached = Math.max(reached, end);
  }
  return total;
}
