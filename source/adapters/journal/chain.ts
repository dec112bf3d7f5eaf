import path from 'node:path';
import type { JournalSnapshot } from '../../ports/journal.ts';
import { names, readBytes } from './files.ts';
import { decodeLine, type Migrations, snapshotType } from './record.ts';
import { foreignVersion, type Scan, type ScannedEvent, scanJournal } from './scan.ts';

/** The files of a state folder, as bytes; null where there is none. */
export type StoreBytes = Readonly<Record<Exclude<keyof typeof names, 'nextSnapshot'>, Buffer | null>>;

/** What the files say together. */
export type Chain =
  /** Nothing was ever written here. */
  | { readonly kind: 'fresh' }
  | {
      readonly kind: 'ok';
      readonly snapshot: JournalSnapshot | null;
      /** Everything after the snapshot, in order and without a gap. */
      readonly events: readonly ScannedEvent[];
      readonly lastSeq: number;
      /** The file that is appended to, and what was found in it. */
      readonly file: 'journal' | 'nextJournal';
      readonly scan: Scan;
      readonly newestSnapshot: 'good' | 'bad' | 'none';
    }
  | {
      readonly kind: 'damaged';
      readonly snapshot: JournalSnapshot | null;
      readonly events: readonly ScannedEvent[];
      /** Whole records behind the damage. */
      readonly later: readonly ScannedEvent[];
      readonly lastSeq: number;
      readonly line: number;
      readonly message: string;
    };

/** Reads the files of a state folder. Throws a `CmError` (exit 3) where one of them cannot be read. */
export function readStore(dir: string): StoreBytes {
  const read = (name: string): Buffer | null => readBytes(path.join(dir, name));
  return {
    journal: read(names.journal),
    previousJournal: read(names.previousJournal),
    nextJournal: read(names.nextJournal),
    snapshot: read(names.snapshot),
    previousSnapshot: read(names.previousSnapshot),
  };
}

/**
 * Finds the newest snapshot from which every later record is there. Rotation passes through states in which the journal's
 * successor has not taken its place yet, or the newest snapshot overlaps the journal; all of them are whole.
 */
export function linkStore(bytes: StoreBytes, migrations: Migrations): Chain {
  const newest = readSnapshot(bytes.snapshot, names.snapshot, migrations);
  const older = readSnapshot(bytes.previousSnapshot, names.previousSnapshot, migrations);
  const file = bytes.journal === null && bytes.nextJournal !== null ? 'nextJournal' : 'journal';
  const current = bytes[file];
  if (current === null) {
    const untouched = Object.values(bytes).every(content => content === null);
    if (untouched) return { kind: 'fresh' };
    return damaged(
      newest ?? older,
      [],
      `${names.journal} is missing although a snapshot or an older journal is there`,
      1,
    );
  }
  const scan = scanJournal(current, names[file], migrations);
  const start = scan.from;
  if (start === null) return damaged(newest ?? older, [], because(names[file], scan), 1, scan.later);

  const overlapping = [newest, older].find(snapshot => snapshot !== null && snapshot.seq >= start) ?? null;
  if (overlapping !== null || start === 0) return finish(overlapping, [], scan, file, bytes.snapshot, newest);
  const before = joinPrevious(bytes.previousJournal, start, older, migrations);
  if (before === null) {
    const why = `no snapshot and no older journal reaches record ${start}, after which ${names[file]} begins`;
    return damaged(newest ?? older, scan.events, why, 1);
  }
  return finish(before.base, before.events, scan, file, bytes.snapshot, newest);
}

function finish(
  snapshot: JournalSnapshot | null,
  before: readonly ScannedEvent[],
  scan: Scan,
  file: 'journal' | 'nextJournal',
  newestBytes: Buffer | null,
  newest: JournalSnapshot | null,
): Chain {
  const base = snapshot?.seq ?? 0;
  const events = [...before, ...scan.events].filter(entry => entry.seq > base);
  if (scan.damage !== null) return damaged(snapshot, events, because(names[file], scan), scan.damage.line, scan.later);
  const lastSeq = (scan.from ?? 0) + scan.events.length;
  if (lastSeq < base) {
    const line = scan.events.length + 2;
    return damaged(snapshot, [], `${names[file]} ends at record ${lastSeq}, before the snapshot's ${base}`, line);
  }
  const newestSnapshot = newestBytes === null ? 'none' : newest === null ? 'bad' : 'good';
  return { kind: 'ok', snapshot, events, lastSeq, file, scan, newestSnapshot };
}

/** Records up to `until` from the older journal, on the older snapshot or on nothing; null where they do not reach. */
function joinPrevious(
  bytes: Buffer | null,
  until: number,
  older: JournalSnapshot | null,
  migrations: Migrations,
): { readonly base: JournalSnapshot | null; readonly events: readonly ScannedEvent[] } | null {
  if (bytes === null) return null;
  const scan = scanJournal(bytes, names.previousJournal, migrations);
  if (scan.from === null || scan.damage !== null || scan.from + scan.events.length !== until) return null;
  if (older !== null && older.seq >= scan.from) return { base: older, events: scan.events };
  return scan.from === 0 ? { base: null, events: scan.events } : null;
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

function because(fileName: string, scan: Scan): string {
  return `line ${scan.damage?.line ?? 1} of ${fileName} cannot be trusted: ${scan.damage?.why ?? 'unknown'}`;
}

function damaged(
  snapshot: JournalSnapshot | null,
  events: readonly ScannedEvent[],
  why: string,
  line: number,
  later: readonly ScannedEvent[] = [],
): Chain {
  const base = snapshot?.seq ?? 0;
  return {
    kind: 'damaged',
    snapshot,
    events: events.filter(entry => entry.seq > base),
    later: later.filter(entry => entry.seq > base),
    lastSeq: Math.max(base, events.at(-1)?.seq ?? 0, later.at(-1)?.seq ?? 0),
    line,
    message: `The journal is damaged (${why}); nothing is written until you agree to rebuild it from git and the run folders.`,
  };
}
