import { renameSync } from 'node:fs';
import { join } from 'node:path';
import { failpoint } from '../../failpoint.ts';
import { syncAll } from '../../regular-file.ts';
import type { Step } from './landing-note.ts';
import {
  besideOf,
  bytesOf,
  foldersAbove,
  hasRealFolders,
  makeFolders,
  moveAside,
  placeNew,
  printOf,
  type RawPath,
  rawPath,
  removeEmptyFolder,
  removeEmptyFolders,
  statsOf,
} from './user-files.ts';

/** Where the files of one landing lie. */
export interface Swap {
  /** The user's work tree. */
  readonly tree: RawPath;
  /**
   * A folder of cm-tui: `new` holds files to place, `replaced` files that were moved aside, `withdrawn` files that were placed and removed
   * again.
   */
  readonly folder: RawPath;
  readonly steps: readonly Step[];
}

export function swapOf(tree: string, folder: string, steps: readonly Step[]): Swap {
  return { tree: rawPath(tree), folder: rawPath(folder), steps };
}

export function newPlace(folder: RawPath, path: RawPath): RawPath {
  return join(folder, 'new', path);
}

function replacedPlace(folder: RawPath, path: RawPath): RawPath {
  return join(folder, 'replaced', path);
}

/**
 * Brings the user's tree forward: each file that changes is moved aside as it is at that very moment, and the new one is placed where
 * nothing stands. Stops at the first path where something else stands, or nothing where a file should: the user, an editor or a build was
 * faster. Null: all is placed.
 */
export function swapFiles(swap: Swap): RawPath | null {
  // What goes makes room first: a folder may come where a file stood, and the other way round.
  const stopped = swap.steps.find(step => !removeOld(swap, step)) ?? swap.steps.find(step => !placeNext(swap, step));
  return stopped?.path ?? null;
}

/**
 * Puts on disk what the swap has changed in the tree's folders: until the branch moves, what was moved aside is all that could bring it
 * back.
 */
export async function syncFolders({ tree, steps }: Swap): Promise<void> {
  const changed = steps.filter(({ before, after }) => before !== null || after !== null);
  const folders = new Set(changed.flatMap(({ path }) => ['.', ...foldersAbove(path)]));
  await syncAll([...folders].map(folder => bytesOf(join(tree, folder))));
}

function removeOld(swap: Swap, { path, before, after, submodule }: Step): boolean {
  if (before !== null && after === null && !takeAway(swap, path)) return false;
  if (submodule === 'removed') removeEmptyFolder(join(swap.tree, path));
  if (after === null && (before !== null || submodule === 'removed')) removeEmptyFolders(swap.tree, path);
  return true;
}

function placeNext(swap: Swap, { path, before, after, submodule }: Step): boolean {
  if (submodule === 'added') return makeFolders(swap.tree, `${path}/x`);
  if (after === null) return true;
  if (before !== null && !takeAway(swap, path)) return false;
  if (!makeFolders(swap.tree, path)) return false;
  const place = join(swap.tree, path);
  // Git as well lets an empty folder give way.
  if (statsOf(place)?.isDirectory() === true) removeEmptyFolder(place);
  return putInPlace(swap, path);
}

function takeAway({ tree, folder }: Swap, path: RawPath): boolean {
  if (!hasRealFolders(tree, path)) return false;
  const moved = moveAside(join(tree, path), replacedPlace(folder, path)) !== null;
  failpoint('git.land.aside');
  return moved;
}

/** A file that is in `new` still was not placed: what stands in the tree under its name is somebody else's, even if it is the same. */
function putInPlace({ tree, folder }: Swap, path: RawPath): boolean {
  const held = join(folder, 'placing');
  renameSync(bytesOf(newPlace(folder, path)), bytesOf(held));
  if (placeNew(held, join(tree, path))) {
    failpoint('git.land.placed');
    return true;
  }
  renameSync(bytesOf(held), bytesOf(newPlace(folder, path)));
  return false;
}

/** Paths whose replaced file is not what it was: somebody saved it after we had looked at it, or has it open and writes to it still. */
export async function changedSince({ folder, steps }: Swap): Promise<RawPath[]> {
  const changed: RawPath[] = [];
  for (const { path, before } of steps) {
    if (before !== null && (await printOf(replacedPlace(folder, path))) !== before) changed.push(path);
  }
  return changed;
}

/**
 * Restores the tree where it is still as the landing left it: placed files are withdrawn, files moved aside are restored. What the user has
 * saved meanwhile stays in place. Doing it twice changes nothing more.
 * @returns paths whose replaced file was saved by the user, who has saved another one in its place since; both are kept
 */
export async function swapBack(swap: Swap): Promise<RawPath[]> {
  const { tree, folder, steps } = swap;
  const kept: RawPath[] = [];
  // Backwards: what came makes room for what goes back.
  for (const { path, before, after, submodule } of [...steps].reverse()) {
    if (after !== null && !isThere(newPlace(folder, path))) await withdraw(swap, path, after);
    if (submodule === 'added') removeEmptyFolder(join(tree, path));
    if (before === null) removeEmptyFolders(tree, path);
  }
  for (const { path, before, submodule } of steps) {
    if (submodule === 'removed') makeFolders(tree, `${path}/x`);
    if (before === null) continue;
    const beside = besideOf(join(tree, path), 'old');
    const replaced = [beside, replacedPlace(folder, path)].find(isThere);
    if (replaced === undefined) continue;
    if (makeFolders(tree, path) && placeNew(replaced, join(tree, path))) continue;
    if ((await printOf(replaced)) !== before) kept.push(path);
  }
  return kept;
}

async function withdraw({ tree, folder }: Swap, path: RawPath, after: string): Promise<void> {
  const place = join(tree, path);
  if (!hasRealFolders(tree, path) || (await printOf(place)) !== after) return;
  const moved = moveAside(place, join(folder, 'withdrawn', path));
  // Saved between the look and the move: it goes back, unless it was saved once more.
  if (moved !== null && (await printOf(moved)) !== after) placeNew(moved, place);
}

function isThere(path: RawPath): boolean {
  return statsOf(path) !== undefined;
}
