import fs from 'node:fs';
import type { System } from '../port.ts';
import { kernelNames } from './abstract-names.ts';
import { readCgroup } from './cgroup.ts';
import { procFiles } from './open-files.ts';
import { linuxTable } from './proc-table.ts';

/** Linux, by `/proc`, control groups and abstract sockets. */
export const linux: System = {
  table: linuxTable,
  ...procFiles,
  commandLine,
  userOf: async pid => fs.lstatSync(`/proc/${pid}`, { throwIfNoEntry: false })?.uid ?? null,
  names: kernelNames,
  pathThrough: (descriptor, name) => (fs.existsSync('/proc/self/fd') ? `/proc/self/fd/${descriptor}/${name}` : null),
  machineId: () => textOf(() => fs.readFileSync('/etc/machine-id', 'latin1').trim()),
  processNamespace: () => textOf(() => fs.readlinkSync('/proc/self/ns/pid')),
  isLocalDisk,
  cgroup: () => readCgroup(),
  childrenMicros,
};

async function commandLine(pid: number): Promise<readonly string[] | null> {
  const line = textOf(() => fs.readFileSync(`/proc/${pid}/cmdline`, 'utf8'));
  return line === '' ? null : line.split('\0').slice(0, -1);
}

/** Types of file systems that no other machine can write at the same time (see statfs(2)); others may be shared. */
const localTypes: ReadonlySet<number> = new Set([
  0xef53, // ext2, ext3, ext4
  0x58465342, // XFS
  0x9123683e, // Btrfs
  0xf2f52010, // F2FS
  0x2fc12fc1, // ZFS
  0xca451a4e, // bcachefs
  0x01021994, // tmpfs
  0x794c7630, // overlay
]);

function isLocalDisk(folder: string): boolean {
  try {
    return localTypes.has(fs.statfsSync(folder).type);
  } catch {
    return false;
  }
}

/** Kernel ticks in which Linux gives processor times: a hundred a second wherever Node runs. */
const tickMicros = 10_000;

async function childrenMicros(): Promise<number> {
  const stat = textOf(() => fs.readFileSync('/proc/self/stat', 'utf8'));
  // The name in brackets may hold anything; behind it the fields begin with the third, and these are the 16th and 17th.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const ticks = Number(fields[13]) + Number(fields[14]);
  return Number.isFinite(ticks) ? ticks * tickMicros : 0;
}

/** Empty where the system does not say it. */
function textOf(read: () => string): string {
  try {
    return read();
  } catch {
    return '';
  }
}
