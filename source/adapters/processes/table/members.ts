import type { ProcessIdentity, RunId } from '../../../domain/ids.ts';
import type { Cookie, ProcessEntry, ProcessTable } from '../../system/port.ts';
import { markOf } from '../../system/run-mark.ts';
import { type Known, nobody } from './descendants.ts';

/** The leader of a run as the process table shows it now. `reused`: its pid belongs to somebody else. */
export type Leader = 'alive' | 'ended' | 'reused';

/** Compares a known identity with the table; the boot must have been compared before. */
export async function leaderOf(table: ProcessTable, identity: ProcessIdentity): Promise<Leader> {
  const entry = await table.read(identity.pid);
  if (entry === null) return 'ended';
  if (entry.startTime !== identity.startTime) return 'reused';
  return entry.zombie ? 'ended' : 'alive';
}

/**
 * True when the process carries the run's cookie or its mark, or was seen below it. One that may not be looked into is not proven to be
 * ours.
 */
export async function carries(
  table: ProcessTable,
  entry: ProcessEntry,
  runId: RunId,
  seen: Known = nobody,
): Promise<boolean> {
  return (
    wasSeen(entry, seen) || isCookieOf(runId, await table.cookie(entry.pid)) || (await isMarked(table, entry, runId))
  );
}

function wasSeen({ pid, startTime }: ProcessEntry, seen: Known): boolean {
  return seen.get(pid) === startTime;
}

function isCookieOf(runId: RunId, cookie: Cookie = 'unreadable'): boolean {
  return cookie !== 'unreadable' && cookie.runId === runId;
}

async function isMarked(table: ProcessTable, { pid }: ProcessEntry, runId: RunId): Promise<boolean> {
  return (await table.mark(pid)) === markOf(runId);
}

/**
 * Living processes of a run's group. The group's number is the leader's pid, which the kernel does not give away while the group has
 * a member; so the members are ours as long as the leader is, and after its end as long as one of them carries the cookie or was
 * proven at an earlier look. Empty when that cannot be shown.
 * @param proven members of earlier looks, as pid and start time; filled by every look that proves something
 */
export async function groupMembers(
  table: ProcessTable,
  entries: readonly ProcessEntry[],
  runId: RunId,
  identity: ProcessIdentity,
  proven: Map<number, string> = new Map(),
): Promise<readonly ProcessEntry[]> {
  // Numbers that no run has; 0 stands for a session that is not known, too.
  if (identity.pid <= 1) return [];
  const members = entries.filter(
    entry => !entry.zombie && (entry.group === identity.pid || entry.session === identity.pid),
  );
  if (members.length === 0) return members;
  if (!(await isProven(table, entries, members, runId, identity, proven))) return [];
  for (const member of members) proven.set(member.pid, member.startTime);
  return members;
}

async function isProven(
  table: ProcessTable,
  entries: readonly ProcessEntry[],
  members: readonly ProcessEntry[],
  runId: RunId,
  identity: ProcessIdentity,
  proven: ReadonlyMap<number, string>,
): Promise<boolean> {
  const leader = entries.find(entry => entry.pid === identity.pid);
  if (leader !== undefined) return leader.startTime === identity.startTime;
  if (members.some(member => proven.get(member.pid) === member.startTime)) return true;
  for (const member of members) if (await carries(table, member, runId)) return true;
  return false;
}

/** Living processes that carry the run's cookie or mark, or were seen below it, wherever they have moved; never ourselves. */
export async function cookieBearers(
  table: ProcessTable,
  entries: readonly ProcessEntry[],
  runId: RunId,
  seen: Known = nobody,
): Promise<readonly ProcessEntry[]> {
  const others = entries.filter(({ zombie, pid }) => !zombie && pid > 1 && pid !== process.pid);
  const cookies = await table.cookies(others.map(({ pid }) => pid));
  const bearers: ProcessEntry[] = [];
  for (const entry of others) {
    const isProvenNow = wasSeen(entry, seen) || isCookieOf(runId, cookies.get(entry.pid));
    if (isProvenNow || (await isMarked(table, entry, runId))) bearers.push(entry);
  }
  return bearers;
}

/** Everything of a run that is alive now. */
export async function runMembers(
  table: ProcessTable,
  runId: RunId,
  identity: ProcessIdentity | null,
  seen: Known = nobody,
): Promise<readonly ProcessEntry[]> {
  const entries = await table.list();
  const group = identity === null ? [] : await groupMembers(table, entries, runId, identity);
  const known = new Set(group.map(entry => entry.pid));
  const bearers = await cookieBearers(table, entries, runId, seen);
  return [...group, ...bearers.filter(entry => !known.has(entry.pid))];
}
