/**
 * Journals as they were kept before one file held everything: a snapshot beside the journal, and one older version of each. They are read
 * wherever they are found; the first start that may write makes one file out of them and removes them.
 */
import fs from 'node:fs';
import path from 'node:path';
import type { JournalSnapshot } from '../../ports/journal.ts';
import { syncFolder } from '../regular-file.ts';
import { exists, readBytes } from './files.ts';
import { decodeLine, type Migrations, snapshotType } from './record.ts';
import { foreignVersion, type Scan, type ScannedEvent, scanJournal } from './scan.ts';

const oldNames = {
  snapshot: 'snapshot.json',
  previousSnapshot: 'snapshot.prev.json',
  previousJournal: 'journal.prev.jsonl',
} as const;

/** Bytes of the old files; null where there is none. */
export type OldFiles = Readonly<Record<keyof typeof oldNames, Buffer | null>>;

/** Null where there is none of them. */
export function readOldFiles(dir: string): OldFiles | null {
  const read = (name: string): Buffer | null => readBytes(path.join(dir, name));
  const files = {
    snapshot: read(oldNames.snapshot),
    previousSnapshot: read(oldNames.previousSnapshot),
    previousJournal: read(oldNames.previousJournal),
  };
  return Object.values(files).every(bytes => bytes === null) ? null : files;
}

/** Removes them, once a journal that needs them no more is on disk. */
export function removeOldFiles(dir: string): void {
  const left = [...oldPaths(dir), path.join(dir, 'snapshot.json.new')].filter(exists);
  for (const file of left) fs.rmSync(file, { force: true });
  if (left.length > 0) syncFolder(dir);
}

/** Paths of those that there are: where they are damaged they are set aside with the journal. */
export function oldPaths(dir: string): readonly string[] {
  return Object.values(oldNames)
    .map(name => path.join(dir, name))
    .filter(exists);
}

export interface OldBase {
  readonly snapshot: JournalSnapshot | null;
  /** Everything after the snapshot, in order; without a gap where `whole`. */
  readonly events: readonly ScannedEvent[];
  /** Snapshot and records reach each other. */
  readonly whole: boolean;
  /** The newest snapshot could not be read and the one before it was used. */
  readonly usedOlder: boolean;
}

/** Finds the newest snapshot from which every later record is there. */
export function baseOf(files: OldFiles, scan: Scan, start: number, migrations: Migrations): OldBase {
  const newest = readSnapshot(files.snapshot, oldNames.snapshot, migrations);
  const older = readSnapshot(files.previousSnapshot, oldNames.previousSnapshot, migrations);
  const usedOlder = files.snapshot !== null && newest === null;
  const overlapping = [newest, older].find(snapshot => snapshot !== null && snapshot.seq >= start) ?? null;
  const found = (snapshot: JournalSnapshot | null, events: readonly ScannedEvent[], whole: boolean): OldBase => ({
    snapshot,
    events: events.filter(entry => entry.seq > (snapshot?.seq ?? 0)),
    whole,
    usedOlder,
  });
  if (overlapping !== null || start === 0) return found(overlapping, scan.events, true);
  const before = previousEvents(files.previousJournal, start, older, migrations);
  if (before !== null) return found(older, [...before, ...scan.events], true);
  return found(newest ?? older, scan.events, false);
}

/** Records up to `until` from the older journal, on the older snapshot or on nothing; null where they do not reach. */
function previousEvents(
  bytes: Buffer | null,
  until: number,
  older: JournalSnapshot | null,
  migrations: Migrations,
): readonly ScannedEvent[] | null {
  if (bytes === null) return null;
  const scan = scanJournal(bytes, oldNames.previousJournal, migrations);
  if (scan.from === null || scan.damage !== null || scan.from + scan.events.length !== until) return null;
  return scan.from === 0 || (older !== null && older.seq >= scan.from) ? scan.events : null;
}

/** Null for a snapshot that is absent or not to be trusted. */
function readSnapshot(bytes: Buffer | null, fileName: string, migrations: Migrations): JournalSnapshot | null {
  if (bytes === null) return null;
  const line = bytes.at(-1) === 0x0a ? bytes.subarray(0, -1) : bytes;
  const decoded = decodeLine(line, migrations);
  if (decoded.kind === 'version') throw foreignVersion(fileName, `version ${decoded.version}`);
  if (decoded.kind === 'bad' || decoded.record.type !== snapshotType) return null;
  return { seq: decoded.record.seq, state: decoded.record.data };
}
