import { realpathSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { ProcessIdentity, RunId } from '../../../domain/ids.ts';
import type { Stray } from '../../../ports/processes.ts';
import { occupantsOf } from '../../occupants.ts';
import { runMembers } from './members.ts';
import type { ProcessTable } from './table-types.ts';

interface Place {
  readonly runId: RunId;
  readonly identity: ProcessIdentity | null;
  readonly folder: string;
}

/**
 * See `ProcessesPort.strays`. A shell or an editor of the user's may stand in a worktree just as well as a daemon of the agent that has
 * shed everything by which it is told: only a terminal of its own and a start before the run tell that it is not the agent's.
 */
export async function findStrays(table: ProcessTable, { runId, identity, folder }: Place): Promise<readonly Stray[]> {
  const occupants = (await occupantsOf(realPlace(folder), { files: true })) ?? [];
  if (occupants.length === 0) return [];
  const members = new Set((await runMembers(table, runId, identity)).map(({ pid }) => pid));
  const strays: Stray[] = [];
  for (const { pid, name } of occupants) {
    const entry = members.has(pid) ? null : await table.read(pid);
    if (entry === null || entry.zombie || isOlder(entry.startTime, identity) || (await hasTerminal(pid))) continue;
    strays.push({ pid, name });
  }
  return strays;
}

/** Start times are clock ticks since the machine started. */
function isOlder(startTime: string, identity: ProcessIdentity | null): boolean {
  const [its, ours] = [Number(startTime), Number(identity?.startTime ?? '')];
  return its > 0 && ours > 0 && its < ours;
}

/** Field 7 of proc(5), counted after the name, which may hold blanks and brackets. */
async function hasTerminal(pid: number): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, 'latin1').catch(() => '');
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[4] ?? 0) !== 0;
}

/** With the links before its last part resolved, as the kernel shows it; the folder itself may be gone. */
function realPlace(folder: string): string {
  try {
    return join(realpathSync(dirname(folder)), basename(folder));
  } catch {
    return folder;
  }
}
