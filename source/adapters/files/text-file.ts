/** Finds and reads text files that belong to a repository: regular files below its folder, never through a link that leads out. */
import { isUtf8 } from 'node:buffer';
import { type BigIntStats, closeSync, fstatSync, readSync, realpathSync } from 'node:fs';
import { lstat, realpath, stat } from 'node:fs/promises';
import { join, relative, resolve, sep } from 'node:path';
import { messageOf } from '../../domain/errors.ts';
import { escapePath, sanitizeLine } from '../../domain/text/sanitize.ts';
import { isMissing, OddFileError, openRegular, openRegularHandle } from '../regular-file.ts';

/** What tells one version of a file from another without reading it. */
export interface FileState {
  readonly device: bigint;
  readonly inode: bigint;
  readonly size: bigint;
  readonly modified: bigint;
  readonly changed: bigint;
  /** False where the file changed so shortly before it was read that a later change may show the same times. */
  readonly settled: boolean;
}

export type Located =
  | {
      readonly kind: 'file';
      readonly real: string;
      /** Relative to the repository, `/` separated; absolute for a file outside it. */
      readonly path: string;
    }
  | { readonly kind: 'absent' }
  /** A clause that follows the file's name: `is a folder; name a file`. */
  | { readonly kind: 'refused'; readonly why: string };

/** A roadmap of a thousand pages is far below this. */
const sizeLimit = 16 * 1024 * 1024;
/** Times of change are kept in ticks of some milliseconds. */
const tickMs = 50;

/**
 * Looks a file up by a path relative to `root`, or an absolute one. Does not reject. One that lies outside is refused unless the user
 * named it outright (`outside`); a link that leads out is refused always.
 */
export async function locateFile(root: string, wanted: string, outside = false): Promise<Located> {
  const named = resolve(root, wanted);
  try {
    const found = await lstat(named).catch((error: unknown) => (isMissing(error) ? null : Promise.reject(error)));
    if (found === null) return { kind: 'absent' };
    const [realRoot, real] = await Promise.all([realpath(root), realpath(named)]);
    const inside = relative(realRoot, real);
    const leaves = inside.startsWith('..') || resolve(realRoot, inside) !== real || inside === '';
    if (leaves && outside && found.isFile()) return { kind: 'file', real, path: real };
    if (leaves) {
      const how = found.isSymbolicLink() ? `is a link to ${escapePath(real)}, which is` : 'is';
      return {
        kind: 'refused',
        why: `${how} outside the repository, so it is not read; keep the file in the repository`,
      };
    }
    if (!(await stat(real)).isFile()) return { kind: 'refused', why: 'is not a regular file; name a file' };
    return { kind: 'file', real, path: inside.split(sep).join('/') };
  } catch (error) {
    if (isMissing(error)) return { kind: 'refused', why: 'is a broken symbolic link; fix or remove it' };
    return { kind: 'refused', why: `cannot be read: ${reason(error)}` };
  }
}

/** The state of a file, null when there is none to be seen. */
export async function fileState(path: string): Promise<FileState | null> {
  try {
    return stateOf(await stat(path, { bigint: true }));
  } catch {
    return null;
  }
}

/** The whole file and the state it had when it was read, or a clause that says why not. */
export async function readWhole(path: string): Promise<{ readonly bytes: Buffer; readonly state: FileState } | string> {
  try {
    const file = await openRegularHandle(path);
    try {
      const before = await file.stat({ bigint: true });
      if (before.size > BigInt(sizeLimit))
        return `is larger than ${sizeLimit / 1024 / 1024} MiB, so it is not read; split it`;
      return { bytes: await file.readFile(), state: stateOf(before) };
    } finally {
      await file.close();
    }
  } catch (error) {
    return error instanceof OddFileError ? error.why : `cannot be read: ${reason(error)}`;
  }
}

/** At most `limit` bytes of a file below `root`, at once; null when it is none, or lies elsewhere. */
export function readTextSync(
  root: string,
  path: string,
  limit: number,
): { readonly text: string; readonly state: FileState } | null {
  try {
    const real = realpathSync(path);
    if (!real.startsWith(join(realpathSync(root), sep))) return null;
    const file = openRegular(real);
    if (file === null) return null;
    try {
      const found = fstatSync(file, { bigint: true });
      const bytes = Buffer.alloc(Math.min(Number(found.size), limit));
      const length = readSync(file, bytes, 0, bytes.length, 0);
      return { text: bytes.toString('utf8', 0, length), state: stateOf(found) };
    } finally {
      closeSync(file);
    }
  } catch {
    return null;
  }
}

/** True where a file is the one seen before, and could not have changed unseen since. */
export function sameState(now: FileState, before: FileState | null): boolean {
  return (
    before?.settled === true &&
    now.device === before.device &&
    now.inode === before.inode &&
    now.size === before.size &&
    now.modified === before.modified &&
    now.changed === before.changed
  );
}

export function stateOf(found: BigIntStats): FileState {
  const newest = Math.max(Number(found.mtimeNs / 1_000_000n), Number(found.ctimeNs / 1_000_000n));
  return {
    device: found.dev,
    inode: found.ino,
    size: found.size,
    modified: found.mtimeNs,
    changed: found.ctimeNs,
    settled: Math.abs(Date.now() - newest) > tickMs,
  };
}

/** Text of UTF-8 bytes with bad ones replaced; which line (1-based) holds the first, and how many lines hold any. */
export function decodeText(bytes: Buffer): {
  readonly text: string;
  readonly badLine: number | null;
  readonly badLines: number;
} {
  const text = bytes.toString('utf8');
  if (isUtf8(bytes)) return { text, badLine: null, badLines: 0 };
  let badLine: number | null = null;
  let badLines = 0;
  let line = 1;
  for (let from = 0; from < bytes.length; line++) {
    const end = bytes.indexOf(0x0a, from);
    const to = end < 0 ? bytes.length : end;
    if (!isUtf8(bytes.subarray(from, to))) {
      badLine ??= line;
      badLines++;
    }
    from = to + 1;
  }
  return { text, badLine, badLines };
}

function reason(error: unknown): string {
  return sanitizeLine(messageOf(error), 200);
}
