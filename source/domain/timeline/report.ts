import type { AgentUsage } from '../cost/agent-usage.ts';
import { begunAt, hasLanded, type Instance, isAlive, stillLanded } from '../instance.ts';
import { type ScopeFigures, scopeFigures } from '../scope/set-scopes.ts';
import { noUsage, totalUsage } from '../usage.ts';

/** Figures of some runs between two moments. Times are milliseconds; what programs do not tell is null. */
export interface Figures extends Omit<AgentUsage, 'ofSession'> {
  readonly runs: number;
  /** Time that agents were at work. */
  readonly workedMs: number;
  /** Time that finished work waited for a person. */
  readonly waitedMs: number;
  /** Items that landed in this time and are not reverted. */
  readonly landed: number;
  readonly reverted: number;
  /** Attempts after the first, and fixes that were asked for. */
  readonly rework: number;
}

export interface AgentFigures extends Figures {
  readonly agent: string;
}

export interface ItemFigures extends Figures {
  readonly key: string;
  readonly title: string;
  readonly agents: readonly string[];
  /** State of its latest run. */
  readonly state: Instance['state'];
}

/** What the agents did between `since` and `until`. */
export interface Report {
  readonly since: number;
  readonly until: number;
  readonly totals: Figures;
  /** How well the scopes were known before the runs. */
  readonly scopes: ScopeFigures;
  /** Most time first. */
  readonly agents: readonly AgentFigures[];
  /** In the order in which they were begun. */
  readonly items: readonly ItemFigures[];
}

/**
 * The report on all runs that did anything since then. Of a run that began earlier only the time since then counts; its usage is known
 * only as a whole, and counts if it was at work since then. Reverts do not count: no agent works on them.
 */
export function reportOf(instances: readonly Instance[], since: number, until: number): Report {
  const runs = instances.filter(one => one.reverts === undefined && lastMoment(one, until) >= since);
  const figures = (some: readonly Instance[]): Figures => figuresOf(some, since, until);
  const agents = grouped(runs, one => one.agent).map(([agent, some]) => ({ agent, ...figures(some) }));
  const items = grouped(runs, one => one.priorityId).map(([, some]) => ({
    ...identity(some),
    agents: [...new Set(some.map(one => one.agent))],
    ...figures(some),
  }));
  return {
    since,
    until,
    totals: figures(runs),
    scopes: scopeFigures(runs),
    agents: agents.toSorted((a, b) => b.workedMs - a.workedMs || (a.agent < b.agent ? -1 : 1)),
    items,
  };
}

function identity(runs: readonly Instance[]): Pick<ItemFigures, 'key' | 'title' | 'state'> {
  const latest = runs.reduce((last, one) => (begunAt(one) >= begunAt(last) ? one : last));
  return { key: latest.key, title: latest.title, state: latest.state };
}

function figuresOf(runs: readonly Instance[], since: number, until: number): Figures {
  const sum = (of: (one: Instance) => number): number => runs.reduce((total, one) => total + of(one), 0);
  const { inputTokens, outputTokens, costUsd } = runs.length === 0 ? noUsage : totalUsage(runs, since);
  return {
    runs: runs.length,
    workedMs: sum(one => within(one.startTime, endOf(one, until), since, until)),
    waitedMs: sum(one => within(one.endTime, reviewedAt(one, until), since, until)),
    landed: sum(one => (stillLanded(one) && (one.merge.landedAt ?? 0) >= since ? 1 : 0)),
    reverted: sum(one => (hasLanded(one.state) && one.takenBack !== undefined ? 1 : 0)),
    rework: sum(one => (one.attempt > 1 && one.requestedAt >= since ? 1 : 0) + (one.handBacks ?? 0)),
    inputTokens,
    outputTokens,
    costUsd,
  };
}

function endOf({ state, endTime }: Instance, until: number): number | null {
  return endTime ?? (isAlive(state) ? until : null);
}

/** When a person had approved what the run made; null: it does not wait for one. */
function reviewedAt({ state, merge }: Instance, until: number): number | null {
  if (merge.approvedAt !== null) return merge.approvedAt;
  return state === 'awaiting-approval' ? until : null;
}

function within(from: number | null, to: number | null, since: number, until: number): number {
  return from === null || to === null ? 0 : Math.max(0, Math.min(to, until) - Math.max(from, since));
}

function lastMoment(one: Instance, until: number): number {
  if (isAlive(one.state)) return until;
  return Math.max(one.requestedAt, one.endTime ?? 0, one.merge.approvedAt ?? 0, one.merge.landedAt ?? 0);
}

function grouped<T>(list: readonly T[], by: (one: T) => string): readonly (readonly [string, readonly T[]])[] {
  const groups = new Map<string, T[]>();
  for (const one of list) groups.set(by(one), [...(groups.get(by(one)) ?? []), one]);
  return [...groups];
}
