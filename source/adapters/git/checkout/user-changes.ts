import { join } from 'node:path';
import { type GitOutput, stdoutBytes } from '../calls/answers.ts';
import type { GitContext } from '../context.ts';
import { type RawChange, splitNul } from '../plumbing/parse.ts';
import type { Update } from './update.ts';
import { bytesOf, type RawPath, rawPath, statsOf } from './user-files.ts';

/**
 * Those of the changed files that are not in the tree as the landing found them in the commit, by their content: asked of an index of these
 * alone, in which no time stamp and no bit (assume-unchanged, skip-worktree) says that a file need not be read. Git's answer where it
 * fails, because of a filter for example.
 */
export async function changedByUser(
  context: GitContext,
  { tree, folder }: Update,
  replaced: readonly RawChange[],
): Promise<RawPath[] | GitOutput> {
  if (replaced.length === 0) return [];
  const env = { GIT_INDEX_FILE: join(folder, 'judge') };
  const input = bytesOf(replaced.map(({ path, oldMode, oldOid }) => `${oldMode} ${oldOid}\t${path}\0`).join(''));
  const added = await context.git.run({ cwd: tree, args: ['update-index', '-z', '--index-info'], env, input });
  if (added.code !== 0) return added;
  const listed = await context.git.run({ cwd: tree, args: ['ls-files', '--modified', '--deleted', '-z'], env });
  return listed.code === 0 ? [...new Set(splitNul(listed.stdout.toString('latin1')))] : listed;
}

/** Of the changed paths those that a sparse checkout keeps out of the tree, as long as nothing stands there. */
export async function hiddenPaths(
  context: GitContext,
  { tree, changes }: Update,
  index: string,
): Promise<ReadonlySet<RawPath>> {
  const absent = changes.filter(
    ({ path, change }) => change !== 'A' && statsOf(join(rawPath(tree), path)) === undefined,
  );
  if (absent.length === 0) return new Set();
  const skipped = await skippedPaths(context, tree, index);
  return new Set(absent.map(({ path }) => path).filter(path => skipped.has(path)));
}

/** Paths that an index marks to be left out of the work tree. */
export async function skippedPaths(context: GitContext, cwd: string, index: string): Promise<ReadonlySet<RawPath>> {
  const call = { cwd, args: ['ls-files', '-t', '-z'], env: { GIT_INDEX_FILE: index } };
  const text = await context.git.ask(call, stdoutBytes);
  return new Set(splitNul(text).flatMap(line => (line.startsWith('S ') ? [line.slice(2)] : [])));
}
