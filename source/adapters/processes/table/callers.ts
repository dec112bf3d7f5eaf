import { messageOf } from '../../../domain/errors.ts';
import type { ProcessIdentity, RunId } from '../../../domain/ids.ts';
import type { Caller, CallersPort } from '../../../ports/callers.ts';
import type { ProcessEntry, ProcessTable, System } from '../../system/port.ts';
import { markOf } from '../../system/run-mark.ts';
import { system } from '../../system/system.ts';
import { leaderOf } from './members.ts';

/** The runs of a repository, as far as a process can belong to them. */
export interface KnownRuns {
  /** The shims of runs that were started since the machine was. */
  readonly leaders: readonly { readonly runId: RunId; readonly process: ProcessIdentity }[];
  /** Ids of all runs and checks; asked for only where a process carries the trace of some run. */
  ids(): readonly RunId[];
}

/** More ancestors than any process has. */
const longestLine = 1000;

/** @param runs the runs of the repository at this moment */
export function createCallers(runs: () => KnownRuns, its: System = system()): CallersPort {
  return {
    holderOf: (file, hint) => its.writerOf(file, hint),
    callerOf: pid => callerOf(its.table, pid, runs()),
  };
}

/**
 * Does a process belong to a run of this repository? It does when it says so itself (`CM_RUN_ID`), or when it or one of its ancestors
 * is the run's shim, is in its group or session, or carries its cookie or its mark.
 */
export async function callerOf(table: ProcessTable, pid: number, runs: KnownRuns): Promise<Caller> {
  try {
    const entry = await table.read(pid);
    if (entry === null) return { kind: 'unknown', why: `process ${pid} cannot be seen from here` };
    const cookie = await table.cookie(pid);
    if (cookie !== 'unreadable' && cookie.runId) return { kind: 'run', runId: cookie.runId };
    const runId = await runOfLine(table, entry, runs);
    if (runId !== null) return { kind: 'run', runId };
    // Without marks, who hides its environment and has left its terminal may be anybody.
    if (!table.marks && cookie === 'unreadable' && !entry.terminal) {
      return { kind: 'unknown', why: `process ${pid} has no terminal, and its environment cannot be read` };
    }
    return { kind: 'person' };
  } catch (error) {
    return { kind: 'unknown', why: `its ancestors cannot be read (${messageOf(error)})` };
  }
}

async function runOfLine(table: ProcessTable, first: ProcessEntry, runs: KnownRuns): Promise<RunId | null> {
  const leaders = new Map<number, RunId>();
  for (const { runId, process } of runs.leaders) {
    // A number that went to another process tells nothing of its group either.
    if (process.bootId === table.bootId() && (await leaderOf(table, process)) === 'alive')
      leaders.set(process.pid, runId);
  }
  let entry: ProcessEntry | null = first;
  for (let steps = 0; entry !== null && steps < longestLine; steps++) {
    const { pid, group, session, parent }: ProcessEntry = entry;
    const led = leaders.get(pid) ?? leaders.get(group) ?? leaders.get(session) ?? (await traceOf(table, pid, runs));
    if (led !== null) return led;
    entry = parent > 0 && parent !== pid ? await table.read(parent) : null;
  }
  return null;
}

/** The run of ours whose cookie or mark a process carries; those of other repositories are none of our business. */
async function traceOf(table: ProcessTable, pid: number, runs: KnownRuns): Promise<RunId | null> {
  const mark = await table.mark(pid);
  const cookie = await table.cookie(pid);
  const carried = cookie === 'unreadable' ? null : cookie.runId;
  if (mark === null && carried === null) return null;
  return runs.ids().find(runId => runId === carried || markOf(runId) === mark) ?? null;
}
