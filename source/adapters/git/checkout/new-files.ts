import { copyFileSync, existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type GitOutput, gitFailure } from '../calls/answers.ts';
import type { GitContext } from '../context.ts';
import type { RawChange } from '../plumbing/parse.ts';
import type { Update } from './update.ts';
import { skippedPaths } from './user-changes.ts';
import { bytesOf, type RawPath } from './user-files.ts';

/** Writes the files of the new index into the update's folder, as a checkout would into the tree. */
export function writeNewFiles(
  context: GitContext,
  { tree, folder, changes }: Update,
  { index, wanted }: { readonly index: string; readonly wanted: readonly RawChange[] },
): Promise<GitOutput> {
  const input = bytesOf(wanted.map(({ path }) => `${path}\0`).join(''));
  const place = join(folder, 'new');
  // What a sparse set leaves out is not asked for; a file that the user flagged by hand and did not change follows like any other.
  const args = ['checkout-index', '-z', '--stdin', '--ignore-skip-worktree-bits'];
  // Filters run in the user's tree, where they may look for programs and settings. Only where the attributes themselves change are those
  // of the tree the wrong ones: then the files are written as into a tree of their own, which knows no attributes but those of the index.
  if (!changes.some(({ path }) => /(^|\/)\.gitattributes$/.test(path))) {
    const env = { GIT_INDEX_FILE: index };
    return context.git.run({ cwd: tree, args: [...args, `--prefix=${place}/`], env, input, timeoutMs: filterMs });
  }
  const env = { GIT_INDEX_FILE: index, GIT_DIR: context.checkout.gitDir, GIT_WORK_TREE: place };
  return context.git.run({ cwd: place, args, env, input, timeoutMs: filterMs });
}

/** A filter may fetch large files. */
const filterMs = 30 * 60_000;

/** Added paths that do not belong to a sparse checkout. */
export interface LeftOut {
  readonly paths: ReadonlySet<RawPath>;
  /** Nothing was left out of the tree before: either the set is new, or the user did not write it. */
  readonly isFirst: boolean;
}

/** Of the added paths those that do not belong to a sparse checkout; they are marked so in the new index. */
export async function leftOutBySparse(
  context: GitContext,
  { tree, folder, to, changes }: Update,
  index: string,
): Promise<LeftOut> {
  const none = { paths: new Set<RawPath>(), isFirst: false };
  const added = changes.filter(({ change }) => change === 'A').map(({ path }) => path);
  if (added.length === 0 || !(await isSparse(context, tree))) return none;
  // Git marks them itself, in a copy of the index and beside an empty tree, of which it can neither remove nor overwrite anything.
  const [copy, empty] = [join(folder, 'sparse'), join(folder, 'empty')];
  copyFileSync(index, copy);
  mkdirSync(empty, { mode: 0o700 });
  const mark = {
    cwd: empty,
    args: ['read-tree', '-m', '-u', to],
    env: { GIT_INDEX_FILE: copy, GIT_DIR: context.checkout.gitDir, GIT_WORK_TREE: empty },
  };
  const marked = await context.git.run(mark);
  if (marked.code !== 0) throw gitFailure(mark, marked);
  const skipped = await skippedPaths(context, empty, copy);
  const left = added.filter(path => skipped.has(path));
  if (left.length === 0) return none;
  const isFirst = (await skippedPaths(context, tree, index)).size === 0;
  const set = {
    cwd: tree,
    args: ['update-index', '-z', '--skip-worktree', '--stdin'],
    env: { GIT_INDEX_FILE: index },
    durable: true,
    input: bytesOf(left.map(path => `${path}\0`).join('')),
  };
  const output = await context.git.run(set);
  if (output.code !== 0) throw gitFailure(set, output);
  return { paths: new Set(left), isFirst };
}

async function isSparse(context: GitContext, tree: string): Promise<boolean> {
  if (!existsSync(join(context.checkout.gitDir, 'info', 'sparse-checkout'))) return false;
  const args = ['config', '--type=bool', '--default', 'false', '--get', 'core.sparseCheckout'];
  return (await context.git.text({ cwd: tree, args })).trim() === 'true';
}
