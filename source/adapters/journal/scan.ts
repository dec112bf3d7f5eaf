import { CmError } from '../../domain/errors.ts';
import { sanitizeLine } from '../../domain/text/sanitize.ts';
import type { CoordinatorEvent } from '../../ports/events.ts';
import type { JournalSnapshot } from '../../ports/journal.ts';
import { isKnownType } from './known-types.ts';
import { decodeLine, headerType, type Migrations, type RawRecord, recordVersion, snapshotType } from './record.ts';

/** One event of a journal file. */
export interface ScannedEvent {
  readonly seq: number;
  readonly event: CoordinatorEvent;
  /** Its bytes as they stand in the file; the newline may be missing from the last. */
  readonly line: Buffer;
}

/** What the bytes of one journal file hold. */
export interface Scan {
  /** Sequence number of the record before the file's first; null if the first line is not a complete header. */
  readonly from: number | null;
  /** The journal's own id; null where its header has none, as in those of before there were ids. */
  readonly id: string | null;
  /** The repository that it was begun for; null where its header does not say. */
  readonly place: string | null;
  /** The fold of all records up to `from`, where the journal was compacted. */
  readonly snapshot: JournalSnapshot | null;
  readonly events: readonly ScannedEvent[];
  /** Offset after the last line that can be trusted. */
  readonly goodEnd: number;
  /** The last trusted line lacks only its newline. */
  readonly unterminated: boolean;
  /** Bytes after `goodEnd` that a write cut short can have left there. */
  readonly torn: boolean;
  /** The first thing that no interrupted write explains; 1-based line. */
  readonly damage: { readonly line: number; readonly why: string } | null;
  /** Events of whole records after the damage; something is missing before them. Empty without damage. */
  readonly later: readonly ScannedEvent[];
}

const newline = 0x0a;
/** Blocks that never reached the disk read as zeros; a single zero may also be a flipped bit. */
const hole = Buffer.alloc(8);

/**
 * Reads a journal file. A bad stretch at the end counts as torn only where an interrupted write explains it: no newline in it, or a
 * hole of zeros, and no whole record after it. Everything else is damage. Throws a `CmError` (exit 3) for records of another version.
 */
export function scanJournal(bytes: Buffer, fileName: string, migrations: Migrations): Scan {
  const events: ScannedEvent[] = [];
  let header: Header | null = null;
  let snapshot: JournalSnapshot | null = null;
  let lines = 0;
  let goodEnd = 0;
  let unterminated = false;
  let why: string | null = bytes.length === 0 ? 'the file is empty' : null;
  let torn = false;
  while (why === null && !torn && goodEnd < bytes.length) {
    const { content, end, whole } = lineAt(bytes, goodEnd);
    const expected = header === null ? null : header.seq + events.length + 1;
    const found = judgeLine(content, expected, fileName, migrations);
    if (found.kind === 'bad') {
      torn = header !== null && found.unreadable && couldBeTorn(bytes.subarray(goodEnd), migrations);
      why = torn ? null : found.why;
      break;
    }
    if (found.kind === 'header') header = found;
    else if (found.kind === 'event')
      events.push({ seq: found.seq, event: found.event, line: bytes.subarray(goodEnd, end) });
    else if (lines === 1) snapshot = found.snapshot;
    else why = 'a snapshot is in the middle';
    if (why !== null) break;
    goodEnd = end;
    unterminated = !whole;
    lines++;
  }
  const damage = why === null ? null : { line: lines + 1, why };
  const from = header?.seq ?? null;
  const known = from === null ? -1 : from + events.length;
  const later = damage === null ? [] : salvage(bytes, goodEnd, known, fileName, migrations);
  const { id = null, place = null } = header ?? {};
  return { from, id, place, snapshot, events, goodEnd, unterminated, torn, damage, later };
}

