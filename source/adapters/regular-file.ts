/**
 * The one way in which files that others could have put there are read: the state folder, the ROADMAP, settings, prompts, logs, git's own
 * files. Opening never waits (a pipe without a writer would for ever), a link is followed only where that was asked for, and whatever is
 * not a regular file of a sensible size is refused in one sentence.
 */
import fs, { type BigIntStats, type Stats } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { CmError, messageOf } from '../domain/errors.ts';
import { escapePath, sanitizeLine } from '../domain/text/sanitize.ts';

const { O_RDONLY, O_RDWR, O_NOFOLLOW, O_NONBLOCK, O_NOCTTY, O_WRONLY, O_CREAT, O_EXCL } = fs.constants;

const mebibyte = 1024 * 1024;
/** Notes, records of a run and the like are far below this. */
const usualLimit = 16 * mebibyte;

export interface ReadOptions {
  /** A longer file is refused; in bytes, 16 MiB unless given. */
  readonly most?: number;
  /** Read what a symbolic link leads to. Off: the link is refused. */
  readonly followLinks?: boolean;
}

/** How to open: to read, or to read and write what is there. */
export interface OpenOptions extends Pick<ReadOptions, 'followLinks'> {
  readonly update?: boolean;
}

/** What stands there is no regular file, or is too large to be what it should be (exit 3). */
export class OddFileError extends CmError {
  override readonly name: string = 'OddFileError';

  /** @param why a clause that follows the path */
  constructor(
    path: string,
    readonly why: string,
    options?: { cause?: unknown },
  ) {
    super(`${escapePath(path)} ${why}.`, 3, options);
  }
}

/**
 * The bytes of a file; null if there is none. Throws a `CmError` (exit 3) for anything else: an `OddFileError` for what is not such a file.
 */
export function readRegular(path: string, options: ReadOptions = {}): Buffer | null {
  const fd = openRegular(path, options);
  if (fd === null) return null;
  try {
    return readAll(fd, path, options.most ?? usualLimit);
  } finally {
    fs.closeSync(fd);
  }
}

/** As `readRegular`, as text of UTF-8. */
export function readRegularText(path: string, options: ReadOptions = {}): string | null {
  return readRegular(path, options)?.toString('utf8') ?? null;
}

export interface StatsReadOptions {
  /** A longer file is not read; in bytes. */
  readonly most: number;
  /** The listing of its folder has just said that it is a regular file, so that it may be opened without being looked at first. */
  readonly isFile?: boolean;
  /** Memory for the bytes of a file that fits, used again by whoever passes it the next time. */
  readonly into?: Buffer;
}

/**
 * The bytes of a file and the state it had when it was opened, in as few calls as possible; null if there is none, and no bytes of one that
 * is longer than `most`. Throws as `readRegular` does.
 */
export function readRegularWithStats(
  path: string,
  { most, isFile = false, into }: StatsReadOptions,
): { readonly bytes: Buffer | null; readonly stats: BigIntStats } | null {
  try {
    // Asked first: merely opening a device may do something.
    if (!isFile) assertRegular(path, fs.lstatSync(path));
    const fd = fs.openSync(path, flagsOf(false, false));
    try {
      const stats = fs.fstatSync(fd, { bigint: true });
      assertRegular(path, stats);
      const size = Number(stats.size);
      return { bytes: size > most ? null : readBytes(fd, size, into), stats };
    } finally {
      fs.closeSync(fd);
    }
  } catch (error) {
    if (isMissing(error)) return null;
    throw refusal(path, error);
  }
}

/** Opens a file; null where there is none. Throws as `readRegular` does. */
export function openRegular(path: string, { followLinks = false, update = false }: OpenOptions = {}): number | null {
  try {
    // Asked first: merely opening a device may do something.
    assertRegular(path, followLinks ? fs.statSync(path) : fs.lstatSync(path));
    const fd = fs.openSync(path, flagsOf(followLinks, update));
    try {
      assertRegular(path, fs.fstatSync(fd));
      return fd;
    } catch (error) {
      fs.closeSync(fd);
      throw error;
    }
  } catch (error) {
    if (isMissing(error)) return null;
    throw refusal(path, error);
  }
}

/** As `openRegular`, without holding up the others; rejects with `ENOENT` where there is none. */
export async function openRegularHandle(
  path: string,
  { followLinks = false, update = false }: OpenOptions = {},
): Promise<FileHandle> {
  try {
    assertRegular(path, followLinks ? fs.statSync(path) : fs.lstatSync(path));
    const file = await open(path, flagsOf(followLinks, update));
    try {
      assertRegular(path, await file.stat());
      return file;
    } catch (error) {
      await file.close();
      throw error;
    }
  } catch (error) {
    throw isMissing(error) ? error : refusal(path, error);
  }
}

/**
 * Makes a file that was not there, readable by its user alone, and returns it open for writing. What stands under the name is removed
 * first, a folder excepted; nothing is ever written through a link or into a pipe.
 */
