import type { RunId } from '../ids.ts';
import { hasLanded, type Instance, isAlive, waitsToLand } from '../instance.ts';
import type { Item } from '../item.ts';
import type { Ownership } from '../ownership/ownership.ts';
import { Conflicts } from '../plan/conflicts.ts';
import { createLedger } from '../plan/ledger.ts';
import { sharedPaths } from '../scope.ts';
import type { Settings } from '../settings.ts';

/** What a run waited for: the plan's rules, an earlier run of its own item, or its turn in the merge queue. */
export type WaitCode = 'dependency' | 'overlap' | 'unknown-scope' | 'capacity' | 'retry' | 'queue';

/** A stretch in which one run waited for another one. Times are milliseconds since 1970. */
export interface Wait {
  readonly code: WaitCode;
  /** The run that was waited for, and its key. */
  readonly on: RunId;
  readonly onKey: string;
  readonly from: number;
  readonly to: number;
  /** Why, as half a sentence after "waited for KEY:"; foreign text that still has to be sanitised. */
  readonly detail: string;
}

export interface TimelineInput {
  /** In the order in which they were requested. */
  readonly instances: readonly Instance[];
  /** Items of the ROADMAP and ad-hoc ones: they know the dependencies. */
  readonly items: readonly Item[];
  /** When ad-hoc items were added, by id: nothing waits before it exists. */
  readonly addedAt?: Readonly<Record<string, number>>;
  readonly ownership: Ownership;
  readonly settings: Pick<Settings, 'maxParallel' | 'unknownScope' | 'readOnlyTypes'>;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** A start this close behind the end of another run was made possible by it: the work loop acts at once. */
export const promptMs = 2000;

/** When the run was asked for; never after its start. */
export function requestOf({ requestedAt, startTime }: Instance): number {
  return Math.min(requestedAt, startTime ?? requestedAt);
}

/**
 * What every run waited for before it was started, and for its turn in the merge queue, by run; read back from what is known of all
 * runs. `begin` is the moment from which on the items of the ROADMAP are assumed to have waited. The history of the capacity is not kept, so that a wait
 * for a free slot is concluded: capacity was used up, or the run was started right behind the end of another one.
 */
export function findWaits(input: TimelineInput, begin: number): ReadonlyMap<RunId, readonly Wait[]> {
  const ledger = createLedger(input.items, input.instances);
  const conflicts = new Conflicts(input);
  return new Map(
    input.instances.map(run => {
      const item = ledger.itemOf(run);
      const since = Math.max(begin, input.addedAt?.[run.priorityId] ?? begin);
      const others = input.instances.filter(other => other !== run);
      const held = joined([
        ...(item === null ? [] : dependencyWaits(item, run, others, since, other => ledger.itemOf(other)?.id)),
        ...others.flatMap(other => heldWait(run, other, conflicts, since)),
      ]);
      return [run.runId, [...held, ...slotWait(run, others, input, since, held), ...queueWait(run, others)]];
    }),
  );
}

/** Of several waits for the same reason the last one stands for all: a long chain on one file takes one line. */
function joined(waits: readonly Wait[]): readonly Wait[] {
  const byCode = new Map<WaitCode, Wait[]>();
  for (const one of waits) {
    const same = byCode.get(one.code);
    if (same === undefined) byCode.set(one.code, [one]);
    else same.push(one);
  }
  return [...byCode.values()].flatMap(same => {
    const [last, ...before] = same.sort((a, b) => b.to - a.to);
    if (last === undefined || before.length === 0) return same;
    const others = before.length === 1 ? 'another one' : `${before.length} others`;
    return [
      {
        ...last,
        from: same.reduce((least, one) => Math.min(least, one.from), last.from),
        detail: `${last.detail}, after ${others}`,
      },
    ];
  });
}

function dependencyWaits(
  item: Item,
  run: Instance,
  others: readonly Instance[],
  since: number,
  itemIdOf: (other: Instance) => string | undefined,
): readonly Wait[] {
  // What landed may be written down a moment after the request that it made possible, and never after the start.
  const begun = run.startTime ?? run.requestedAt;
  return item.dependsOn.flatMap(id => {
    const landings = others.filter(other => itemIdOf(other) === id && landedAt(other) <= begun);
    const last = landings.sort((a, b) => landedAt(a) - landedAt(b)).at(-1);
    if (last === undefined) return [];
    return wait('dependency', last, since, Math.min(landedAt(last), requestOf(run)), 'it had to land first');
  });
}

/** An earlier run of the same item, or one that held files of this run's scope. */
function heldWait(run: Instance, other: Instance, conflicts: Conflicts, since: number): readonly Wait[] {
  const from = Math.max(since, requestOf(other));
  const until = releaseOf(other);
  if (requestOf(other) >= requestOf(run) || until > requestOf(run)) return [];
  if (other.priorityId === run.priorityId) return wait('retry', other, from, until, `its previous run`);
  const code = conflicts.code(run, other);
  if (code === null) return [];
  const shared = sharedPaths(run.scope, other.scope);
  return wait(code, other, from, until, code === 'overlap' ? `it also changes ${shared}` : 'both scopes are unknown');
}

/** A slot, once nothing else was in the way any more. */
function slotWait(
  run: Instance,
  others: readonly Instance[],
  { settings }: TimelineInput,
  since: number,
  held: readonly Wait[],
): readonly Wait[] {
  const asked = requestOf(run);
  const free = Math.max(since, ...held.map(one => one.to));
  const last = others
    .filter(other => ranBefore(other, free, asked))
    .sort((a, b) => (a.endTime ?? 0) - (b.endTime ?? 0))
    .at(-1);
  const end = last?.endTime;
  if (last === undefined || end === undefined || end === null) return [];
  const taken = others.filter(other => requestOf(other) < end && (other.endTime ?? asked) >= end).length;
  if (taken >= settings.maxParallel) return wait('capacity', last, free, end, 'every slot was taken');
  return asked - end <= promptMs ? wait('capacity', last, free, end, 'its slot was the next free one') : [];
}

function ranBefore(other: Instance, free: number, asked: number): boolean {
  return other.endTime !== null && other.endTime > free && other.endTime <= asked && requestOf(other) < asked;
}

/** Landings are made one by one: the last one that came between a run's approval and its own landing. */
function queueWait(run: Instance, others: readonly Instance[]): readonly Wait[] {
  const { approvedAt } = run.merge;
  if (approvedAt === null || !hasLanded(run.state)) return [];
  const between = others.filter(other => landedAt(other) > approvedAt && landedAt(other) <= landedAt(run));
  const last = between.sort((a, b) => landedAt(a) - landedAt(b)).at(-1);
  return last === undefined ? [] : wait('queue', last, approvedAt, landedAt(last), 'it landed before');
}

/** When a run had landed; never: infinity. */
function landedAt({ state, merge }: Instance): number {
  return hasLanded(state) ? (merge.landedAt ?? Number.POSITIVE_INFINITY) : Number.POSITIVE_INFINITY;
}

/** When a run gave its files back; infinity while it holds them. */
function releaseOf(run: Instance): number {
  if (hasLanded(run.state)) return landedAt(run);
  if (isAlive(run.state) || waitsToLand(run.state)) return Number.POSITIVE_INFINITY;
  return run.endTime ?? Number.POSITIVE_INFINITY;
}

/** Nothing where there was nothing to wait for. */
function wait(code: WaitCode, on: Instance, from: number, to: number, detail: string): readonly Wait[] {
  return to > from ? [{ code, on: on.runId, onKey: on.key, from, to, detail }] : [];
}
