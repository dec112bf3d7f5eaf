import fs from 'node:fs';
import path from 'node:path';
import type { JournalSnapshot } from '../../ports/journal.ts';
import { type End, type Lines, readEnd, writtenUpTo } from './end.ts';
import { names, readBytes } from './files.ts';
import { type Mark, readMark } from './mark.ts';
import { baseOf, type OldFiles, readOldFiles } from './old-layout.ts';
import type { Migrations } from './record.ts';
import { type Scan, type ScannedEvent, scanJournal } from './scan.ts';

/** What is in a state folder, as bytes. */
export interface StoreBytes {
  readonly journal: Buffer | null;
  readonly mark: Mark | null;
  /** Read before the journal and after it, since its writer may continue meanwhile; null if there is none. */
  readonly ends: readonly (End | null)[];
  /** In the old layout: `journal` stands under the name of a new one, its place is empty. */
  readonly isSuccessor: boolean;
  /** Files of the layout of before; null where there is none. */
  readonly old: OldFiles | null;
  /** Name of a damaged journal that was set aside. */
  readonly aside: string | null;
}

/** What it says. */
export type Found =
  /** Nothing was ever written here. */
  { readonly kind: 'fresh' } | SoundJournal | DamagedJournal;

export interface SoundJournal {
  readonly kind: 'ok';
  readonly id: string | null;
  /** The repository that it was begun for; null where it does not say. */
  readonly place: string | null;
  readonly snapshot: JournalSnapshot | null;
  /** Everything after the snapshot, in order and without a gap. */
  readonly events: readonly ScannedEvent[];
  readonly lastSeq: number;
  /** The file can be appended to as it stands. */
  readonly isCurrent: boolean;
  /** See `StoreBytes`. */
  readonly isSuccessor: boolean;
  /** Bytes that an interrupted write left behind the last whole record. */
  readonly torn: Buffer | null;
  readonly bytes: Buffer;
  /** Offset after the last line that can be trusted. */
  readonly goodEnd: number;
  /** The last of them lacks its newline. */
  readonly unterminated: boolean;
  /** The newest snapshot was spoilt and an older one was used. */
  readonly usedOlder: boolean;
  /** Nothing vouches for it but itself: it has no mark. */
  readonly unmarked: boolean;
}

export interface DamagedJournal {
  readonly kind: 'damaged';
  readonly snapshot: JournalSnapshot | null;
  readonly events: readonly ScannedEvent[];
  /** Whole records behind the damage. */
  readonly later: readonly ScannedEvent[];
  readonly lastSeq: number;
  readonly line: number;
  /** A clause. */
  readonly why: string;
  readonly mark: Mark | null;
}

/** Reads what is in a state folder. Throws a `CmError` (exit 3) where a file cannot be read. */
export function readStore(dir: string): StoreBytes {
  // First: the journal that is read after it has to reach at least to it.
  const mark = readMark(dir);
  const endBefore = readEnd(dir);
  const journal = readBytes(path.join(dir, names.journal));
  const old = readOldFiles(dir);
  // In the middle of a change of files, as they were done in the old layout, the new journal stands beside its place.
  const successor = journal === null && old !== null ? readBytes(path.join(dir, names.next)) : null;
  const aside = journal === null ? findAside(dir) : null;
  const ends = [endBefore, readEnd(dir)];
  return { journal: journal ?? successor, isSuccessor: successor !== null, mark, ends, old, aside };
}

/**
 * Finds out whether it is whole, and what it says. `boot`: the name of this boot; within it the journal has to end where its writer left
 * it. Null: that is not asked.
 */
export function judgeStore(bytes: StoreBytes, migrations: Migrations, boot: string | null = null): Found {
  const { journal, mark, old, aside } = bytes;
  if (journal === null) {
    const other = aside ?? (old === null ? null : 'a snapshot or an older journal');
    if (mark === null && other === null) return { kind: 'fresh' };
    const why = mark === null ? `${other} is there` : `${mark.seq} records were written to it`;
    return damaged(bytes, null, [], [], `${names.journal} is missing although ${why}`, 1);
  }
  const scan = scanJournal(journal, names.journal, migrations);
  const { from, id } = scan;
  const { snapshot, events, whole, usedOlder } = baseIn(scan, old, migrations);
  const spoilt = (why: string, line: number, later: readonly ScannedEvent[] = []): DamagedJournal =>
    damaged(bytes, snapshot, events, later, why, line);
  const untrusted = scan.damage?.why ?? null;
  if (from === null || untrusted !== null) {
    const line = scan.damage?.line ?? 1;
    return spoilt(`line ${line} of ${names.journal} cannot be trusted: ${untrusted}`, line, scan.later);
  }
  if (!whole) return spoilt(`records up to ${from}, after which ${names.journal} begins, are missing`, 1);
  const lastSeq = from + scan.events.length;
  const lines = scan.events.length + 2;
  const base = snapshot?.seq ?? 0;
  if (lastSeq < base) return spoilt(`${names.journal} ends at record ${lastSeq}, before the snapshot's ${base}`, lines);
  // What another journal says is nothing to build on.
  if (mark !== null && mark.id !== id) {
    return damaged(bytes, null, [], [], `${names.journal} is not the one that was written here`, 1);
  }
  if (mark !== null && mark.seq > lastSeq) {
    return spoilt(`${names.journal} ends at record ${lastSeq}, and record ${mark.seq} was written`, lines);
  }
  const written = {
    bytes: journal,
    goodEnd: scan.goodEnd,
    unterminated: scan.unterminated,
    lastSeq,
    events: scan.events,
  };
  const ours = Math.max(...bytes.ends.map(end => endOf(written, end?.id === id && end.boot === boot ? end : null)));
  if (ours < lastSeq) return foreign(bytes, { snapshot, events }, ours, lastSeq);
  const isCurrent = id !== null && old === null && !scan.torn && !scan.unterminated;
  const torn = scan.torn ? journal.subarray(scan.goodEnd) : null;
  return {
    kind: 'ok',
    id,
    place: scan.place,
    snapshot,
    events,
    lastSeq,
    isCurrent,
    isSuccessor: bytes.isSuccessor,
    torn,
    bytes: journal,
    goodEnd: scan.goodEnd,
    unterminated: scan.unterminated,
    usedOlder,
    unmarked: mark === null,
  };
}

