import { mkdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Oid } from '../../../domain/ids.ts';
import { type GitContext, privateFolder } from '../context.ts';
import { askMerge, type TrialMerge } from '../landing/merge-tree.ts';
import { BoundedMap } from '../plumbing/bounded-map.ts';

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

/**
 * Tells the paths on which two commits would conflict if both landed; null when git cannot tell. What two commits say of each other never
 * changes, so answers are kept.
 */
export function createPairPredictor(context: GitContext): (one: Oid, other: Oid) => Promise<readonly string[] | null> {
  const known = new BoundedMap<string, readonly string[]>(remembered);
  return async (one, other) => {
    const [first, second] = one < other ? [one, other] : [other, one];
    const key = `${first} ${second}`;
    const answer = known.get(key);
    if (answer !== undefined) return answer;
    const merge = await tryMerge(context, first, second);
    if (merge.outcome === 'unknown') return null;
    const paths = merge.outcome === 'conflict' ? merge.paths : [];
    known.set(key, paths);
    return paths;
  };
}

async function tryMerge(context: GitContext, ours: Oid, theirs: Oid): Promise<TrialMerge> {
  const args = ['merge-tree', '--write-tree', '-z', '--name-only', '--messages', ours, theirs];
  return askMerge(context, { cwd: context.home, args, env: scratchEnvironment(context) }, ours, theirs);
}
