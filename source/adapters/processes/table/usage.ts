import type { ProcessIdentity, RunId } from '../../../domain/ids.ts';
import type { TreeUsage } from '../../../ports/processes.ts';
import type { ProcessEntry, ProcessTable } from '../../system/port.ts';

interface Measured {
  readonly cpuMs: number;
  readonly at: number;
}

/**
 * Processor and memory use of whole process trees, from one pass over the process table for all runs. Percent of one core, over the
 * time since the last call; 0 on a run's first one.
 */
export class UsageMeter {
  readonly #table: ProcessTable;
  /** Cookie of each process seen, by pid and start time: a process is asked once. */
  #cookies = new Map<string, RunId | null>();
  #last = new Map<RunId, Measured>();

  constructor(table: ProcessTable) {
    this.#table = table;
  }

  async measure(
    runIds: readonly RunId[],
    leaders: ReadonlyMap<RunId, ProcessIdentity>,
  ): Promise<Readonly<Record<RunId, TreeUsage>>> {
    if (runIds.length === 0) return {};
    const entries = await this.#table.list();
    const at = performance.now();
    const byRun = await this.#assign(entries, runIds, leaders);
    const last = new Map<RunId, Measured>();
    const usage: Record<RunId, TreeUsage> = {};
    for (const runId of runIds) {
      const members = byRun.get(runId) ?? [];
      const now = { cpuMs: sum(members, entry => entry.cpuMs), at };
      last.set(runId, now);
      usage[runId] = {
        cpuPercent: percent(this.#last.get(runId), now),
        memoryBytes: sum(members, entry => entry.memoryBytes),
        count: members.length,
      };
    }
    this.#last = last;
    return usage;
  }

  async #assign(
    entries: readonly ProcessEntry[],
    runIds: readonly RunId[],
    leaders: ReadonlyMap<RunId, ProcessIdentity>,
  ): Promise<ReadonlyMap<RunId, ProcessEntry[]>> {
    const byLeader = new Map<number, RunId>();
    for (const runId of runIds) {
      const leader = leaders.get(runId);
      if (leader !== undefined) byLeader.set(leader.pid, runId);
    }
    // A leader's number that has come to somebody else finds nothing of the run any more.
    for (const entry of entries) {
      const runId = byLeader.get(entry.pid);
      if (runId !== undefined && leaders.get(runId)?.startTime !== entry.startTime) byLeader.delete(entry.pid);
    }
    const byRun = new Map<RunId, ProcessEntry[]>(runIds.map(runId => [runId, []]));
    const living = entries.filter(({ zombie }) => !zombie);
    const led = ({ session, group }: ProcessEntry) => byLeader.get(session) ?? byLeader.get(group);
    this.#cookies = await this.#cookiesOf(living.filter(entry => led(entry) === undefined));
    for (const entry of living) {
      const runId = led(entry) ?? this.#cookies.get(keyOf(entry)) ?? null;
      if (runId !== null) byRun.get(runId)?.push(entry);
    }
    return byRun;
  }

  async #cookiesOf(entries: readonly ProcessEntry[]): Promise<Map<string, RunId | null>> {
    const unseen = entries.filter(entry => !this.#cookies.has(keyOf(entry)));
    const cookies = await this.#table.cookies(unseen.map(({ pid }) => pid));
    return new Map(
      entries.map(entry => {
        const cookie = cookies.get(entry.pid) ?? 'unreadable';
        return [keyOf(entry), this.#cookies.get(keyOf(entry)) ?? (cookie === 'unreadable' ? null : cookie.runId)];
      }),
    );
  }
}

function keyOf({ pid, startTime }: ProcessEntry): string {
  return `${pid} ${startTime}`;
}

function percent(before: Measured | undefined, now: Measured): number {
  if (before === undefined || now.at <= before.at) return 0;
  // A member that ended uncollected takes its time away with it: never below nothing.
  return (Math.max(0, now.cpuMs - before.cpuMs) / (now.at - before.at)) * 100;
}

function sum(entries: readonly ProcessEntry[], value: (entry: ProcessEntry) => number): number {
  return entries.reduce((total, entry) => total + value(entry), 0);
}
