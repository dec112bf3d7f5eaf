import type { RunId } from '../ids.ts';

/** What failed checks of a batch leave to find out. */
export interface Suspicion {
  /** Runs of a batch that failed its checks; at least one of them, or two of them together, is the reason. */
  readonly runs: readonly RunId[];
  /** The one that is checked next, alone: then nobody else can be the reason. */
  readonly alone?: RunId;
}

/**
 * The branches that are checked together next, out of those whose turn it is, in their order. While a failed batch is being narrowed down,
 * half of the suspects goes with as many others as fit. The last suspect waits until the others have had a try, and is then checked alone.
 * So every failed batch brings the one that is to blame closer, and no branch is blamed for another.
 */
export function pickBatch(queued: readonly RunId[], suspicion: Suspicion | null, size: number): readonly RunId[] {
  const alone = suspicion?.alone;
  if (alone !== undefined && queued.includes(alone)) return [alone];
  const suspects = queued.filter(runId => suspicion?.runs.includes(runId) === true);
  const others = queued.filter(runId => !suspects.includes(runId));
  if (suspects.length === 0) return queued.slice(0, size);
  if (suspects.length === 1) return others.length > 0 ? others.slice(0, size) : suspects;
  const half = suspects.slice(0, Math.min(size, Math.ceil(suspects.length / 2)));
  const chosen = new Set([...half, ...others.slice(0, size - half.length)]);
  return queued.filter(runId => chosen.has(runId));
}

/** What is suspected once `runs` have failed their checks together. */
export function suspectsAfterFailure(before: Suspicion | null, runs: readonly RunId[]): Suspicion {
  if (before === null) return { runs };
  const hit = runs.filter(runId => before.runs.includes(runId));
  if (hit.length > 0) return { runs: hit };
  // Others failed while the last suspect waited for them. It does not wait again.
  const [last] = before.runs;
  return last !== undefined && before.runs.length === 1 ? { runs, alone: last } : { runs };
}

/** What is still suspected once a run has landed, or is out of the queue for another reason. */
export function suspectsWithout(before: Suspicion | null, runId: RunId, landed: boolean): Suspicion | null {
  if (before === null) return null;
  const runs = before.runs.filter(one => one !== runId);
  const [last] = runs;
  const alone = before.alone === runId ? undefined : before.alone;
  if (runs.length === 0) return alone === undefined ? null : { runs, alone };
  // Others have landed while the last suspect waited for them.
  const next = landed && last !== undefined && before.runs.length === 1 ? last : alone;
  return { runs, ...(next === undefined ? {} : { alone: next }) };
}
