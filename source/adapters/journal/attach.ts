import fs from 'node:fs';
import path from 'node:path';
import { failpoint } from '../failpoint.ts';
import { type Chain, readStore, type StoreBytes } from './chain.ts';
import { asideName, names, openForAppend, syncFolder, writeAll, writeDurably } from './files.ts';

/** A journal file that is open for appending. */
export interface Attached {
  readonly fd: number;
  /** Bytes up to the end of the last whole record. */
  readonly size: number;
  /** Name of the file that now holds a torn tail, or null. */
  readonly aside: string | null;
}

export interface AttachOptions {
  readonly dir: string;
  readonly now: number;
  /** Records after this one were refused when they were written and are cut off; null: keep all. */
  readonly keepUntil: number | null;
  /** The kernel failed to sync the file: what it still shows may never reach the disk, so a new file takes its place. */
  readonly rewrite: boolean;
}

/** Makes the state folder, private to its user. */
export function makeFolder(dir: string): void {
  fs.mkdirSync(dir, { recursive: true, mode: 0o700 });
  if ((fs.statSync(dir).mode & 0o077) !== 0) fs.chmodSync(dir, 0o700);
}

/** Makes an empty journal out of its header line; it is there whole or not at all. */
export function createJournalFile(dir: string, header: Buffer): Attached {
  failpoint('journal.create');
  makeFolder(dir);
  writeDurably(path.join(dir, names.nextJournal), header);
  takePlace(dir);
  return { fd: openForAppend(path.join(dir, names.journal)), size: header.length, aside: null };
}

/** Mends what an interrupted write or rotation left at the journal's end and opens it; throws the system's error where it cannot. */
export function attach(chain: Extract<Chain, { kind: 'ok' }>, bytes: StoreBytes, options: AttachOptions): Attached {
  failpoint('journal.open');
  const { dir, now, keepUntil, rewrite } = options;
  const content = bytes[chain.file] ?? Buffer.alloc(0);
  const file = path.join(dir, names.journal);
  if (chain.file === 'nextJournal') takePlace(dir);

  const { scan } = chain;
  const refused = keepUntil !== null && chain.lastSeq > keepUntil;
  const keptEnd = refused ? (scan.events.find(entry => entry.seq === keepUntil)?.end ?? scan.headerEnd) : scan.goodEnd;
  const addNewline = scan.unterminated && keptEnd === scan.goodEnd;
  const aside = scan.torn && !refused ? setAside(file, content.subarray(scan.goodEnd), now) : null;
  const size = keptEnd + (addNewline ? 1 : 0);
  if (rewrite) {
    const kept = content.subarray(0, keptEnd);
    writeDurably(path.join(dir, names.nextJournal), addNewline ? Buffer.concat([kept, Buffer.from('\n')]) : kept);
    failpoint('journal.rewrite.written');
    takePlace(dir);
    return { fd: openForAppend(file), size, aside };
  }
  const fd = openForAppend(file);
  try {
    if (keptEnd < content.length) fs.ftruncateSync(fd, keptEnd);
    if (addNewline) writeAll(fd, Buffer.from('\n'));
    if (size !== content.length) fs.fdatasyncSync(fd);
  } catch (error) {
    fs.closeSync(fd);
    throw error;
  }
  return { fd, size, aside };
}

/** Puts the new journal in the journal's place. */
export function takePlace(dir: string): void {
  fs.renameSync(path.join(dir, names.nextJournal), path.join(dir, names.journal));
  syncFolder(dir);
}

function setAside(file: string, bytes: Buffer, now: number): string {
  const name = asideName(file, 'corrupt', now);
  writeDurably(name, bytes, { exclusive: true });
  syncFolder(path.dirname(file));
  failpoint('journal.aside.written');
  return path.basename(name);
}

/** Reads the folder until two readings agree or `accept` says yes: a writer may rotate its files while we read them. */
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
  const key = (bytes: StoreBytes): (Buffer | null)[] => Object.values(bytes);
  return key(left).every((content, index) => {
    const other = key(right)[index] ?? null;
    return content === null || other === null ? content === other : content.equals(other);
  });
}
