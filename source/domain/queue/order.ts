import type { RunId } from '../ids.ts';

/** Urgent ones land before normal ones, those before low ones. */
export const queueClasses = ['urgent', 'normal', 'low'] as const;
export type QueueClass = (typeof queueClasses)[number];

/** A branch's place in the merge queue. Times are milliseconds since 1970. */
export interface QueuePlace {
  /** When it was approved, or last sent to the end. */
  readonly queuedAt: number;
  /** When a person put it on top; null: nobody has. */
  readonly jumpedAt: number | null;
  /** It keeps its place but does not land until it is released. */
  readonly held: boolean;
  /** Chosen by a person; null: urgent where its item is pinned, else normal. */
  readonly class: QueueClass | null;
  /** A person chose it before the branch was approved, and it counts from then on. */
  readonly early?: true;
  /** How often it came back after a conflict or failed checks. */
  readonly retries: number;
}

/** What the order is made from. */
export interface QueueMember {
  readonly runId: RunId;
  readonly place: QueuePlace;
  /** Its item is preferred by the user. */
  readonly pinned: boolean;
}

/** Waiting this long lifts a member by one class, so that nothing waits for ever behind what is more urgent. */
export const ageingMs = 30 * 60_000;

/** The class that counts now, with the time it has waited. A clock that went back lifts nobody. */
export function queueClassAt({ place, pinned }: QueueMember, now: number): QueueClass {
  const own = queueClasses.indexOf(place.class ?? (pinned ? 'urgent' : 'normal'));
  return queueClasses[Math.max(0, own - lifts(place, now))] ?? 'urgent';
}

function lifts({ queuedAt }: QueuePlace, now: number): number {
  return Math.max(0, Math.floor((now - queuedAt) / ageingMs));
}

/**
 * The order of landing: what a person put on top (the latest first), then by class. Within a class what failed before stands behind the
 * rest until it has waited as long as lifts a class; the others come first in, first out.
 */
export function orderQueue<T extends QueueMember>(members: readonly T[], now: number): readonly T[] {
  const keys = new Map(members.map(member => [member, keyOf(member, now)]));
  return members.toSorted((a, b) => compare(keys.get(a) ?? [], keys.get(b) ?? []));
}

function keyOf(member: QueueMember, now: number): readonly number[] {
  const { jumpedAt, retries, queuedAt } = member.place;
  if (jumpedAt !== null) return [0, -jumpedAt];
  const behind = retries > 0 && lifts(member.place, now) === 0;
  return [1, queueClasses.indexOf(queueClassAt(member, now)), behind ? 1 : 0, queuedAt];
}

function compare(a: readonly number[], b: readonly number[]): number {
  for (let at = 0; at < Math.min(a.length, b.length); at++) {
    const difference = (a[at] ?? 0) - (b[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
