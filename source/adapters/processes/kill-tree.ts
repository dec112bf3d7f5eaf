import { setTimeout as sleep } from 'node:timers/promises';
import type { ProcessIdentity, RunId } from '../../domain/ids.ts';
import type { ProcessEntry, ProcessTable } from '../system/port.ts';
import { type Known, nobody } from './table/descendants.ts';
import { carries, cookieBearers, groupMembers, leaderOf } from './table/members.ts';

/** Time for an agent to end after SIGINT, then for its whole group after SIGTERM. */
const defaultGraceMs: readonly [number, number] = [10_000, 5_000];
/** Nothing survives SIGKILL but a process that hangs in the kernel; it is reported, not waited for. */
const killedMs = 2_000;
const sweepPasses = 3;
const firstPauseMs = 5;
const longestPauseMs = 100;

type Signal = 'SIGINT' | 'SIGTERM' | 'SIGKILL';

interface Target {
  readonly table: ProcessTable;
  readonly runId: RunId;
  /** Proven before; looked at again before every signal. Null: only the cookie can find processes of the run. */
  readonly identity: ProcessIdentity | null;
  /** Members of the group that were proven to be the run's. */
  readonly proven: Map<number, string>;
  /** Processes that were seen below the run while it was at work. */
  readonly seen: Known;
}

/**
 * Ends everything that belongs to a run: SIGINT, SIGTERM and SIGKILL to its group, each with time to end, then whatever has left the
 * group but still carries the run's cookie or was seen below it. Only processes proven to be the run's are signalled (docs/contract.md, I7).
 * @returns how many are still alive
 */
export async function killTree(
  table: ProcessTable,
  runId: RunId,
  identity: ProcessIdentity | null,
  graceMs: readonly [number, number] = defaultGraceMs,
  seen: Known = nobody,
): Promise<number> {
  const target = { table, runId, identity, proven: new Map<number, string>(), seen };
  if (identity !== null) await endGroup(target, identity, graceMs);
  const escaped = await sweep(target, Math.min(graceMs[1], killedMs));
  const left = identity === null ? [] : await members(target, identity);
  return new Set([...escaped, ...left].map(entry => entry.pid)).size;
}

async function endGroup(target: Target, identity: ProcessIdentity, graceMs: readonly [number, number]): Promise<void> {
  // The soft stop is meant for the agent: what it left in the background need not be waited for.
  await signalGroup(target, identity, 'SIGINT');
  await waitUntil(graceMs[0], async () => {
    return (await leaderOf(target.table, identity)) !== 'alive' || (await members(target, identity)).length === 0;
  });
  await signalGroup(target, identity, 'SIGTERM');
  await waitUntil(graceMs[1], async () => (await members(target, identity)).length === 0);
  await signalGroup(target, identity, 'SIGKILL');
  await waitUntil(killedMs, async () => (await members(target, identity)).length === 0);
}

async function members(target: Target, identity: ProcessIdentity): Promise<readonly ProcessEntry[]> {
  return groupMembers(target.table, await target.table.list(), target.runId, identity, target.proven);
}

/** Signals the group if it is still proven to be the run's; a stopped one is woken, so that it can hear. */
async function signalGroup(target: Target, identity: ProcessIdentity, signal: Signal): Promise<void> {
  const proven = await members(target, identity);
  if (identity.pid <= 1 || !proven.some(entry => entry.group === identity.pid)) return;
  if (proven.some(entry => entry.pid === process.pid)) return;
  send(-identity.pid, signal);
  if (signal !== 'SIGKILL') send(-identity.pid, 'SIGCONT');
}

/** Daemons that made a session of their own: asked once, then killed. Returns those still alive. */
async function sweep(target: Target, graceMs: number): Promise<readonly ProcessEntry[]> {
  let bearers = await bearersOf(target);
  for (let pass = 1; pass <= sweepPasses && bearers.length > 0; pass++) {
    for (const bearer of bearers) await signalBearer(target, bearer, pass === 1 ? 'SIGTERM' : 'SIGKILL');
    await waitUntil(pass === 1 ? graceMs : killedMs, async () => {
      bearers = await bearersOf(target);
      return bearers.length === 0;
    });
  }
  return bearers;
}

async function bearersOf(target: Target): Promise<readonly ProcessEntry[]> {
  return cookieBearers(target.table, await target.table.list(), target.runId, target.seen);
}

async function signalBearer(target: Target, bearer: ProcessEntry, signal: Signal): Promise<void> {
  const now = await target.table.read(bearer.pid);
  if (now === null || now.startTime !== bearer.startTime || !(await isOurs(target, now))) return;
  send(bearer.pid, signal);
  if (signal !== 'SIGKILL') send(bearer.pid, 'SIGCONT');
}

function isOurs({ table, runId, seen }: Target, entry: ProcessEntry): Promise<boolean> {
  return carries(table, entry, runId, seen);
}

/** A target that has just ended, or may not be signalled, is not an error here: what counts is who is left at the end. */
function send(pid: number, signal: Signal | 'SIGCONT'): void {
  try {
    process.kill(pid, signal);
  } catch {
    // ESRCH or EPERM.
  }
}

/** Asks again, at first quickly, until `done` or the time is over. */
async function waitUntil(limitMs: number, done: () => Promise<boolean>): Promise<void> {
  const end = performance.now() + limitMs;
  for (let pause = firstPauseMs; !(await done()); pause = Math.min(pause * 2, longestPauseMs)) {
    const left = end - performance.now();
    if (left <= 0) return;
    await sleep(Math.min(pause, left));
  }
}
