import fs from 'node:fs';
import os from 'node:os';
import type { ProcessTable } from '../processes/table/table-types.ts';
import type { OwnerRecord } from './owner-file.ts';

/** Where this process stands, in the words of an owner record. */
export type OwnerPlace = Pick<
  OwnerRecord,
  'bootId' | 'host' | 'machine' | 'lock' | 'networkNamespace' | 'processNamespace'
>;

/** `unknown` is never treated as gone. */
export type Verdict = 'alive' | 'gone' | 'unknown';

export async function ownerPlaceOf(lock: string, table: ProcessTable): Promise<OwnerPlace> {
  return {
    bootId: await table.bootId(),
    host: os.hostname(),
    machine: machineId(),
    lock,
    networkNamespace: namespaceOf('net'),
    processNamespace: namespaceOf('pid'),
  };
}

/**
 * Is the owner in the file still there? Asked only when the lock's name is not held where we are. The boot id names one kernel: with
 * another one the owner ended with that boot if it was this host, and nobody can tell if it was not. Under our own kernel an owner
 * with our name and network would hold the name; elsewhere only its process, seen by the same numbers, can prove anything.
 */
export async function judgeOwner(owner: OwnerRecord, here: OwnerPlace, table: ProcessTable): Promise<Verdict> {
  if (owner.bootId !== here.bootId) {
    return owner.host === here.host && owner.machine === here.machine ? 'gone' : 'unknown';
  }
  const sameName = here.lock !== '' && owner.lock === here.lock && owner.networkNamespace === here.networkNamespace;
  if (sameName && here.networkNamespace !== '') return 'gone';
  if (owner.processNamespace !== here.processNamespace) return 'unknown';
  try {
    const entry = await table.read(owner.pid);
    return entry === null || entry.zombie || entry.startTime !== owner.startTime ? 'gone' : 'alive';
  } catch {
    return 'unknown';
  }
}

function namespaceOf(kind: 'net' | 'pid'): string {
  try {
    return fs.readlinkSync(`/proc/self/ns/${kind}`);
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