/** Up to which record the writer's own word vouches for the file; -1: for nothing of it. */
function endOf(lines: Lines, end: End | null): number {
  return end === null ? lines.lastSeq : (writtenUpTo(lines, end.places) ?? -1);
}

/** Somebody else has written into it: what its writer vouches for is used, and what is not its own never. */
function foreign(
  bytes: StoreBytes,
  { snapshot, events }: Pick<SoundJournal, 'snapshot' | 'events'>,
  ours: number,
  lastSeq: number,
): DamagedJournal {
  if (ours < 0) return damaged(bytes, null, [], [], `${names.journal} was rewritten by another program`, 1);
  const count = lastSeq - ours;
  const what = count === 1 ? `record ${lastSeq} was` : `records ${ours + 1} to ${lastSeq} were`;
  const kept = events.filter(({ seq }) => seq <= ours);
  const why = `${what} added to ${names.journal} by another program`;
  return { ...damaged(bytes, snapshot, kept, [], why, kept.length + 2), lastSeq };
}

/** What the records of the file stand on. */
function baseIn(scan: Scan, old: OldFiles | null, migrations: Migrations) {
  const own = { snapshot: scan.snapshot, events: scan.events, usedOlder: false };
  // A file that holds its own base needs no other: what is left of the old layout was not removed yet.
  if (old === null || scan.id !== null) return { ...own, whole: scan.from === 0 || scan.snapshot !== null };
  return baseOf(old, scan, scan.from ?? 0, migrations);
}

/** The result for a journal that cannot be continued. */
export function damaged(
  { mark }: Pick<StoreBytes, 'mark'>,
  snapshot: JournalSnapshot | null,
  events: readonly ScannedEvent[],
  later: readonly ScannedEvent[],
  why: string,
  line: number,
): DamagedJournal {
  const base = snapshot?.seq ?? 0;
  return {
    kind: 'damaged',
    snapshot,
    events: events.filter(entry => entry.seq > base),
    later: later.filter(entry => entry.seq > base),
    lastSeq: Math.max(base, events.at(-1)?.seq ?? 0, later.at(-1)?.seq ?? 0, mark?.seq ?? 0),
    line,
    why,
    mark,
  };
}

/** The last record of a journal that is not damaged; 0: it has none. */
export function lastSeqOf(found: Exclude<Found, DamagedJournal>): number {
  return found.kind === 'fresh' ? 0 : found.lastSeq;
}

/** Reads until two readings agree or `accept` says yes: a writer may be in the middle of a record while we read. */
export async function readStable<T>(
  dir: string,
  judge: (bytes: StoreBytes) => T,
  accept: (value: T) => boolean,
): Promise<T> {
  let bytes = readStore(dir);
  for (let tries = 0; ; tries++) {
    const value = judge(bytes);
    if (accept(value) || tries === 20) return value;
    await new Promise(resolve => setImmediate(resolve));
    const again = readStore(dir);
    if (sameBytes(bytes, again)) return value;
    bytes = again;
  }
}

function sameBytes(left: StoreBytes, right: StoreBytes): boolean {
  const all = ({ journal, old }: StoreBytes): (Buffer | null)[] => [journal, ...Object.values(old ?? {})];
  const others = all(right);
  return (
    left.mark?.seq === right.mark?.seq &&
    others.length === all(left).length &&
    all(left).every((one, at) => (one === null ? others[at] === null : one.equals(others[at] ?? Buffer.alloc(0))))
  );
}

function findAside(dir: string): string | null {
  let found: readonly string[];
  try {
    found = fs.readdirSync(dir);
  } catch {
    // Without a folder there is none; one that cannot be read does not let the journal be read either.
    return null;
  }
  return found.find(name => name.startsWith(`${names.journal}.damaged-`)) ?? null;
}