/** Reads on behind a damage: every record with a right checksum and a number above the one before it. */
function salvage(
  bytes: Buffer,
  from: number,
  after: number,
  fileName: string,
  migrations: Migrations,
): readonly ScannedEvent[] {
  const found: ScannedEvent[] = [];
  for (let start = from; start < bytes.length; ) {
    const { content, end } = lineAt(bytes, start);
    const line = bytes.subarray(start, end);
    start = end;
    const decoded = decodeLine(content, migrations);
    if (decoded.kind !== 'record') continue;
    const { record } = decoded;
    if (record.seq <= (found.at(-1)?.seq ?? after) || !isKnownType(record.type)) continue;
    const event = toEvent(record, fileName);
    if (event !== null) found.push({ seq: record.seq, event, line });
  }
  return found;
}

interface Header {
  readonly kind: 'header';
  readonly seq: number;
  readonly id: string | null;
  readonly place: string | null;
}

type Judged =
  | Header
  | { readonly kind: 'snapshot'; readonly snapshot: JournalSnapshot }
  | { readonly kind: 'event'; readonly seq: number; readonly event: CoordinatorEvent }
  /** `unreadable`: not even its checksum is right, as after an interrupted write. */
  | { readonly kind: 'bad'; readonly why: string; readonly unreadable: boolean };

/** `expected`: the sequence number that has to stand here; null: the file's header has to. */
function judgeLine(content: Buffer, expected: number | null, fileName: string, migrations: Migrations): Judged {
  const decoded = decodeLine(content, migrations);
  switch (decoded.kind) {
    case 'version':
      throw foreignVersion(fileName, `version ${decoded.version}`);
    case 'bad':
      return { kind: 'bad', why: decoded.why, unreadable: true };
    case 'record':
      break;
  }
  const { record } = decoded;
  const bad = (why: string): Judged => ({ kind: 'bad', why, unreadable: false });
  if (expected === null) {
    if (record.type !== headerType) return bad('it is not the header of a journal');
    return { kind: 'header', seq: record.seq, id: textIn(record.data, 'id'), place: textIn(record.data, 'place') };
  }
  // Folded into it are the records before the file's first.
  if (record.type === snapshotType && record.seq === expected - 1) {
    return { kind: 'snapshot', snapshot: { seq: record.seq, state: record.data } };
  }
  if (record.seq !== expected) return bad(`record ${record.seq} is where record ${expected} should be`);
  const event = toEvent(record, fileName);
  return event === null ? bad('its event has no time') : { kind: 'event', seq: record.seq, event };
}

function textIn(data: unknown, field: string): string | null {
  const value =
    typeof data === 'object' && data !== null ? Object.entries(data).find(([name]) => name === field) : null;
  return typeof value?.[1] === 'string' ? value[1] : null;
}

function lineAt(
  bytes: Buffer,
  start: number,
): { readonly content: Buffer; readonly end: number; readonly whole: boolean } {
  const stop = bytes.indexOf(newline, start);
  return stop === -1
    ? { content: bytes.subarray(start), end: bytes.length, whole: false }
    : { content: bytes.subarray(start, stop), end: stop + 1, whole: true };
}

function couldBeTorn(rest: Buffer, migrations: Migrations): boolean {
  if (rest.includes(newline) && !rest.includes(hole)) return false;
  for (let start = lineAt(rest, 0).end; start < rest.length; ) {
    const { content, end } = lineAt(rest, start);
    if (decodeLine(content, migrations).kind !== 'bad') return false;
    start = end;
  }
  return true;
}

/**
 * The checksum says that the record was written as it stands, so a type that is not known comes from a newer program. Folding
 * without it would forget something, and calling it damage would offer a recovery that destroys it: it is refused like a newer version.
 */
function toEvent(record: RawRecord, fileName: string): CoordinatorEvent | null {
  if (!isKnownType(record.type)) {
    throw foreignVersion(fileName, `records of the type ${JSON.stringify(sanitizeLine(record.type, 60))}`);
  }
  const data = record.data;
  if (typeof data !== 'object' || data === null || !('at' in data) || typeof data.at !== 'number') return null;
  // The fields beyond `at` were checked by the compiler of the program that wrote them, and by the checksum since.
  return { ...data, type: record.type } as CoordinatorEvent;
}

/** The refusal of a file of another version (exit 3). */
export function foreignVersion(fileName: string, what: string): CmError {
  return new CmError(
    `${sanitizeLine(fileName)} contains ${what}, but this cm-tui reads only version ${recordVersion}: use the version that wrote it.`,
    3,
  );
}
