import { mkdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Oid } from '../../../domain/ids.ts';
import { type GitContext, privateFolder } from '../context.ts';
import { readMerge, type TrialMerge } from '../landing/merge-tree.ts';
import { assertOid } from '../plumbing/refs.ts';

/**
 * Objects that nobody shall find in the repository: snapshots of work in progress and trial merges of them. They lie in a folder of
 * ours, beside which git sees the repository's own objects.
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

/** Paths on which two commits would conflict if both landed; null when git cannot tell. Answers are remembered, whichever comes first. */
export async function predictPair(context: GitContext, one: Oid, other: Oid): Promise<readonly string[] | null> {
  const [first, second] = one < other ? [one, other] : [other, one];
  const key = `${first} ${second}`;
  const known = context.trials.get(key);
  if (known !== undefined) return known;
  const merge = await tryMerge(context, assertOid(first), assertOid(second));
  if (merge.outcome === 'unknown') return null;
  const paths = merge.outcome === 'conflict' ? merge.paths : [];
  context.trials.set(key, paths);
  const eldest = context.trials.keys().next();
  if (context.trials.size > remembered && eldest.done !== true) context.trials.delete(eldest.value);
  return paths;
}

async function tryMerge(context: GitContext, ours: Oid, theirs: Oid): Promise<TrialMerge> {
  const args = ['merge-tree', '--write-tree', '-z', '--name-only', '--messages', ours, theirs];
  const output = await context.git.run({ cwd: context.home, args, env: scratchEnvironment(context) });
  return readMerge(context, output, ours, theirs);
}
