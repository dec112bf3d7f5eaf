import fs from 'node:fs';
import path from 'node:path';
import { messageOf } from '../../domain/errors.ts';
import { sanitizeLine } from '../../domain/text/sanitize.ts';
import { failpoint } from '../failpoint.ts';
import { readRegular, syncFolder, writeDurably } from '../regular-file.ts';

/**
 * Names in the state folder. `next` is a new journal that is to take the journal's place, `mark` the end that it had at least, `end`
 * where its writer has left it.
 */
export const names = {
  journal: 'journal.jsonl',
  next: 'journal.jsonl.new',
  mark: 'journal.mark',
  end: 'journal.end',
} as const;

const { O_WRONLY, O_APPEND, O_NOFOLLOW, O_NONBLOCK } = fs.constants;

/** A journal is compacted every 500 records; a larger file was not written by cm-tui. */
const mostBytes = 256 * 1024 * 1024;

/** The bytes of a file, or null where there is none. Links, pipes, devices, folders and absurd sizes are refused (exit 3). */
export function readBytes(file: string): Buffer | null {
  return readRegular(file, { most: mostBytes });
}

/** Makes the state folder, private to its user. */
export function makeFolder(dir: string): void {
  fs.mkdirSync(dir, { recursive: true, mode: 0o700 });
  if ((fs.statSync(dir).mode & 0o077) !== 0) fs.chmodSync(dir, 0o700);
}

/**
 * Puts a whole journal in the journal's place: written and synced beside it, then one rename. Whenever the program dies, one of the two
 * is there whole. Throws the system's error; until the rename the journal is as it was.
 */
export function replaceJournal(dir: string, bytes: Buffer): void {
  const next = path.join(dir, names.next);
  failpoint('journal.replace.before');
  try {
    writeDurably(next, bytes);
    failpoint('journal.replace.written');
    fs.renameSync(next, path.join(dir, names.journal));
  } catch (error) {
    fs.rmSync(next, { force: true });
    throw error;
  }
  failpoint('journal.replace.renamed');
  syncFolder(dir);
  failpoint('journal.replace.done');
}

/** Puts a new journal that stands beside the empty place of the journal there. */
export function takePlace(dir: string): void {
  fs.renameSync(path.join(dir, names.next), path.join(dir, names.journal));
  syncFolder(dir);
}

/** Opens an existing file for appending; a pipe is not waited for. */
export function openForAppend(file: string): number {
  const fd = fs.openSync(file, O_WRONLY | O_APPEND | O_NOFOLLOW | O_NONBLOCK);
  if (fs.fstatSync(fd).isFile()) return fd;
  fs.closeSync(fd);
  throw new Error(`${path.basename(file)} is not a regular file`);
}

/** Writes all bytes; a full disk first writes a part of them and fails on the next call, which is what ends this loop. */
export function writeAll(fd: number, bytes: Buffer): void {
  for (let done = 0; done < bytes.length; ) done += fs.writeSync(fd, bytes, done);
}

export function exists(file: string): boolean {
  return fs.lstatSync(file, { throwIfNoEntry: false }) !== undefined;
}

/** The inode of the journal; null where there is none. */
export function inodeOf(dir: string): number | null {
  return fs.lstatSync(path.join(dir, names.journal), { throwIfNoEntry: false })?.ino ?? null;
}

/** A name beside `file` that is free: `<file>.<label>-<time>`, with a number where that is taken. */
export function asideName(file: string, label: string, now: number): string {
  const stamp = new Date(now).toISOString().replaceAll(':', '-');
  for (let count = 1; ; count++) {
    const name = `${file}.${label}-${stamp}${count === 1 ? '' : `-${count}`}`;
    if (!exists(name)) return name;
  }
}

/** What a failed call says, in one line that is safe to show. */
export function reasonOf(error: unknown): string {
  return sanitizeLine(messageOf(error), 300);
}