export function createFresh(path: string): number {
  if (fs.lstatSync(path, { throwIfNoEntry: false })?.isDirectory() === true) {
    throw new OddFileError(path, 'is a folder, not a file: move it away');
  }
  fs.rmSync(path, { force: true });
  return fs.openSync(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
}

/** Writes a complete new file, as `createFresh` does. */
export function writeFresh(path: string, content: string | Buffer): void {
  const fd = createFresh(path);
  try {
    fs.writeFileSync(fd, content);
  } finally {
    fs.closeSync(fd);
  }
}

/** As `writeFresh`; returns when the bytes and the name are on disk. */
export function writeDurably(path: string, content: string | Buffer): void {
  const fd = createFresh(path);
  try {
    fs.writeFileSync(fd, content);
    fs.fsyncSync(fd);
  } finally {
    fs.closeSync(fd);
  }
  syncFolder(dirname(path));
}

/** Puts files, and names in folders, on disk, several at a time. What is a link, or not there any more, is passed over. */
export async function syncAll(paths: readonly (string | Buffer)[]): Promise<void> {
  const waiting = [...paths];
  const worker = async () => {
    for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
      const file = await open(path, flagsOf(false, false)).catch((error: unknown) => {
        if (isMissing(error) || codeOf(error) === 'ELOOP') return null;
        throw error;
      });
      await file?.sync().finally(() => file.close());
    }
  };
  await Promise.all(Array.from({ length: 8 }, worker));
}

/** Copies a file of ours; returns when its bytes are on disk. Its name is not yet. */
export function copyDurably(from: string, to: string): void {
  fs.copyFileSync(from, to);
  const fd = fs.openSync(to, O_RDONLY);
  try {
    fs.fsyncSync(fd);
  } finally {
    fs.closeSync(fd);
  }
}

/** Makes the names in a folder durable: new files and renames. */
export function syncFolder(path: string): void {
  const fd = fs.openSync(path, O_RDONLY);
  try {
    fs.fsyncSync(fd);
  } finally {
    fs.closeSync(fd);
  }
}

/**
 * The names in a folder, sorted; null where there is none. Throws an `OddFileError` where something else has its name, or it cannot be
 * read: what is in it is unknown then, not nothing.
 */
export function readFolder(path: string): readonly string[] | null {
  try {
    return fs.readdirSync(path).sort();
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null;
    const stats = fs.lstatSync(path, { throwIfNoEntry: false });
    if (stats !== undefined && !stats.isDirectory())
      throw new OddFileError(path, `is ${kindOf(stats)}, not a folder: move it away`);
    throw refusal(path, error);
  }
}

/** No such file, or no such folder. */
export function isMissing(error: unknown): boolean {
  const code = codeOf(error);
  return code === 'ENOENT' || code === 'ENOTDIR';
}

/** The system's code of a failed call (`ENOSPC`), or null. */
export function codeOf(error: unknown): string | null {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : null;
}

function flagsOf(followLinks: boolean, update: boolean): number {
  return (update ? O_RDWR : O_RDONLY) | O_NONBLOCK | O_NOCTTY | (followLinks ? 0 : O_NOFOLLOW);
}

function assertRegular(path: string, stats: Stats | BigIntStats): void {
  if (!stats.isFile()) throw new OddFileError(path, `is ${kindOf(stats)}, not a regular file: move it away`);
}

/** As much as the file held when it was opened: one that grows all the time has an end too. */
function readAll(fd: number, path: string, most: number): Buffer {
  const { size } = fs.fstatSync(fd);
  if (size > most) {
    const limit = (most / mebibyte).toLocaleString('en-US', { maximumFractionDigits: 1 });
    throw new OddFileError(path, `is larger than ${limit} MiB: move it away`);
  }
  return readBytes(fd, size);
}

function readBytes(fd: number, size: number, into?: Buffer): Buffer {
  const bytes = into !== undefined && into.length >= size ? into : Buffer.allocUnsafe(size);
  let length = 0;
  while (length < size) {
    const read = fs.readSync(fd, bytes, length, size - length, length);
    if (read === 0) break;
    length += read;
  }
  return bytes.subarray(0, length);
}

function kindOf(stats: Stats | BigIntStats): string {
  if (stats.isDirectory()) return 'a folder';
  if (stats.isFIFO()) return 'a named pipe';
  if (stats.isSocket()) return 'a socket';
  if (stats.isSymbolicLink()) return 'a symbolic link';
  return stats.isFile() ? 'a file' : 'a device';
}

function refusal(path: string, cause: unknown): CmError {
  if (cause instanceof CmError) return cause;
  if (codeOf(cause) === 'ELOOP')
    return new OddFileError(path, 'is a symbolic link, not a regular file: move it away', { cause });
  const reason = codeOf(cause) ?? sanitizeLine(messageOf(cause), 200);
  return new CmError(`${escapePath(path)} cannot be read (${reason}): fix its permissions, then try again.`, 3, {
    cause,
  });
}
