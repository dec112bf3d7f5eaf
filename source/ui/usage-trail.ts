import type { RunId } from '../domain/instance.ts';
import type { TreeUsage } from '../ports/processes.ts';

/** Readings kept of each run: as many as a sparkline has columns. */
const keep = 12;

/** What the processes of each run have used lately. */
export class UsageTrail {
  private last: Readonly<Record<RunId, TreeUsage>> | null = null;
  private trails: ReadonlyMap<RunId, readonly number[]> = new Map();

  /** Takes a reading, unless it is the one taken last. Runs that are no longer in it are forgotten. */
  take(usage: Readonly<Record<RunId, TreeUsage>>): void {
    if (usage === this.last) return;
    this.last = usage;
    this.trails = new Map(
      Object.entries(usage).map(([runId, { cpuPercent }]) => [
        runId,
        [...(this.trails.get(runId) ?? []), cpuPercent].slice(-keep),
      ]),
    );
  }

  /** Percentages of one core, oldest first. */
  cpu(runId: RunId): readonly number[] {
    return this.trails.get(runId) ?? [];
  }
}
