import fs from 'node:fs';
import os from 'node:os';
import type { ProcessTable } from '../system/port.ts';
import { system } from '../system/system.ts';
import { isOwnerFile, type OwnerReading, type OwnerRecord, ownerFile } from './owner-file.ts';
import { askPresence } from './presence.ts';

/** Where this process stands, in the words of an owner record. */
export type OwnerPlace = Pick<OwnerRecord, 'bootId' | 'host' | 'machine' | 'processNamespace'>;

/** `unknown` is never treated as gone. `answers`: false for an owner that is stopped or hangs. */
export type Verdict = 'gone' | 'unknown' | { readonly answers: boolean };

export async function ownerPlaceOf(table: ProcessTable): Promise<OwnerPlace> {
  return {
    bootId: await table.bootId(),
    host: os.hostname(),
    machine: system().machineId(),
    processNamespace: system().processNamespace(),
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
    return wasHere || system().isLocalDisk(stateDir) ? 'gone' : 'unknown';
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

async function judgeProcess({ pid, socket }: OwnerRecord, stateDir: string, file: string): Promise<Verdict> {
  const open = await system().openFiles(pid);
  // An owner has a record of its state folder open.
  if (open !== null) return open.some(path => isOwnerFile(stateDir, path)) ? { answers: true } : 'gone';
  // Its files cannot be seen. Whoever wrote the record wrote it as the user that its process is of.
  const writer = fs.lstatSync(file, { throwIfNoEntry: false })?.uid;
  const user = await system().userOf(pid);
  if (user !== null) return user === writer ? 'unknown' : 'gone';
  return socket === null ? { answers: true } : 'gone';
}
