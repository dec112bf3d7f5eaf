import { closeSync, fstatSync, ftruncateSync, readSync, renameSync, rmSync, writeSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { createFresh, openRegularHandle } from '../regular-file.ts';

const chunkSize = 64 * 1024;
/** Rounds of catching up with a writer before it is left for another time. */
const mostRounds = 1000;

/** Where the older part of a log is kept. */
export function rotatedPath(path: string): string {
  return `${path}.1`;
}

/**
 * Moves a log that is longer than `above` bytes to `.1` (replacing the one before) by copying and truncating: its writer keeps the file
 * open for appending and continues at the new end.
 * @returns the length of `.1`, null if nothing was done: it is short enough, or its writer was faster than the copy
 */
export async function rotateLog(path: string, above: number): Promise<number | null> {
  const file = await openRegularHandle(path, { update: true });
  try {
    if ((await file.stat()).size <= above) return null;
    return await copyAndTruncate(file, path);
  } finally {
    await file.close();
  }
}

async function copyAndTruncate(file: FileHandle, path: string): Promise<number | null> {
  const temporary = `${rotatedPath(path)}.tmp`;
  const copy = createFresh(temporary);
  try {
    const length = truncateWhenEqual(file.fd, copy, await copyMost(file, copy));
    // At once: whoever finds the log emptied reads on in the part that was moved aside.
    if (length !== null) renameSync(temporary, rotatedPath(path));
    else rmSync(temporary, { force: true });
    return length;
  } finally {
    closeSync(copy);
  }
}

/** Copies what stands there now, and lets others have their turn. Returns how much that was. */
async function copyMost(file: FileHandle, copy: number): Promise<number> {
  const buffer = Buffer.allocUnsafe(chunkSize);
  const { size } = await file.stat();
  let length = 0;
  while (length < size) {
    const { bytesRead } = await file.read(buffer, 0, chunkSize, length);
    if (bytesRead === 0) break;
    length += writeSync(copy, buffer, 0, bytesRead, length);
  }
  return length;
}

/**
 * Appends to the copy what was written meanwhile, and empties the log at a moment when nothing is missing. Synchronous, so that
 * between the last comparison and the truncation lie a few microseconds: a line written just then is lost, which copying and
 * truncating cannot avoid.
 */
function truncateWhenEqual(file: number, copy: number, copied: number): number | null {
  const buffer = Buffer.allocUnsafe(chunkSize);
  let length = copied;
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
