import type { RunId } from '../domain/instance.ts';
import type { TreeUsage } from '../ports/processes.ts';

/** Readings kept of each run: as many as a sparkline has columns. */
const keep = 12;

/** What the processes of one run use. */
export interface Used extends TreeUsage {
  /** Percentages of one core, oldest first; the last is the present one. */
  readonly cpuTrail: readonly number[];
}

/** What the processes of each run have used lately. */
export class UsageTrail {
  private last: Readonly<Record<RunId, TreeUsage>> | null = null;
  private trails: ReadonlyMap<RunId, Used> = new Map();

  /** Takes a reading, unless it is the one taken last. Runs that are no longer in it are forgotten. */
  take(usage: Readonly<Record<RunId, TreeUsage>>): void {
    if (usage === this.last) return;
    this.last = usage;
    this.trails = new Map(
      Object.entries(usage).map(([runId, reading]) => {
        const before = this.trails.get(runId)?.cpuTrail ?? [];
        return [runId, { ...reading, cpuTrail: [...before, reading.cpuPercent].slice(-keep) }];
      }),
    );
  }

  /** All runs of the last reading; the same map until the next one. */
  all(): ReadonlyMap<RunId, Used> {
    return this.trails;
  }
}
