import type { ProcessIdentity, RunId } from '../../domain/ids.ts';
import type { RunStatus } from '../../ports/processes.ts';
import type { ProcessEntry, ProcessTable } from '../system/port.ts';
import { pidFileTime, type RunRecord, readExit, readPid, readRunRecord } from './run-folder.ts';
import { cookieBearers, groupMembers, leaderOf } from './table/members.ts';

/** What the evidence says of a run's leader: who it was, that there is none, or why it cannot be it. */
type Evidence = { readonly identity: ProcessIdentity } | 'none' | 'reboot' | 'pid-reused';

/**
 * What is known of a run, from strongest to weakest evidence: its exit file, the identity the journal knows, the pid file proven by
 * the cookie, the cookie alone. A look that fails throws; the caller reports it as `unknown`.
 */
export async function probeRun(
  table: ProcessTable,
  folder: string,
  runId: RunId,
  identity: ProcessIdentity | null,
): Promise<RunStatus> {
  const record = ownRecord(folder, runId);
  const status = recordedExit(folder, record) ?? (await judge(table, folder, runId, identity, record));
  // It may have ended between the two looks.
  return status.status === 'lost' ? (recordedExit(folder, record) ?? status) : status;
}

/**
 * The run's leader, if nothing contradicts it, for signals; null: nothing may be signalled by its pid. Whether the leader is still alive is
 * for the caller to check every time.
 */
export async function provenIdentity(
  table: ProcessTable,
  folder: string,
  runId: RunId,
  identity: ProcessIdentity | null,
): Promise<ProcessIdentity | null> {
  try {
    const record = identity === null ? ownRecord(folder, runId) : null;
    const evidence = await evidenceOf(table, folder, runId, identity, record);
    return typeof evidence === 'string' ? null : evidence.identity;
  } catch {
    // A folder that cannot be read proves nothing.
    return null;
  }
}

function ownRecord(folder: string, runId: RunId): RunRecord | null {
  const record = readRunRecord(folder);
  return record?.runId === runId ? record : null;
}

function recordedExit(folder: string, record: RunRecord | null): RunStatus | null {
  const exit = record === null ? null : readExit(folder);
  return exit === null ? null : { status: 'exited', exitCode: exit.exitCode, endTime: exit.endTime };
}

async function judge(
  table: ProcessTable,
  folder: string,
  runId: RunId,
  known: ProcessIdentity | null,
  record: RunRecord | null,
): Promise<RunStatus> {
  const evidence = await evidenceOf(table, folder, runId, known, record);
  if (evidence === 'none') return byCookie(table, runId);
  if (evidence === 'reboot' || evidence === 'pid-reused') return { status: 'lost', why: evidence };
  const { identity } = evidence;
  const leader = await leaderOf(table, identity);
  if (leader === 'alive') return { status: 'alive', process: identity };
  if (leader === 'reused') return { status: 'lost', why: 'pid-reused' };
  // Only the shim may be gone: the agent in its group works on.
  const members = await groupMembers(table, await table.list(), runId, identity);
  return members.length > 0 ? { status: 'alive', process: identity } : { status: 'lost', why: 'killed' };
}

async function evidenceOf(
  table: ProcessTable,
  folder: string,
  runId: RunId,
  known: ProcessIdentity | null,
  record: RunRecord | null,
): Promise<Evidence> {
  const bootId = table.bootId();
  if (known !== null) return known.bootId === bootId ? { identity: known } : 'reboot';
  const pid = record === null ? null : readPid(folder);
  if (record === null || pid === null) return 'none';
  if (record.bootId !== bootId) return 'reboot';
  const entry = await table.read(pid);
  // Without a leader the group is found by its number and cookie; nobody can ask for the start time any more.
  if (entry === null) return { identity: { pid, startTime: '', bootId } };
  const identity = { pid, startTime: entry.startTime, bootId };
  return (await wroteThePid(table, folder, runId, record, entry)) ? { identity } : 'pid-reused';
}

/** Is this the process that wrote the pid file? Its cookie tells; where that is hidden, its start between preparation and pid file. */
async function wroteThePid(
  table: ProcessTable,
  folder: string,
  runId: RunId,
  record: RunRecord,
  entry: ProcessEntry,
): Promise<boolean> {
  if (entry.zombie) return true;
  const cookie = await table.cookie(entry.pid);
  if (cookie !== 'unreadable') return cookie.runId === runId;
  const written = pidFileTime(folder);
  if (entry.startedAt === null || written === null) {
    throw new Error(`the environment of process ${entry.pid} cannot be read`);
  }
  return entry.startedAt >= record.startedAt - 1000 && entry.startedAt <= written + 1000;
}

/** Last resort: started, but neither journal nor pid file know of it. */
async function byCookie(table: ProcessTable, runId: RunId): Promise<RunStatus> {
  const bearers = await cookieBearers(table, await table.list(), runId);
  const first = bearers.find(entry => entry.group === entry.pid) ?? bearers[0];
  if (first === undefined) return { status: 'not-started' };
  return { status: 'alive', process: { pid: first.pid, startTime: first.startTime, bootId: table.bootId() } };
}
