import { createHash } from 'node:crypto';
import { accessSync, constants, existsSync } from 'node:fs';
import { join } from 'node:path';
import { escapePath, sanitizeLine } from '../../../domain/text/sanitize.ts';
import { readRegularText } from '../../regular-file.ts';
import { headOfMain, lookAtUserTree } from '../checkout/user-tree.ts';
import type { GitContext } from '../context.ts';
import { type LinkedWorktree, linkedGitDir, operationIn, type Usage, usageOf } from '../plumbing/branch-usage.ts';

/** Why a branch cannot be moved: one sentence with the fix, and the path it is about. */
export interface InUse {
  readonly message: string;
  readonly path: string;
}

/** Who has a branch checked out: nobody, or the checkout that moves along with it. */
export type Holder =
  | { readonly kind: 'nobody' }
  /** The repository with that checkout in the place of the main one. */
  | { readonly kind: 'checkout'; readonly context: GitContext; readonly tree: string }
  | ({ readonly kind: 'in-use' } & InUse);

/**
 * The checkout that has a branch checked out, be it the main one or a linked worktree. A branch that several hold, that a run has switched to,
 * that an operation is to put back, or whose checkout cannot be reached, can be moved by nobody but the user.
 */
export async function holderOf(context: GitContext, branch: string): Promise<Holder> {
  const usage = await usageOf(context, branch);
  const held = usage.held[0];
  if (held !== undefined)
    return inUse(held.path, `${branch} is in use: ${escapePath(held.why)}; finish there or abort it.`);
  const main = mainCheckout(context, usage, branch);
  if (main?.kind === 'in-use') return main;
  const linked = usage.linked;
  const [first] = linked;
  if (main !== null && first !== undefined) return severalTimes(branch, [main.tree, first.path]);
  if (first === undefined) return main === null ? { kind: 'nobody' } : whenUsable(main, branch);
  if (linked[1] !== undefined) return severalTimes(branch, [first.path, linked[1].path]);
  const other = linkedCheckout(context, first, branch);
  return other.kind === 'checkout' ? whenUsable(other, branch) : other;
}

/** The repository as the checkout of `branch` sees it; the main checkout where nobody has it, or that is unknown. */
export async function whereHeld(context: GitContext, branch: string): Promise<GitContext> {
  const holder = await holderOf(context, branch);
  return holder.kind === 'checkout' ? holder.context : context;
}

/** True where a file has uncommitted changes in the checkout that holds a branch, or where that is unknown. */
export async function isDirtyWhereHeld(context: GitContext, branch: string, path: string): Promise<boolean> {
  const held = await whereHeld(context, branch);
  if ((await headOfMain(held)) !== branch) return false;
  const look = await lookAtUserTree(held, [path]);
  return look === null || look.dirty.length > 0;
}

type Held = Extract<Holder, { readonly kind: 'checkout' }>;

function mainCheckout(
  context: GitContext,
  { inMain }: Usage,
  branch: string,
): Held | (InUse & { kind: 'in-use' }) | null {
  const { mainTree, commonDir } = context.place;
  if (!inMain) return null;
  if (mainTree !== null) return { kind: 'checkout', context, tree: mainTree };
  return inUse(
    commonDir,
    `${branch} is in use: it is checked out in the main worktree, which cannot be found; start there.`,
  );
}

function linkedCheckout(
  context: GitContext,
  { path, gitDir }: LinkedWorktree,
  branch: string,
): Exclude<Holder, { kind: 'nobody' }> {
  const shown = escapePath(path);
  const reason = lockOf(gitDir);
  if (reason?.startsWith('cm-tui ') === true)
    return inUse(
      path,
      `${branch} is in use: it is checked out in the worktree of a run, ${shown}; switch it to another branch.`,
    );
  if (!existsSync(path)) {
    const why = reason === null || reason === '' ? '' : ` (locked: ${sanitizeLine(reason, 80)})`;
    return inUse(
      path,
      `${branch} is checked out in ${shown}, which is missing here${why}; make it available, or run git worktree unlock ${shown} if it is gone for good.`,
    );
  }
  if (linkedGitDir(context, path) !== gitDir)
    return inUse(
      path,
      `${branch} is checked out in ${shown}, which does not lead back to this repository; run git worktree repair ${shown}.`,
    );
  return { kind: 'checkout', context: atLinked(context, { path, gitDir }), tree: path };
}

/** The same repository with a linked worktree of the user's in the place of the main checkout. */
export function atLinked(context: GitContext, { path, gitDir }: LinkedWorktree): GitContext {
  const mark = createHash('sha256').update(gitDir).digest('hex').slice(0, 16);
  const place = { ...context.place, mainTree: path };
  return { ...context, place, home: path, checkout: { gitDir, note: `landing-${mark}.json` } };
}

function whenUsable(held: Held, branch: string): Holder {
  const shown = escapePath(held.tree);
  const operation = operationIn(held.context.checkout.gitDir);
  if (operation !== null)
    return inUse(held.tree, `A ${operation} is in progress in ${shown}; finish or abort it first.`);
  if (!isWritable(held.tree))
    return inUse(
      held.tree,
      `${branch} is checked out in ${shown}, which cannot be written to; make it writable, or switch it to another branch.`,
    );
  return held;
}

function isWritable(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/** The reason of a worktree's lock; null: it is not locked. One that cannot be read is somebody's. */
export function lockOf(gitDir: string): string | null {
  try {
    return readRegularText(join(gitDir, 'locked'))?.trim() ?? null;
  } catch {
    return '';
  }
}

function severalTimes(branch: string, [one, other]: readonly [string, string]): Holder {
  const message = `${branch} is checked out in ${escapePath(one)} and in ${escapePath(other)}; only one can be updated, so switch the other to another branch.`;
  return inUse(other, message);
}

function inUse(path: string, message: string): InUse & { readonly kind: 'in-use' } {
  return { kind: 'in-use', path, message };
}
