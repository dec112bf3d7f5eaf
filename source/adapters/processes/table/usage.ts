import type { ProcessIdentity, RunId } from '../../../domain/ids.ts';
import type { TreeUsage } from '../../../ports/processes.ts';
import type { ProcessEntry, ProcessTable } from '../../system/port.ts';
import type { Descendants } from './descendants.ts';

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
  readonly #descendants: Descendants;
  /** Cookie of each process seen, by pid and start time: a process is asked once. */
  #cookies = new Map<string, RunId | null>();
  #last = new Map<RunId, Measured>();

  /** @param descendants gets to know every process that a look finds */
  constructor(table: ProcessTable, descendants: Descendants) {
    this.#table = table;
    this.#descendants = descendants;
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
    const byPid = new Map(living.map(entry => [entry.pid, entry]));
    const before = new Map(
      runIds.flatMap(runId => [...this.#descendants.of(runId)].map(([pid, at]) => [`${pid} ${at}`, runId])),
    );
    const found = new Map<number, RunId | null>();
    const runOf = (entry: ProcessEntry): RunId | null => {
      const known = found.get(entry.pid);
      if (known !== undefined) return known;
      found.set(entry.pid, null);
      const parent = byPid.get(entry.parent);
      const own = led(entry) ?? this.#cookies.get(keyOf(entry)) ?? before.get(keyOf(entry));
      const runId = own ?? (parent === undefined ? null : runOf(parent));
      found.set(entry.pid, runId);
      return runId;
    };
    for (const entry of living) {
      const runId = runOf(entry);
      if (runId !== null) byRun.get(runId)?.push(entry);
    }
    for (const [runId, members] of byRun) {
      this.#descendants.saw(
        runId,
        members,
        members.filter(entry => led(entry) === undefined),
      );
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
