import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Oid } from '../../../domain/ids.ts';
import type { GitContext } from '../context.ts';
import { parseRaw, parseStatus, type RawChange } from '../plumbing/parse.ts';

/** What moving a tree from one commit to another changes, renames apart. */
export async function changesOf(context: GitContext, from: Oid, to: Oid): Promise<RawChange[]> {
  const args = [
    'diff-tree',
    '-r',
    '--raw',
    '-z',
    '--no-renames',
    '--full-index',
    '--ignore-submodules=none',
    from,
    to,
    '--',
  ];
  return parseRaw(await context.git.text({ cwd: context.home, args })).changes;
}

/**
 * Untracked and ignored files that stand where the change would put a file. Git itself guards untracked files but overwrites ignored
 * ones without a word, and both are the user's.
 */
export function untrackedInTheWay(tree: string, changes: readonly RawChange[]): string[] {
  const removed = new Set(changes.filter(change => change.change === 'D').map(change => change.path));
  const found = new Set<string>();
  for (const { path, change } of changes) {
    if (change !== 'A') continue;
    const parts = path.split('/');
    const above = parts.slice(1).map((_, at) => parts.slice(0, at + 1).join('/'));
    const file = above.find(folder => isNoFolder(join(tree, folder)));
    if (file !== undefined) {
      if (!removed.has(file)) found.add(file);
    } else for (const rival of standing(tree, path, removed)) found.add(rival);
  }
  return [...found];
}

function isNoFolder(path: string): boolean {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  return stats !== undefined && !stats.isDirectory();
}

/** Files at a path, or within it where it is a folder, that the change does not remove itself. */
function* standing(tree: string, path: string, removed: ReadonlySet<string>): Generator<string> {
  const stats = lstatSync(join(tree, path), { throwIfNoEntry: false });
  if (stats === undefined) return;
  if (!stats.isDirectory()) {
    if (!removed.has(path)) yield path;
    return;
  }
  for (const name of readdirSync(join(tree, path))) yield* standing(tree, `${path}/${name}`, removed);
}

/** The user's uncommitted tracked changes on paths that the change touches, compared by content. */
export async function dirtyInTheWay(
  context: GitContext,
  tree: string,
  changes: readonly RawChange[],
): Promise<string[]> {
  const args = ['status', '--porcelain=v2', '-z', '--untracked-files=no', '--no-renames'];
  const { tracked } = parseStatus(await context.git.text({ cwd: tree, args }));
  const touched = new Set(changes.map(change => change.path));
  const folders = new Set([...touched].flatMap(foldersOf));
  return tracked.filter(
    path => touched.has(path) || folders.has(path) || foldersOf(path).some(folder => touched.has(folder)),
  );
}

function foldersOf(path: string): string[] {
  const parts = path.split('/');
  return parts.slice(1).map((_, at) => parts.slice(0, at + 1).join('/'));
}
