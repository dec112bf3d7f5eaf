import fs from 'node:fs';
import path from 'node:path';
import { CmError, messageOf } from '../../domain/errors.ts';
import { escapePath, sanitizeLine } from '../../domain/text/sanitize.ts';

/** Names in the state folder. `next` is a new journal that waits to take its place; `prev` files are one snapshot older. */
export const names = {
  journal: 'journal.jsonl',
  previousJournal: 'journal.prev.jsonl',
  nextJournal: 'journal.jsonl.new',
  snapshot: 'snapshot.json',
  previousSnapshot: 'snapshot.prev.json',
  nextSnapshot: 'snapshot.json.new',
} as const;

const { O_RDONLY, O_WRONLY, O_CREAT, O_TRUNC, O_EXCL, O_APPEND, O_NOFOLLOW } = fs.constants;

/** The bytes of a file, or null when there is none. Symbolic links and anything but a regular file are refused. */
export function readBytes(file: string): Buffer | null {
  let fd: number;
  try {
    fd = fs.openSync(file, O_RDONLY | O_NOFOLLOW);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null;
    throw unreadable(file, error);
  }
  try {
    if (!fs.fstatSync(fd).isFile()) throw unreadable(file, new Error('it is not a regular file'));
    return fs.readFileSync(fd);
  } finally {
    fs.closeSync(fd);
  }
}

/** Writes a new file (mode 0600) and returns when its bytes are on disk; its name is only after `syncFolder`. */
export function writeDurably(file: string, bytes: Buffer, options: { readonly exclusive?: boolean } = {}): void {
  const fd = fs.openSync(file, O_WRONLY | O_CREAT | O_NOFOLLOW | (options.exclusive ? O_EXCL : O_TRUNC), 0o600);
  try {
    writeAll(fd, bytes);
    fs.fsyncSync(fd);
  } finally {
    fs.closeSync(fd);
  }
}

/** Opens an existing file for appending. */
export function openForAppend(file: string): number {
  return fs.openSync(file, O_WRONLY | O_APPEND | O_NOFOLLOW);
}

/** Writes all bytes; a full disk first writes a part of them and fails on the next call, which is what ends this loop. */
export function writeAll(fd: number, bytes: Buffer): void {
  for (let done = 0; done < bytes.length; ) done += fs.writeSync(fd, bytes, done);
}

/** Makes the names of a folder durable: new files and renames. */
export function syncFolder(dir: string): void {
  const fd = fs.openSync(dir, O_RDONLY);
  try {
    fs.fsyncSync(fd);
  } finally {
    fs.closeSync(fd);
  }
}

export function exists(file: string): boolean {
  return fs.lstatSync(file, { throwIfNoEntry: false }) !== undefined;
}

/** A name beside `file` that is free: `<file>.<label>-<time>`, with a number where that is taken. */
export function asideName(file: string, label: string, now: number): string {
  const stamp = new Date(now).toISOString().replaceAll(':', '-');
  for (let count = 1; ; count++) {
    const name = `${file}.${label}-${stamp}${count === 1 ? '' : `-${count}`}`;
    if (!exists(name)) return name;
  }
}

/** The system's code of a failed call (`ENOSPC`), or null. */
export function codeOf(error: unknown): string | null {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : null;
}

/** What a failed call says, in one harmless line. */
export function reasonOf(error: unknown): string {
  return sanitizeLine(messageOf(error), 300);
}

function unreadable(file: string, cause: unknown): CmError {
  const parts = `${escapePath(path.basename(file))} in ${escapePath(path.dirname(file))}`;
  return new CmError(`${parts} cannot be read (${reasonOf(cause)}): mend its permissions or move it away.`, 3, {
    cause,
  });
}
