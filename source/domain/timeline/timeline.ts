import type { RunId } from '../ids.ts';
import { type Instance, type InstanceState, isAlive, waitsToLand } from '../instance.ts';
import { type CriticalStep, criticalPath } from './critical-path.ts';
import { findWaits, requestOf, type TimelineInput, type Wait } from './waits.ts';

export type { CriticalStep } from './critical-path.ts';
export type { TimelineInput, Wait } from './waits.ts';

/**
 * `waiting`: another run was in the way. `preparing`: worktree and setup. `running`: the agent works. `approval`: the work waits for a
 * person. `landing`: from the approval to the moved target, with the queue and the checks.
 */
/** `approval`: it waits for a person. `checks`: they run on its candidate, before or after the approval. */
export type SegmentKind = 'waiting' | 'preparing' | 'running' | 'approval' | 'checks' | 'landing';

/** A stretch of a run's life, in milliseconds since 1970; `to` null: it has not ended. */
export interface TimelineSegment {
  readonly kind: SegmentKind;
  readonly from: number;
  readonly to: number | null;
}

export interface TimelineRow {
  readonly runId: RunId;
  readonly priorityId: string;
  readonly key: string;
  readonly title: string;
  readonly agent: string;
  readonly attempt: number;
  readonly state: InstanceState;
  /** How long the agent has worked, in milliseconds; null: it never began. */
  readonly workedMs: number | null;
  /** In order, without overlap; a gap means that nothing is known to have been waited for. */
  readonly segments: readonly TimelineSegment[];
  readonly waits: readonly Wait[];
  /** It is on the critical path. */
  readonly critical: boolean;
}

/** The runs of one stretch of work over time. */
export interface Timeline {
  readonly from: number;
  readonly to: number;
  /** In the order in which they were requested. */
  readonly rows: readonly TimelineRow[];
  readonly critical: readonly CriticalStep[];
}

/** A pause of this length in which nothing happened begins another stretch of work. */
const idleMs = 3_600_000;
/** What waits for a person may wait for days: past everything else it is drawn no longer than this share of the whole. */
const tail = 0.2;

/** The runs after the last long pause: a chart over several days would show nothing of any of them. */
export function lastStretch(instances: readonly Instance[], now: number): readonly Instance[] {
  let reached = Number.NEGATIVE_INFINITY;
  let first = 0;
  instances.forEach((one, index) => {
    if (requestOf(one) > reached + idleMs) first = index;
    reached = Math.max(reached, lastMoment(one, now));
  });
  return instances.slice(first);
}

/** What happened when, what waited for what, and which chain of runs decided how long it took. Null where nothing has run. */
export function timeline(input: TimelineInput): Timeline | null {
  const { instances, now } = input;
  if (instances.length === 0) return null;
  const from = Math.min(...instances.map(requestOf));
  const waits = findWaits(input, from);
  const critical = criticalPath(instances, waits);
  const onPath = new Set(critical.map(step => step.runId));
  const rows = instances.map((one): TimelineRow => {
    const own = waits.get(one.runId) ?? [];
    const { runId, priorityId, key, title, agent, attempt, state } = one;
    const identity = { runId, priorityId, key, title, agent, attempt, state };
    const segments = segmentsOf(one, own);
    return { ...identity, workedMs: workedMs(one, now), segments, waits: own, critical: onPath.has(runId) };
  });
  const last = Math.max(from + 1, ...instances.map(one => lastMoment(one, now)));
  const open = rows.some(row => row.segments.some(segment => segment.to === null));
  const to = open ? Math.max(last, Math.min(now, last + Math.round((last - from) * tail))) : last;
  return { from, to, rows, critical };
}

function workedMs({ startTime, endTime, state }: Instance, now: number): number | null {
  if (startTime === null) return null;
  return Math.max(0, (endTime ?? (isAlive(state) ? now : startTime)) - startTime);
}

/** The last moment at which something is known to have happened to the run. */
function lastMoment(one: Instance, now: number): number {
  if (isAlive(one.state)) return now;
  const { approvedAt, landedAt } = one.merge;
  return Math.max(requestOf(one), one.startTime ?? 0, one.endTime ?? 0, approvedAt ?? 0, landedAt ?? 0);
}

function segmentsOf(one: Instance, waits: readonly Wait[]): readonly TimelineSegment[] {
  const alive = isAlive(one.state);
  const { startTime, endTime } = one;
  const before = waits.filter(wait => wait.code !== 'queue');
  const asked = requestOf(one);
  const ended = endTime ?? (alive ? null : (startTime ?? asked));
  return [
    ...(before.length === 0
      ? []
      : [stretch('waiting', Math.min(...before.map(wait => wait.from)), Math.max(...before.map(wait => wait.to)))]),
    stretch('preparing', asked, startTime ?? ended),
    ...(startTime === null ? [] : [stretch('running', startTime, ended)]),
    ...(ended === null ? [] : afterwards(one, ended).flatMap(segment => withChecks(segment, one.merge.checkSpan))),
  ].filter(segment => segment.to === null || segment.to > segment.from);
}

/** What came after the agent's end: the wait for approval, and the landing. */
function afterwards({ state, merge }: Instance, ended: number): readonly TimelineSegment[] {
  const { approvedAt, landedAt } = merge;
  if (landedAt !== null) {
    const yes = approvedAt === null ? ended : Math.min(Math.max(approvedAt, ended), landedAt);
    return [stretch('approval', ended, yes), stretch('landing', yes, landedAt)];
  }
  if (!waitsToLand(state) && state !== 'needs-attention') return [];
  const onItsWay = state === 'queued' || state === 'checking' || state === 'landing';
  if (!onItsWay || approvedAt === null) return [stretch('approval', ended, null)];
  const yes = Math.max(approvedAt, ended);
  return [stretch('approval', ended, yes), stretch('landing', yes, null)];
}

/** A stretch after the agent's end without the time that the checks took, which is one of its own. */
function withChecks(
  segment: TimelineSegment,
  checks: { readonly from: number; readonly to: number | null } | undefined,
): readonly TimelineSegment[] {
  const end = segment.to ?? Number.POSITIVE_INFINITY;
  const until = checks?.to ?? Number.POSITIVE_INFINITY;
  if (checks === undefined || checks.from >= end || until <= segment.from) return [segment];
  const from = Math.max(checks.from, segment.from);
  const to = until >= end ? segment.to : checks.to;
  return [
    ...(from > segment.from ? [{ ...segment, to: from }] : []),
    { kind: 'checks', from, to },
    ...(to !== null && to < end ? [{ ...segment, from: to }] : []),
  ];
}

/** A clock that was set back makes no stretch of negative length. */
function stretch(kind: SegmentKind, from: number, to: number | null): TimelineSegment {
  return { kind, from, to: to === null ? null : Math.max(from, to) };
}
