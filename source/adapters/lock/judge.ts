import fs from 'node:fs';
import os from 'node:os';
import type { ProcessTable } from '../processes/table/table-types.ts';
import { holdsOwnerFile } from './abstract-name.ts';
import { type OwnerReading, type OwnerRecord, ownerFile } from './owner-file.ts';
import { askPresence } from './presence.ts';

/** Where this process stands, in the words of an owner record. */
export type OwnerPlace = Pick<OwnerRecord, 'bootId' | 'host' | 'machine' | 'processNamespace'>;

/** `unknown` is never treated as gone. `answers`: false for an owner that is stopped or hangs. */
export type Verdict = 'gone' | 'unknown' | { readonly answers: boolean };

export async function ownerPlaceOf(table: ProcessTable): Promise<OwnerPlace> {
  return {
    bootId: await table.bootId(),
    host: os.hostname(),
    machine: machineId(),
    processNamespace: processNamespace(),
  };
}

/**
 * Is the owner in the newest record still there? The record is only a word: what counts is its socket in the state folder, which the
 * kernel closes with its process, or that process with the record open.
 */
export async function judgeOwner(
  { number, owner }: Extract<OwnerReading, { kind: 'owner' }>,
  stateDir: string,
  here: OwnerPlace,
  table: ProcessTable,
): Promise<Verdict> {
  // The boot id names one kernel: under another one the owner ended with that boot, if no other machine can reach this disk.
  if (owner.bootId !== here.bootId) {
    const wasHere = owner.host === here.host && owner.machine === here.machine;
    return wasHere || isLocalDisk(stateDir) ? 'gone' : 'unknown';
  }
  const presence = owner.socket === null ? 'gone' : await askPresence(stateDir, owner.socket);
  if (presence !== 'gone') return presence;
  // Without a socket, or with one that was removed from under it, only its process tells, where we know it by the same number.
  if (owner.processNamespace !== here.processNamespace) return owner.socket === null ? 'unknown' : 'gone';
  try {
    const entry = await table.read(owner.pid);
    if (entry === null || entry.zombie || entry.startTime !== owner.startTime) return 'gone';
  } catch {
    return 'unknown';
  }
  return judgeProcess(owner, stateDir, ownerFile(stateDir, number));
}

function judgeProcess({ pid, socket }: OwnerRecord, stateDir: string, file: string): Verdict {
  const holds = holdsOwnerFile(pid, stateDir);
  if (holds !== null) return holds ? { answers: true } : 'gone';
  // Its files cannot be seen. Whoever wrote the record wrote it as the user that its process is of.
  const writer = fs.lstatSync(file, { throwIfNoEntry: false })?.uid;
  const user = fs.lstatSync(`/proc/${pid}`, { throwIfNoEntry: false })?.uid;
  if (user !== undefined) return user === writer ? 'unknown' : 'gone';
  return socket === null ? { answers: true } : 'gone';
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

function processNamespace(): string {
  try {
    return fs.readlinkSync('/proc/self/ns/pid');
  } catch {
    return '';
  }
}

function machineId(): string {
  try {
    return fs.readFileSync('/etc/machine-id', 'latin1').trim();
  } catch {
    return '';
  }
}
