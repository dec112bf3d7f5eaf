import { join } from 'node:path';
import type { Oid } from '../../../domain/ids.ts';
import { type GitCall, stdoutBytes } from '../calls/answers.ts';
import { withOwnIndex } from '../calls/own-index.ts';
import type { GitContext } from '../context.ts';
import { linkedGitDir } from '../plumbing/branch-usage.ts';
import { parseStatus } from '../plumbing/parse.ts';
import { isOid } from '../plumbing/refs.ts';
import { bytesOf, type RawPath, rawPath, statsOf } from './user-files.ts';

/** New files larger than this in all, in bytes, or more of them, are not copied: the smallest ones are. */
const newBytes = 64 * 1024 * 1024;
const newFiles = 5000;

/** The same work is the same commit every time. */
const fixedDate = '@0 +0000';

/**
 * Commits what is uncommitted in a worktree of the user's, new files too as far as that is reasonable, through a separate index: neither
 * its index nor its files nor its refs are touched, and no lock is taken that the user's git would meet. Null: nothing is uncommitted there.
 * Throws where git cannot tell.
 */
export async function saveWork(context: GitContext, tree: string): Promise<Oid | null> {
  const args = ['status', '--porcelain=v2', '-z', '--branch', '--untracked-files=all', '--no-renames'];
  const { oid, tracked, untracked } = parseStatus(await context.git.ask({ cwd: tree, args }, stdoutBytes));
  if (oid === null || tracked.length + untracked.length === 0) return null;
  return throughOwnIndex(context, tree, async ask => {
    const isThere = (path: RawPath) => statsOf(join(rawPath(tree), path)) !== undefined;
    const present = tracked.filter(isThere);
    // Of a deletion that is staged git knows no path any more; one that is not staged has to be.
    if (present.length < tracked.length) await ask(['add', '--update', '--ignore-errors', '--', '.'], undefined, true);
    const paths = [...present, ...reasonable(tree, untracked)];
    const how = ['--all', '--ignore-errors', '--pathspec-from-file=-', '--pathspec-file-nul'];
    await ask(['add', ...how], bytesOf(paths.map(path => `${path}\0`).join('')), true);
    return commit(ask, await ask(['write-tree']), [oid], 'Uncommitted work');
  });
}

/** The tracked files of a worktree as they are, and as they are staged (null: nothing is), as trees. Null where that cannot be. */
export async function treesOfWork(
  context: GitContext,
  tree: string,
): Promise<{ readonly files: Oid; readonly staged: Oid | null } | null> {
  return throughOwnIndex(context, tree, async ask => {
    const staged = await ask(['write-tree']);
    const committed = await ask(['rev-parse', '--verify', 'HEAD^{tree}']);
    await ask(['add', '--update', '--', '.']);
    const files = await ask(['write-tree']);
    return isOid(staged) && isOid(files) ? { files, staged: staged === committed ? null : staged } : null;
  }).catch(() => null);
}

type Ask = (args: readonly string[], input?: string | Buffer, mayGrumble?: boolean) => Promise<string>;

async function throughOwnIndex<T>(context: GitContext, tree: string, job: (ask: Ask) => Promise<T>): Promise<T> {
  const gitDir = tree === context.place.mainTree ? context.checkout.gitDir : linkedGitDir(context, tree);
  return withOwnIndex(context, gitDir, own => {
    const env = { ...own, GIT_AUTHOR_DATE: fixedDate, GIT_COMMITTER_DATE: fixedDate };
    return job(async (args, input, mayGrumble = false) => {
      const call: GitCall = { cwd: tree, args, env, ...(input === undefined ? {} : { input }), durable: true };
      // Of a file that it cannot read, git says so and ends with 1; the others are kept all the same.
      return context.git.ask(call, ({ code, stdout, stderr }) =>
        code === 0 || (mayGrumble && code === 1 && stderr !== '') ? stdout.toString('utf8').trim() : undefined,
      );
    });
  });
}

async function commit(ask: Ask, tree: string, parents: readonly Oid[], message: string): Promise<Oid> {
  const oid = await ask(['commit-tree', tree, ...parents.flatMap(parent => ['-p', parent]), '-F', '-'], `${message}\n`);
  if (!isOid(oid)) throw new Error('git commit-tree did not name the commit');
  return oid;
}

/** The smallest files come first. A folder is a repository of its own, which git would not look into. */
function reasonable(tree: string, paths: readonly RawPath[]): readonly RawPath[] {
  const sized = paths
    .filter(path => !path.endsWith('/'))
    .map(path => ({ path, size: statsOf(join(rawPath(tree), path))?.size ?? 0 }))
    .sort((one, other) => one.size - other.size);
  let left = newBytes;
  return sized
    .slice(0, newFiles)
    .filter(({ size }) => {
      left -= size;
      return left >= 0;
    })
    .map(({ path }) => path);
}
