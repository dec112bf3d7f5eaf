import { constants, fstatSync, ftruncateSync, readSync, writeSync } from 'node:fs';
import { copyFile, type FileHandle, open, rename, rm } from 'node:fs/promises';

const chunkSize = 64 * 1024;
/** Rounds of catching up with a writer before it is left for another time. */
const mostRounds = 1000;

/** Where the older part of a log is kept. */
export function rotatedPath(path: string): string {
  return `${path}.1`;
}

/**
 * Moves a log that is longer than `above` bytes to `.1` (replacing the one before) by copying and truncating: its writer keeps the file
 * open for appending and goes on at the new end.
 * @returns the length of `.1`, null when nothing was done: it is short enough, or its writer was faster than the copy
 */
export async function rotateLog(path: string, above: number): Promise<number | null> {
  const file = await open(path, constants.O_RDWR | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const now = await file.stat();
    if (!now.isFile() || now.size <= above) return null;
    return await copyAndTruncate(file, path);
  } finally {
    await file.close();
  }
}

async function copyAndTruncate(file: FileHandle, path: string): Promise<number | null> {
  const temporary = `${rotatedPath(path)}.tmp`;
  await rm(temporary, { force: true });
  await copyFile(path, temporary, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
  const copy = await open(temporary, constants.O_RDWR | constants.O_NOFOLLOW);
  try {
    const length = truncateWhenEqual(file.fd, copy.fd);
    if (length === null) await rm(temporary, { force: true });
    else await rename(temporary, rotatedPath(path));
    return length;
  } finally {
    await copy.close();
  }
}

/**
 * Appends to the copy what was written meanwhile, and empties the log at a moment when nothing is missing. Synchronous, so that
 * between the last comparison and the truncation lie a few microseconds: a line written just then is lost, which copying and
 * truncating cannot avoid.
 */
function truncateWhenEqual(file: number, copy: number): number | null {
  const buffer = Buffer.allocUnsafe(chunkSize);
  let length = fstatSync(copy).size;
  for (let round = 0; round < mostRounds; round++) {
    if (fstatSync(file).size === length) {
      ftruncateSync(file, 0);
      return length;
    }
    const read = readSync(file, buffer, 0, chunkSize, length);
    length += writeSync(copy, buffer, 0, read, length);
  }
  return null;
}
