import { askProgram, askProgramNow } from '../../processes/ask-program.ts';
import type { System } from '../port.ts';
import { lsofFiles } from './lsof.ts';
import { psTable } from './ps-table.ts';

/**
 * Every POSIX system, by `ps`, `lsof` and `sysctl`. It knows less than Linux: no marks, no names in the kernel, no control groups, and
 * nothing of open files without `lsof`.
 */
export const portable: System = {
  table: psTable,
  ...lsofFiles,
  commandLine,
  userOf,
  names: null,
  pathThrough: () => null,
  machineId,
  processNamespace: () => '',
  isLocalDisk: () => false,
  cgroup: async () => ({ cpu: null, memory: null }),
  childrenMicros: async () => 0,
};

/** Arguments with blanks fall apart. */
async function commandLine(pid: number): Promise<readonly string[] | null> {
  const line = await askProgram('ps', ['-ww', '-o', 'command=', '-p', String(pid)], [0, 1]).catch(() => '');
  return line === '' ? null : line.split(' ');
}

async function userOf(pid: number): Promise<number | null> {
  const text = (await askProgram('ps', ['-o', 'uid=', '-p', String(pid)], [0, 1]).catch(() => '')).trim();
  return /^\d+$/.test(text) ? Number(text) : null;
}

let knownMachineId: string | null = null;

/** macOS knows it by its hardware, a BSD by its host. */
function machineId(): string {
  knownMachineId ??=
    process.platform === 'darwin'
      ? hardwareId(askProgramNow('ioreg', ['-rd1', '-c', 'IOPlatformExpertDevice']))
      : askProgramNow('sysctl', ['-n', 'kern.hostuuid']);
  return knownMachineId;
}

/** The line `"IOPlatformUUID" = "…"` among what `ioreg` prints. */
export function hardwareId(text: string): string {
  return /"IOPlatformUUID" = "([^"]+)"/.exec(text)?.[1] ?? '';
}
