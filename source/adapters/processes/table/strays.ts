import { realpathSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { ProcessIdentity, RunId } from '../../../domain/ids.ts';
import type { Stray } from '../../../ports/processes.ts';
import type { ProcessTable } from '../../system/port.ts';
import { system } from '../../system/system.ts';
import type { Known } from './descendants.ts';
import { runMembers } from './members.ts';

interface Place {
  readonly runId: RunId;
  readonly identity: ProcessIdentity | null;
  readonly folder: string;
  /** Processes that were seen below the run: they are its own. */
  readonly seen: Known;
}

/**
 * See `ProcessesPort.strays`. A shell or an editor of the user may work in a worktree just as well as a daemon of the agent that has shed
 * everything that identifies it. Only its own terminal and a start before the run prove that it is not the agent's.
 */
export async function findStrays(
  table: ProcessTable,
  { runId, identity, folder, seen }: Place,
): Promise<readonly Stray[] | null> {
  const occupants = await system().occupants(realPlace(folder), true);
  if (occupants === null || occupants.length === 0) return occupants;
  const members = new Set((await runMembers(table, runId, identity, seen)).map(({ pid }) => pid));
  const strays: Stray[] = [];
  for (const { pid, name } of occupants) {
    const entry = members.has(pid) ? null : await table.read(pid);
    if (entry === null || entry.zombie || isOlder(entry.startTime, identity) || entry.terminal) continue;
    strays.push({ pid, name });
  }
  return strays;
}

function isOlder(startTime: string, identity: ProcessIdentity | null): boolean {
  const [its, ours] = [startOf(startTime), startOf(identity?.startTime ?? '')];
  return its > 0 && ours > 0 && its < ours;
}

/** Start times are clock ticks since the machine started, or dates. */
function startOf(startTime: string): number {
  return /^\d+$/.test(startTime) ? Number(startTime) : Date.parse(`${startTime} UTC`);
}

/** With the links before its last part resolved, as the kernel shows it; the folder itself may be gone. */
function realPlace(folder: string): string {
  try {
    return join(realpathSync(dirname(folder)), basename(folder));
  } catch {
    return folder;
  }
}
