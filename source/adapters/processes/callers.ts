import fs from 'node:fs';
import path from 'node:path';
import { setImmediate as breathe } from 'node:timers/promises';
import { messageOf } from '../../domain/errors.ts';
import type { ProcessIdentity, RunId } from '../../domain/ids.ts';
import type { Caller, CallersPort } from '../../ports/callers.ts';
import { leaderOf } from './table/members.ts';
import { processTable } from './table/process-table.ts';
import { markOf } from './table/run-mark.ts';
import type { ProcessEntry, ProcessTable } from './table/table-types.ts';

/** The runs of a repository, as far as a process can belong to them. */
export interface KnownRuns {
  /** The shims of runs that were started since the machine was. */
  readonly leaders: readonly { readonly runId: RunId; readonly process: ProcessIdentity }[];
  /** Ids of all runs and checks; asked for only where a process carries the trace of some run. */
  ids(): readonly RunId[];
}

/** More ancestors than any process has. */
const longestLine = 1000;
/** Processes looked at before the event loop gets a turn. */
const batch = 32;

/** @param runs the runs of the repository at this moment */
export function createCallers(runs: () => KnownRuns, table: ProcessTable = processTable()): CallersPort {
  return {
    holderOf,
    callerOf: pid => callerOf(table, pid, runs()),
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
    return runId === null ? { kind: 'person' } : { kind: 'run', runId };
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

/** See `CallersPort.holderOf`. Where the system has no `/proc` nothing can be proven, and the hint is taken for true. */
async function holderOf(file: string, hint: number): Promise<number | null> {
  if (!fs.existsSync('/proc/self/fd')) return hint;
  const stats = fs.statSync(file, { throwIfNoEntry: false });
  if (stats === undefined) return null;
  if (holds(hint, file, stats)) return hint;
  // In a namespace of its own the process has another number than we know it by.
  const pids = fs.readdirSync('/proc').filter(name => /^\d+$/.test(name));
  for (const [index, name] of pids.entries()) {
    if (index % batch === batch - 1) await breathe();
    if (Number(name) !== process.pid && holds(Number(name), file, stats)) return Number(name);
  }
  return null;
}

function holds(pid: number, file: string, { dev, ino }: fs.Stats): boolean {
  const folder = `/proc/${pid}/fd`;
  try {
    return fs.readdirSync(folder).some(fd => {
      // Only what bears the name is looked at closer: another file may lie on a disk that hangs.
      if (path.basename(fs.readlinkSync(`${folder}/${fd}`)) !== path.basename(file)) return false;
      const open = fs.statSync(`${folder}/${fd}`);
      return open.dev === dev && open.ino === ino && isForWriting(pid, fd);
    });
  } catch {
    // It has ended, or may not be looked into: then it has proven nothing.
    return false;
  }
}

function isForWriting(pid: number, fd: string): boolean {
  const flags = /^flags:\s*([0-7]+)/m.exec(fs.readFileSync(`/proc/${pid}/fdinfo/${fd}`, 'latin1'))?.[1];
  return flags !== undefined && (Number.parseInt(flags, 8) & (fs.constants.O_WRONLY | fs.constants.O_RDWR)) !== 0;
}
