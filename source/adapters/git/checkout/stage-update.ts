import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { syncAll } from '../../regular-file.ts';
import type { GitOutput } from '../calls/answers.ts';
import { type GitContext, privateFolder } from '../context.ts';
import type { RawChange } from '../plumbing/parse.ts';
import type { IndexLock } from './index-lock.ts';
import type { Step } from './landing-note.ts';
import { leftOutBySparse, writeNewFiles } from './new-files.ts';
import { newPlace } from './swap-files.ts';
import type { Update } from './update.ts';
import { changedByUser, hiddenPaths } from './user-changes.ts';
import { bytesOf, type FilePrint, hasRealFolders, printOf, type RawPath, rawPath } from './user-files.ts';

/** Why the tree cannot be brought forward; nothing was changed. */
export type Obstacle =
  | { readonly outcome: 'dirty'; readonly paths: readonly RawPath[] }
  /** Git refuses: a part of the change is staged, or a filter fails, or the disk is full. */
  | { readonly outcome: 'refused'; readonly output: GitOutput };

export type Staged =
  /** `leftOut`: new files that a sparse set keeps out of a tree which had all of its files so far. */
  { readonly outcome: 'ready'; readonly steps: readonly Step[]; readonly leftOut: readonly RawPath[] } | Obstacle;

/**
 * Lays ready the new index and the new files, with filters and line ends as a checkout has them, and sees that the user has changed none of
 * the files that are to be replaced. Nothing in the tree is touched. The lock of the index has to be held.
 */
export async function stageUpdate(context: GitContext, update: Update, lock: IndexLock): Promise<Staged> {
  const { tree, from, to, folder, changes } = update;
  privateFolder(folder);
  mkdirSync(join(folder, 'new'), { mode: 0o700 });
  const index = indexOf(folder);
  lock.copyTo(index);
  const hidden = await hiddenPaths(context, update, index);
  const old = changes.filter(({ path, oldMode }) => isFile(oldMode) && !hidden.has(path));
  // Printed before git judges them: what differs from its print later was changed after that.
  const before = await printAll(old, path => (hasRealFolders(rawPath(tree), path) ? join(rawPath(tree), path) : null));
  // A file that both the user and the landing remove is not a conflict.
  const replaced = old.filter(({ path, change }) => before.has(path) || change !== 'D');
  const merge = ['read-tree', '-m', '-i', '--', from, to];
  const [dirty, merged] = await Promise.all([
    changedByUser(context, update, replaced),
    context.git.run({ cwd: tree, args: merge, env: { GIT_INDEX_FILE: index }, durable: true }),
  ]);
  if (!Array.isArray(dirty)) return { outcome: 'refused', output: dirty };
  if (dirty.length > 0) return { outcome: 'dirty', paths: dirty };
  if (merged.code !== 0) return { outcome: 'refused', output: merged };
  const left = await leftOutBySparse(context, update, index);
  const wanted = changes.filter(({ path, newMode }) => isFile(newMode) && !hidden.has(path) && !left.paths.has(path));
  const written = await writeNewFiles(context, update, { index, wanted });
  await syncAll(wanted.map(({ path }) => bytesOf(newPlace(rawPath(folder), path))));
  const after = await printAll(wanted, path => newPlace(rawPath(folder), path));
  if (written.code !== 0 || after.size < wanted.length) return { outcome: 'refused', output: written };
  const leftOut = left.isFirst ? [...left.paths] : [];
  return { outcome: 'ready', steps: changes.map(change => stepOf(change, before, after)), leftOut };
}

/** The new index, until it takes the place of the present one. */
export function indexOf(folder: string): string {
  return join(folder, 'index');
}

const submodule = '160000';

function isFile(mode: string): boolean {
  return mode !== '000000' && mode !== submodule;
}

async function printAll(
  changes: readonly RawChange[],
  placeOf: (path: RawPath) => RawPath | null,
): Promise<ReadonlyMap<RawPath, FilePrint>> {
  const prints = new Map<RawPath, FilePrint>();
  for (const { path } of changes) {
    const place = placeOf(path);
    const print = place === null ? null : await printOf(place);
    if (print !== null) prints.set(path, print);
  }
  return prints;
}

function stepOf(
  { path, oldMode, newMode }: RawChange,
  before: ReadonlyMap<RawPath, FilePrint>,
  after: ReadonlyMap<RawPath, FilePrint>,
): Step {
  const [old, next] = [before.get(path) ?? null, after.get(path) ?? null];
  const [was, is] = [oldMode === submodule, newMode === submodule];
  const folder = was === is ? null : was ? 'removed' : 'added';
  return old === next
    ? { path, before: null, after: null, submodule: folder }
    : { path, before: old, after: next, submodule: folder };
}
