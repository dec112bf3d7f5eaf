import fs from 'node:fs';
import path from 'node:path';
import { failpoint } from '../failpoint.ts';
import { takePlace } from './attach.ts';
import { asideName, exists, names, syncFolder, writeDurably } from './files.ts';

/**
 * Stores a snapshot and begins a new journal after it; the ones before are kept under their `prev` names. Whatever needs space
 * is written first, so that only renames follow; after each of them `linkStore` finds everything. The journal must be on disk already.
 * Returns false, with the files as they were, when the space was not there; throws when a rename failed half-way.
 */
export function rotate(dir: string, snapshotLine: Buffer, headerLine: Buffer): boolean {
  const at = (name: keyof typeof names): string => path.join(dir, names[name]);
  try {
    failpoint('journal.snapshot.before');
    writeDurably(at('nextSnapshot'), snapshotLine);
    writeDurably(at('nextJournal'), headerLine);
    syncFolder(dir);
    failpoint('journal.snapshot.written');
  } catch {
    fs.rmSync(at('nextSnapshot'), { force: true });
    fs.rmSync(at('nextJournal'), { force: true });
    return false;
  }
  if (exists(at('snapshot'))) fs.renameSync(at('snapshot'), at('previousSnapshot'));
  syncFolder(dir);
  failpoint('journal.snapshot.kept');
  fs.renameSync(at('nextSnapshot'), at('snapshot'));
  syncFolder(dir);
  failpoint('journal.snapshot.renamed');
  fs.renameSync(at('journal'), at('previousJournal'));
  syncFolder(dir);
  failpoint('journal.rotate.moved');
  takePlace(dir);
  failpoint('journal.rotate.done');
  return true;
}

/**
 * Sets every damaged file aside (renamed, never deleted) and begins anew from a snapshot. Until the last rename but one the folder
 * still reads as damaged, never as empty.
 */
export function beginAnew(dir: string, snapshotLine: Buffer, headerLine: Buffer, now: number): void {
  const at = (name: keyof typeof names): string => path.join(dir, names[name]);
  writeDurably(at('nextSnapshot'), snapshotLine);
  writeDurably(at('nextJournal'), headerLine);
  syncFolder(dir);
  failpoint('journal.recover.prepared');
  for (const name of ['previousSnapshot', 'snapshot', 'previousJournal', 'journal'] as const) {
    if (exists(at(name))) fs.renameSync(at(name), asideName(at(name), 'damaged', now));
  }
  syncFolder(dir);
  failpoint('journal.recover.moved');
  fs.renameSync(at('nextSnapshot'), at('snapshot'));
  syncFolder(dir);
  failpoint('journal.recover.renamed');
  takePlace(dir);
}
