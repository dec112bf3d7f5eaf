import type { RunId } from '../ids.ts';
import { hasLanded, type Instance } from '../instance.ts';
import { promptMs, requestOf, type Wait } from './waits.ts';

/** One stretch of the critical path: from the moment at which the run could continue to the one at which it let the next continue. */
export interface CriticalStep {
  readonly runId: RunId;
  readonly key: string;
  readonly from: number;
  readonly to: number;
  /** What released it: the step before; null for the first one. */
  readonly after: Wait | null;
}

/**
 * The chain of runs and waits that decided when the last landing came: from that landing back, always to what was waited for last.
 * Empty while nothing has landed. Oldest step first.
 */
export function criticalPath(
  instances: readonly Instance[],
  waits: ReadonlyMap<RunId, readonly Wait[]>,
): readonly CriticalStep[] {
  const runs = new Map(instances.map(one => [one.runId, one]));
  const path: CriticalStep[] = [];
  let run = lastLanded(instances);
  let to = run?.merge.landedAt ?? 0;
  while (run !== undefined && !path.some(step => step.runId === run?.runId)) {
    const after = binding(run, to, waits.get(run.runId) ?? []);
    const from = after?.code === 'queue' ? after.to : requestOf(run);
    path.unshift({ runId: run.runId, key: run.key, from, to, after });
    run = after === null ? undefined : runs.get(after.on);
    to = after?.to ?? 0;
  }
  const [first, ...rest] = path;
  // Where a circle was cut, what the first step waited for is no longer part of the path.
  return first === undefined ? [] : [{ ...first, after: null }, ...rest];
}

function lastLanded(instances: readonly Instance[]): Instance | undefined {
  return instances
    .filter(one => hasLanded(one.state) && one.merge.landedAt !== null)
    .sort((a, b) => (a.merge.landedAt ?? 0) - (b.merge.landedAt ?? 0))
    .at(-1);
}

/** Landings one right behind the other decide nothing. */
const shortestQueueMs = 1000;

/** What the run waited for last on its way to `to`; null if it continued by itself, or when somebody asked for it. */
function binding(run: Instance, to: number, waits: readonly Wait[]): Wait | null {
  const queued = waits.find(one => one.code === 'queue');
  const long = queued !== undefined && queued.to - queued.from >= shortestQueueMs;
  if (long && queued.to < to && queued.to > (run.endTime ?? to)) return queued;
  const starts = waits.filter(one => one.code !== 'queue' && requestOf(run) - one.to <= promptMs);
  return starts.sort((a, b) => a.to - b.to).at(-1) ?? null;
}
