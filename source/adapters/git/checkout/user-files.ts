import { createHash } from 'node:crypto';
import {
  constants,
  copyFileSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readlinkSync,
  renameSync,
  rmdirSync,
  rmSync,
  type Stats,
  symlinkSync,
} from 'node:fs';
import { lstat, open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { codeOf, isMissing } from '../../regular-file.ts';

/**
 * The only ways in which a landing touches files of the user's tree. None of them overwrites: a file is taken away by moving it, bytes and
 * all, to a place of ours, and a file is placed only where nothing stands. An editor or a build that saves at the same moment wins.
 */

/**
 * A path with one character for each byte. Git's names are bytes and need not be UTF-8; a file of such a name is the user's like any other.
 */
export type RawPath = string;

export function rawPath(text: string): RawPath {
  return Buffer.from(text).toString('latin1');
}

/** As a person reads it. */
export function readablePath(path: RawPath): string {
  return bytesOf(path).toString('utf8');
}

export function bytesOf(path: RawPath): Buffer {
  return Buffer.from(path, 'latin1');
}

/** Kind, executable bit and content of what stands at a path, as text: equal prints are equal files. */
export type FilePrint = string;

/** A pipe that has taken the file's place would be waited for. */
const neverWaits = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW;

/** Null: nothing stands there. */
export async function printOf(path: RawPath): Promise<FilePrint | null> {
  try {
    const stats = await lstat(bytesOf(path));
    if (stats.isSymbolicLink()) return `link ${sha256(readlinkSync(bytesOf(path), { encoding: 'buffer' }))}`;
    if (stats.isDirectory()) return 'folder';
    if (!stats.isFile()) return 'other';
    const hash = createHash('sha256');
    const file = await open(bytesOf(path), neverWaits);
    for await (const chunk of file.createReadStream()) hash.update(chunk as Buffer);
    return `file ${(stats.mode & 0o100) === 0 ? '-' : 'x'} ${hash.digest('hex')}`;
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** True where every folder above a path of the tree is a folder of its own: a link among them leads elsewhere. */
export function hasRealFolders(tree: RawPath, path: RawPath): boolean {
  return foldersAbove(path).every(folder => statsOf(join(tree, folder))?.isDirectory() === true);
}

/** Of the file itself, not of what a link names; undefined: nothing stands there. */
export function statsOf(path: RawPath): Stats | undefined {
  try {
    return lstatSync(bytesOf(path));
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** `a`, `a/b` for `a/b/c`. */
export function foldersAbove(path: RawPath): RawPath[] {
  const parts = path.split('/');
  return parts.slice(1).map((_, at) => parts.slice(0, at + 1).join('/'));
}

/** Moves what stands at `path` to `place` (or beside it, where that is taken), in one step. Null: nothing was there. */
export function moveAside(path: RawPath, place: RawPath): RawPath | null {
  mkdirSync(bytesOf(dirname(place)), { recursive: true, mode: 0o700 });
  let free = place;
  while (statsOf(free) !== undefined) free += '~';
  try {
    renameSync(bytesOf(path), bytesOf(free));
    return free;
  } catch (error) {
    if (isMissing(error)) return null;
    if (codeOf(error) !== 'EXDEV') throw error;
  }
  // Our folder lies on another disk: out of the way first, then over.
  const beside = besideOf(path, 'old');
  renameSync(bytesOf(path), bytesOf(beside));
  copyFile(beside, free);
  rmSync(bytesOf(beside));
  return free;
}

/** A name in the folder of a file, for the moment in which it is copied from or to another disk. */
export function besideOf(path: RawPath, what: 'old' | 'new'): RawPath {
  return join(dirname(path), `.cm-tui-${sha256(bytesOf(path)).slice(0, 16)}-${what}`);
}

/** Moves `source` to `path` as a whole, unless something stands there: then nothing happens, and the answer is false. */
export function placeNew(source: RawPath, path: RawPath): boolean {
  const placed =
    statsOf(source)?.isSymbolicLink() === true
      ? unlessTaken(() => symlinkSync(readlinkSync(bytesOf(source), { encoding: 'buffer' }), bytesOf(path)))
      : linkNew(source, path);
  if (placed) rmSync(bytesOf(source));
  return placed;
}

/** Codes of a file system that cannot link these two. */
const cannotLink = new Set(['EXDEV', 'EPERM', 'EMLINK', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS']);

function linkNew(source: RawPath, path: RawPath): boolean {
  try {
    return unlessTaken(() => linkSync(bytesOf(source), bytesOf(path)));
  } catch (error) {
    if (!cannotLink.has(codeOf(error) ?? '')) throw error;
  }
  const beside = besideOf(path, 'new');
  try {
    copyFile(source, beside);
    return unlessTaken(() => linkSync(bytesOf(beside), bytesOf(path)));
  } catch (error) {
    if (!cannotLink.has(codeOf(error) ?? '')) throw error;
    // No links at all here: it can be seen half-written, but still overwrites nothing.
    return unlessTaken(() => copyFileSync(bytesOf(source), bytesOf(path), constants.COPYFILE_EXCL));
  } finally {
    rmSync(bytesOf(beside), { force: true });
  }
}

/** To a place of ours; a link as a link. */
function copyFile(source: RawPath, place: RawPath): void {
  rmSync(bytesOf(place), { force: true });
  if (statsOf(source)?.isSymbolicLink() === true) {
    symlinkSync(readlinkSync(bytesOf(source), { encoding: 'buffer' }), bytesOf(place));
  } else copyFileSync(bytesOf(source), bytesOf(place));
}

function unlessTaken(place: () => void): boolean {
  try {
    place();
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
}

/** Makes the folders above a path of the tree. False: something else stands in their place. */
export function makeFolders(tree: RawPath, path: RawPath): boolean {
  for (const folder of foldersAbove(path)) {
    const place = join(tree, folder);
    try {
      mkdirSync(bytesOf(place));
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw error;
      if (statsOf(place)?.isDirectory() !== true) return false;
    }
  }
  return true;
}

/** Removes the folders above a path that hold nothing any more, the innermost first. */
export function removeEmptyFolders(tree: RawPath, path: RawPath): void {
  for (const folder of foldersAbove(path).reverse()) if (!removeEmptyFolder(join(tree, folder))) return;
}

/** False: it holds something, or cannot be removed. */
export function removeEmptyFolder(folder: RawPath): boolean {
  try {
    rmdirSync(bytesOf(folder));
    return true;
  } catch {
    return false;
  }
}
