import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Oid } from '../../../domain/ids.ts';
import { stdoutBytes } from '../calls/answers.ts';
import type { GitContext } from '../context.ts';
import { parseRaw, parseStatus, type RawChange } from '../plumbing/parse.ts';
import { bytesOf, foldersAbove, type RawPath, rawPath, statsOf } from './user-files.ts';

/** What moving a tree from one commit to another changes, renames apart. */
export async function changesOf(context: GitContext, from: Oid, to: Oid): Promise<RawChange[]> {
  const plain = ['--no-renames', '--full-index', '--ignore-submodules=none'];
  const call = { cwd: context.home, args: ['diff-tree', '-r', '--raw', '-z', ...plain, from, to, '--'] };
  return parseRaw(await context.git.ask(call, stdoutBytes)).changes;
}

/**
 * Untracked and ignored files that stand where the change would put a file. Git itself guards untracked files but overwrites ignored
 * ones without a word, and both are the user's.
 */
export function untrackedInTheWay(tree: string, changes: readonly RawChange[]): RawPath[] {
  const root = rawPath(tree);
  const removed = new Set(changes.filter(change => change.change === 'D').map(change => change.path));
  // Where a.txt and A.txt are one file, removing one name does not obstruct the other.
  const files = new Set([...removed].map(path => statsOf(join(root, path))?.ino));
  const goes = (path: RawPath) => removed.has(path) || files.has(statsOf(join(root, path))?.ino);
  const found = new Set<RawPath>();
  for (const { path, change } of changes) {
    if (change !== 'A') continue;
    const file = foldersAbove(path).find(folder => statsOf(join(root, folder))?.isDirectory() === false);
    for (const rival of file === undefined ? filesAt(root, path) : [file]) if (!goes(rival)) found.add(rival);
  }
  return [...found];
}

/** The file at a path, or all within it where it is a folder. */
function* filesAt(root: RawPath, path: RawPath): Generator<RawPath> {
  const stats = statsOf(join(root, path));
  if (stats?.isDirectory() === true) {
    const names = readdirSync(bytesOf(join(root, path)), { encoding: 'latin1' });
    for (const name of names) yield* filesAt(root, `${path}/${name}`);
  } else if (stats !== undefined) yield path;
}

/** The user's uncommitted tracked changes, staged ones too, on paths that the change touches. */
export async function dirtyInTheWay(
  context: GitContext,
  tree: string,
  changes: readonly RawChange[],
): Promise<RawPath[]> {
  const call = { cwd: tree, args: ['status', '--porcelain=v2', '-z', '--untracked-files=no', '--no-renames'] };
  const { tracked } = parseStatus(await context.git.ask(call, stdoutBytes));
  const touched = new Set(changes.map(change => change.path));
  const folders = new Set([...touched].flatMap(foldersAbove));
  return tracked.filter(
    path => touched.has(path) || folders.has(path) || foldersAbove(path).some(folder => touched.has(folder)),
  );
}
