/**
 * The one way in which files that others could have put there are read: the state folder, the ROADMAP, settings, prompts, logs, git's own
 * files. Opening never waits (a pipe without a writer would for ever), a link is followed only where that was asked for, and whatever is
 * not a regular file of a sensible size is refused in one sentence.
 */
import fs, { type Stats } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { CmError, messageOf } from '../domain/errors.ts';
import { escapePath, sanitizeLine } from '../domain/text/sanitize.ts';

const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK, O_NOCTTY, O_WRONLY, O_CREAT, O_EXCL } = fs.constants;

const mebibyte = 1024 * 1024;
/** Notes, records of a run and the like are far below this. */
const usualLimit = 16 * mebibyte;

export interface ReadOptions {
  /** A longer file is refused; in bytes, 16 MiB unless given. */
  readonly most?: number;
  /** Read what a symbolic link leads to. Off: the link is refused. */
  readonly followLinks?: boolean;
}

/** What stands there is no regular file, or is too large to be what it should be (exit 3). */
export class OddFileError extends CmError {
  override readonly name: string = 'OddFileError';

  constructor(path: string, why: string, options?: { cause?: unknown }) {
    super(`${escapePath(path)} ${why}.`, 3, options);
  }
}

/** The bytes of a file; null where there is none. Throws an `OddFileError` for all else that cannot be read. */
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

/** Opens a file for reading; null where there is none. Throws an `OddFileError` for all else that cannot be opened. */
export function openRegular(path: string, { followLinks = false }: ReadOptions = {}): number | null {
  try {
    // Asked first: merely opening a device may do something.
    assertRegular(path, followLinks ? fs.statSync(path) : fs.lstatSync(path));
    const fd = fs.openSync(path, readingFlags(followLinks));
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
export async function openRegularHandle(path: string, { followLinks = false }: ReadOptions = {}): Promise<FileHandle> {
  try {
    assertRegular(path, followLinks ? fs.statSync(path) : fs.lstatSync(path));
    const file = await open(path, readingFlags(followLinks));
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
  fs.rmSync(path, { force: true });
  return fs.openSync(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
}

/** Writes a whole file anew, as `createFresh` makes it. */
export function writeFresh(path: string, content: string | Buffer): void {
  const fd = createFresh(path);
  try {
    fs.writeFileSync(fd, content);
  } finally {
    fs.closeSync(fd);
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

function readingFlags(followLinks: boolean): number {
  return O_RDONLY | O_NONBLOCK | O_NOCTTY | (followLinks ? 0 : O_NOFOLLOW);
}

function assertRegular(path: string, stats: Stats): void {
  if (!stats.isFile()) throw new OddFileError(path, `is ${kindOf(stats)}, not a regular file: move it away`);
}

/** As much as the file held when it was opened: one that grows all the time has an end too. */
function readAll(fd: number, path: string, most: number): Buffer {
  const { size } = fs.fstatSync(fd);
  if (size > most) {
    throw new OddFileError(
      path,
      `is ${inMebibytes(size)}, and ${inMebibytes(most)} is the most it may be: move it away`,
    );
  }
  const bytes = Buffer.allocUnsafe(size);
  let length = 0;
  while (length < size) {
    const read = fs.readSync(fd, bytes, length, size - length, length);
    if (read === 0) break;
    length += read;
  }
  return bytes.subarray(0, length);
}

function inMebibytes(size: number): string {
  return `${Math.max(0.1, size / mebibyte).toLocaleString('en-US', { maximumFractionDigits: 1 })} MiB`;
}

function kindOf(stats: Stats): string {
  if (stats.isDirectory()) return 'a folder';
  if (stats.isFIFO()) return 'a named pipe';
  if (stats.isSocket()) return 'a socket';
  if (stats.isSymbolicLink()) return 'a symbolic link';
  return 'a device';
}

function refusal(path: string, cause: unknown): CmError {
  if (cause instanceof CmError) return cause;
  if (codeOf(cause) === 'ELOOP')
    return new OddFileError(path, 'is a symbolic link, not a regular file: move it away', { cause });
  const reason = sanitizeLine(messageOf(cause), 300);
  return new OddFileError(path, `cannot be read (${reason}): fix its permissions or move it away`, { cause });
}
