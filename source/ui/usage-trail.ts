import type { RunId } from '../domain/ids.ts';
import type { TreeUsage } from '../ports/processes.ts';
import { sparkline } from './presentation/meters.ts';

/** Readings kept of each run: as many as a sparkline has columns. */
const keep = 12;

/** What the processes of one run use. */
export interface Used extends TreeUsage {
  /** Percentages of one core, oldest first; the last one is current. */
  readonly cpuTrail: readonly number[];
}

/** What the processes of each run have used lately. */
export class UsageTrail {
  private last: Readonly<Record<RunId, TreeUsage>> | null = null;
  private trails: ReadonlyMap<RunId, Used> = new Map();

  /** Adds a reading, unless it is the same as the last one. Runs that are not in it are forgotten. */
  take(usage: Readonly<Record<RunId, TreeUsage>>): void {
    if (usage === this.last) return;
    this.last = usage;
    const before = this.trails;
    const now = new Map(
      Object.entries(usage).map(([runId, reading]) => {
        const trail = before.get(runId)?.cpuTrail ?? [];
        return [runId, { ...reading, cpuTrail: [...trail, reading.cpuPercent].slice(-keep) }];
      }),
    );
    const same = now.size === before.size && [...now].every(([runId, used]) => looksEqual(used, before.get(runId)));
    if (!same) this.trails = now;
  }

  /** All runs of the last reading; the same map while nothing would look different. */
  all(): ReadonlyMap<RunId, Used> {
    return this.trails;
  }
}

/** CPU and memory are shown in these steps: a number changes only when something has really changed. */
export const processorStep = 5;
export const memoryStep = 16e6;

function looksEqual(one: Used, other: Used | undefined): boolean {
  return (
    other !== undefined &&
    one.count === other.count &&
    Math.round(one.cpuPercent / processorStep) === Math.round(other.cpuPercent / processorStep) &&
    Math.ceil(one.memoryBytes / memoryStep) === Math.ceil(other.memoryBytes / memoryStep) &&
    sparkline(one.cpuTrail, keep) === sparkline(other.cpuTrail, keep)
  );
}
