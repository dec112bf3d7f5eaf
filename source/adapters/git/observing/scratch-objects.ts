import { mkdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Oid } from '../../../domain/ids.ts';
import { type GitContext, mergeBase, privateFolder } from '../context.ts';
import { askMerge, type TrialMerge } from '../landing/merge-tree.ts';
import { BoundedMap } from '../plumbing/bounded-map.ts';
import { assertOid } from '../plumbing/refs.ts';

/**
 * Objects that must not appear in the repository: snapshots of work in progress and trial merges of them. They are in a separate folder,
 * beside which git sees the repository's own objects.
 */
export function scratchEnvironment(context: GitContext): Record<string, string> {
  const folder = scratchFolder(context);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return {
    GIT_OBJECT_DIRECTORY: folder,
    GIT_ALTERNATE_OBJECT_DIRECTORIES: quoted(join(context.place.commonDir, 'objects')),
  };
}

function scratchFolder(context: GitContext): string {
  return join(privateFolder(join(context.runtimeDir, 'tmp')), 'scratch-objects');
}

/** The list is separated by colons, and a path that holds one or begins with a quote has to stand in quotes. */
function quoted(path: string): string {
  return /^"|:/.test(path) ? `"${path.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"` : path;
}

/** Drops all of it. What was concluded from it stays true: a commit of that name is the same commit. */
export async function forgetWork(context: GitContext): Promise<void> {
  await rm(scratchFolder(context), { recursive: true, force: true });
}

const remembered = 1000;

/** Two commits that may conflict; `target`: where both would land, null: one of them is the target itself. */
export type PairPredictor = (one: Oid, other: Oid, target: Oid | null) => Promise<readonly string[] | null>;

/**
 * The paths on which two commits would conflict if both landed; null if git cannot tell. What two commits say of each other never changes,
 * so answers are kept.
 */
export function createPairPredictor(context: GitContext): PairPredictor {
  const known = new BoundedMap<string, readonly string[]>(remembered);
  return async (one, other, target) => {
    const [first, second] = one < other ? [one, other] : [other, one];
    const key = `${first} ${second} ${target ?? ''}`;
    const answer = known.get(key);
    if (answer !== undefined) return answer;
    const merge = await tryMerge(context, first, second);
    if (merge.outcome === 'unknown') return null;
    const paths =
      merge.outcome === 'clean'
        ? []
        : target === null
          ? merge.paths
          : await withoutTarget(context, { one: first, other: second, target, paths: merge.paths });
    if (paths !== null) known.set(key, paths);
    return paths;
  };
}

/**
 * Two branches that were begun from different commits of the target also conflict where one of them meets what the target itself changed
 * between the two. The older one is put onto the newer start; only what conflicts then is between the two branches.
 */
async function withoutTarget(
  context: GitContext,
  pair: { readonly one: Oid; readonly other: Oid; readonly target: Oid; readonly paths: readonly string[] },
): Promise<readonly string[] | null> {
  const env = scratchEnvironment(context);
  const starts = [
    await mergeBase(context, pair.one, pair.target, env),
    await mergeBase(context, pair.other, pair.target, env),
  ] as const;
  if (starts[0] === null || starts[1] === null) return null;
  if (starts[0] === starts[1]) return pair.paths;
  const common = await mergeBase(context, starts[0], starts[1]);
  // Neither start is built on the other: the target was reset in between.
  if (common === null || !starts.includes(common)) return pair.paths;
  const [older, newer, onto] =
    common === starts[0] ? [pair.one, pair.other, starts[1]] : [pair.other, pair.one, starts[0]];
  const moved = await tryMerge(context, onto, older);
  if (moved.outcome === 'unknown') return null;
  const merge = await tryMerge(context, await commitTree(context, moved.tree, onto, env), newer);
  if (merge.outcome === 'unknown') return null;
  if (merge.outcome === 'clean') return [];
  const withTarget = new Set(moved.outcome === 'conflict' ? moved.paths : []);
  return merge.paths.filter(path => !withTarget.has(path));
}

async function tryMerge(context: GitContext, ours: Oid, theirs: Oid): Promise<TrialMerge> {
  const args = ['merge-tree', '--write-tree', '-z', '--name-only', '--messages', ours, theirs];
  return askMerge(context, { cwd: context.home, args, env: scratchEnvironment(context) }, ours, theirs);
}

/** Unchanged work is the same commit every time, so that merges of it are remembered. */
const fixedDate = '@0 +0000';

/** A commit of work in progress among the scratch objects. */
export async function commitTree(
  context: GitContext,
  tree: Oid,
  parent: Oid,
  env: Readonly<Record<string, string>>,
): Promise<Oid> {
  const text = await context.git.text({
    cwd: context.home,
    args: ['commit-tree', assertOid(tree), '-p', assertOid(parent), '-F', '-'],
    input: 'Work in progress\n',
    env: { ...env, GIT_AUTHOR_DATE: fixedDate, GIT_COMMITTER_DATE: fixedDate },
  });
  return text.trim();
}
