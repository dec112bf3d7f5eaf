import type { Stats } from 'node:fs';
import { type FileHandle, stat } from 'node:fs/promises';
import { isMissing, openRegularHandle } from '../regular-file.ts';
import { rotatedPath, rotateLog } from './rotate.ts';

/**
 * How a log relates to the one before: it is the `first`; it was emptied or replaced, so that everything in it is new (`anew`); or its
 * beginning was moved aside and is read, and this one continues where that ended (`continued`).
 */
type Beginning = 'first' | 'anew' | 'continued';

/** What a look at a log finds. Size in bytes, times in milliseconds since 1970. */
export interface LogState extends Pick<Stats, 'size' | 'mtimeMs' | 'birthtimeMs'> {
  /** Reading starts at the beginning of a log; null: it continues. */
  readonly begins: Beginning | null;
}

/**
 * Reads one append-only log by offset, as it grows. A log that grows long is copied to `.1` and emptied; what was not read by then is
 * read from there. Survives its truncation and its replacement by another file.
 */
export class LogTail {
  /** Where the next read begins, in what is being read. */
  offset = 0;
  readonly #path: string;
  #file: FileHandle | null = null;
  #inode = 0;
  #begins: Beginning = 'first';
  /** What is being read is the part that was moved aside. */
  #inOldPart: boolean;
  /** That part, as far as it is known: it was there before the first look, or is read; 0: none. */
  #oldInode = 0;

  /** @param fromOldest begins with what was moved aside before */
  constructor(path: string, fromOldest = false) {
    this.#path = path;
    this.#inOldPart = fromOldest;
  }

  /** How far the current file reaches; null if there is no log. Throws for anything that is not a regular file. */
  async look(): Promise<LogState | null> {
    if (this.#inOldPart) {
      const part = await this.#lookAtOldPart();
      if (part !== null) return stateOf(part, null);
    }
    const log = await statOf(this.#path);
    if (log === null) return null;
    if (log.ino !== this.#inode) return this.#open(log);
    // Asked whatever the size: the log may have grown as long again.
    if ((await inodeOf(rotatedPath(this.#path))) !== this.#oldInode) {
      await this.#enterOldPart();
      return this.look();
    }
    if (log.size >= this.offset) return stateOf(log, null);
    this.offset = 0;
    return stateOf(log, 'anew');
  }

  /** The next bytes up to `end`, at most as many as `buffer` holds, which they lie in. */
  async read(buffer: Buffer, end: number): Promise<Buffer> {
    const length = Math.min(buffer.length, end - this.offset);
    if (this.#file === null || length <= 0) return buffer.subarray(0, 0);
    const { bytesRead } = await this.#file.read(buffer, 0, length, this.offset);
    return buffer.subarray(0, bytesRead);
  }

  /** True when something happened to the log since the last look. Never throws. */
  async hasNews(): Promise<boolean> {
    const log = await statOf(this.#path);
    return log !== null && (log.ino !== this.#inode || log.size !== this.offset);
  }

  /** Moves the log aside when more than `above` bytes of it are read; true if it was. */
  async rotate(above: number): Promise<boolean> {
    if (this.#inOldPart || this.#file === null || this.offset <= above) return false;
    if ((await rotateLog(this.#path, above)) === null) return false;
    await this.#enterOldPart();
    return true;
  }

  async close(): Promise<void> {
    const file = this.#file;
    this.#file = null;
    this.#inode = 0;
    await file?.close();
  }

  async #open(log: Stats): Promise<LogState | null> {
    await this.close();
    this.#file = await openOrNull(this.#path);
    if (this.#file === null) return null;
    const begins = this.#begins;
    this.#begins = 'anew';
    if (begins === 'first') this.#oldInode = await inodeOf(rotatedPath(this.#path));
    this.#inode = log.ino;
    this.offset = 0;
    return stateOf(log, begins);
  }

  async #enterOldPart(): Promise<void> {
    await this.close();
    this.#inOldPart = true;
    // At once: a second move would replace it.
    this.#file = await openOrNull(rotatedPath(this.#path));
  }

  /** Null where all of it is read, or there is none. */
  async #lookAtOldPart(): Promise<Stats | null> {
    this.#file ??= await openOrNull(rotatedPath(this.#path));
    const part = (await this.#file?.stat()) ?? null;
    if (part !== null && part.size > this.offset) return part;
    await this.close();
    this.offset = 0;
    if (part !== null) {
      this.#begins = 'continued';
      this.#oldInode = part.ino;
      // Another one was moved aside meanwhile.
      if ((await inodeOf(rotatedPath(this.#path))) !== part.ino) return this.#lookAtOldPart();
    }
    this.#inOldPart = false;
    return null;
  }
}

function stateOf({ size, mtimeMs, birthtimeMs }: Stats, begins: Beginning | null): LogState {
  return { size, mtimeMs, birthtimeMs, begins };
}

function statOf(path: string): Promise<Stats | null> {
  return stat(path).catch(() => null);
}

async function inodeOf(path: string): Promise<number> {
  return (await statOf(path))?.ino ?? 0;
}

async function openOrNull(path: string): Promise<FileHandle | null> {
  try {
    return await openRegularHandle(path);
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}
