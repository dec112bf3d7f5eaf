import type { Oid } from '../../domain/instance.ts';
import { escapePath } from '../../domain/sanitize.ts';
import { updateRefs } from './candidate.ts';
import { dirtyInTheWay, expectedChanges, untrackedInTheWay } from './collide.ts';
import { type GitContext, tipOf } from './context.ts';
import { landingNote } from './landing-note.ts';
import { branchRef, checkOid } from './names.ts';
import type { RawChange } from './parse.ts';
import { type GitOutput, heldLock, reasonOf } from './run.ts';
import { usageOf } from './usage.ts';
import { backUp, headOfMain } from './user-tree.ts';

/** A branch is to go from one commit to another, and the user's tree with it where they have it checked out. */
export interface Move {
  readonly target: string;
  readonly from: Oid;
  readonly to: Oid;
  /** Stands in the reflog. */
  readonly reason: string;
  /** Further `update-ref` commands of the same transaction. */
  readonly with: readonly string[];
}

export type MoveResult =
  | { readonly outcome: 'moved' }
  | { readonly outcome: 'elsewhere'; readonly tip: Oid | null }
  | { readonly outcome: 'blocked'; readonly message: string; readonly paths: readonly string[] }
  | { readonly outcome: 'failed'; readonly message: string };

/**
 * Moves a branch by compare-and-swap.
 *
 * Not checked out anywhere: one transaction of refs. Checked out in the user's main tree: that tree is brought forward first, then the
 * ref, so that the user never sees an index that looks like an inverse patch. `read-tree -m -u` is the two-way merge inside git's own
 * fast-forward: it keeps every uncommitted change that the move does not touch and refuses, changing nothing, where it would have to
 * touch one. It runs neither hooks nor the user's merge settings, and takes half the time of `merge --ff-only`. Checked out elsewhere,
 * or held by a rebase or bisect: refused, with the path.
 */
export async function moveBranch(context: GitContext, move: Move): Promise<MoveResult> {
  const [usage, tip] = await Promise.all([usageOf(context, move.target), tipOf(context, branchRef(move.target))]);
  if (tip !== checkOid(move.from)) return { outcome: 'elsewhere', tip };
  const other = usage.others[0];
  if (other !== undefined) {
    return blocked(`${move.target} is in use: ${escapePath(other.why)}; finish there or switch it to another branch.`, [
      other.path,
    ]);
  }
  const tree = context.place.mainTree;
  if (!usage.inMain || tree === null) return moveRef(context, move);
  if (usage.mainOperation !== null) {
    return blocked(`A ${usage.mainOperation} is in progress in ${escapePath(tree)}; finish or abort it first.`, [tree]);
  }
  return moveTree(context, move, { tree, changes: await expectedChanges(context, move.from, checkOid(move.to)) });
}

interface Place {
  readonly tree: string;
  readonly changes: readonly RawChange[];
}

async function moveTree(context: GitContext, move: Move, { tree, changes }: Place): Promise<MoveResult> {
  const rivals = untrackedInTheWay(tree, changes);
  if (rivals.length > 0) return inTheWay(tree, rivals, 'is not tracked and stands');
  await backUp(context, tree);
  const note = landingNote(context);
  note.write({ target: move.target, from: move.from, to: move.to, startedAt: Date.now() });
  const bring = await bringTree(context, tree, move.from, move.to);
  if (bring.code !== 0) {
    note.forget();
    return explainRefusal(context, { tree, changes }, bring);
  }
  // The user may have switched branches since we asked: then the tree is theirs again, as it was.
  if ((await headOfMain(context)) !== move.target)
    return takeBack(context, tree, move, 'the branch was switched in the meantime');
  const result = await moveRef(context, move);
  if (result.outcome !== 'moved') {
    await bringTree(context, tree, move.to, move.from);
    note.forget();
    return result;
  }
  if ((await headOfMain(context)) !== move.target) await bringTree(context, tree, move.to, move.from);
  note.forget();
  return result;
}

async function takeBack(context: GitContext, tree: string, move: Move, why: string): Promise<MoveResult> {
  const back = await bringTree(context, tree, move.to, move.from);
  if (back.code !== 0) return failed(`${move.target} could not be moved: ${why}, and ${reasonOf(back)}.`);
  landingNote(context).forget();
  return blocked(`${move.target} could not be moved: ${why}; try again.`, [tree]);
}

/** Two-way merge of index and work tree. Where only time stamps differ, the index is refreshed once, as `git status` would. */
async function bringTree(context: GitContext, tree: string, from: Oid, to: Oid): Promise<GitOutput> {
  const call = { cwd: tree, args: ['read-tree', '-m', '-u', '--', from, to], durable: true, timeoutMs: 30 * 60_000 };
  const first = await context.git.runLocked(call);
  if (first.code === 0 || !/not uptodate/.test(first.stderr)) return first;
  await context.git.runLocked({ cwd: tree, args: ['update-index', '-q', '--refresh'] });
  return context.git.runLocked(call);
}

async function explainRefusal(context: GitContext, place: Place, output: GitOutput): Promise<MoveResult> {
  const lock = heldLock(output);
  if (lock !== null) return lockedBy(lock);
  const dirty = await dirtyInTheWay(context, place.tree, place.changes);
  if (dirty.length > 0) return inTheWay(place.tree, dirty, 'has uncommitted changes and stands');
  const rivals = untrackedInTheWay(place.tree, place.changes);
  if (rivals.length > 0) return inTheWay(place.tree, rivals, 'is not tracked and stands');
  return failed(`${escapePath(place.tree)} could not be brought forward: ${reasonOf(output)}.`);
}

function inTheWay(tree: string, paths: readonly string[], what: string): MoveResult {
  const first = escapePath(paths[0] ?? '');
  const more = paths.length > 1 ? ` (and ${paths.length - 1} more)` : '';
  return blocked(`${first}${more} in ${escapePath(tree)} ${what} in the way; commit it or move it away.`, paths);
}

async function moveRef(context: GitContext, move: Move): Promise<MoveResult> {
  const ref = branchRef(move.target);
  const output = await updateRefs(context, [`update ${ref} ${move.to} ${move.from}`, ...move.with], move.reason);
  if (output.code === 0) return { outcome: 'moved' };
  // A failed compare-and-swap and a held lock begin with the same words: the ref itself decides.
  const tip = await tipOf(context, ref);
  if (tip === move.to) return { outcome: 'moved' };
  if (tip !== move.from) return { outcome: 'elsewhere', tip };
  const lock = heldLock(output);
  return lock === null ? failed(`${move.target} could not be moved: ${reasonOf(output)}.`) : lockedBy(lock);
}

function lockedBy(lock: string): MoveResult {
  return blocked(`${escapePath(lock)} is held; if no git is running, remove that file and try again.`, [lock]);
}

function blocked(message: string, paths: readonly string[]): MoveResult {
  return { outcome: 'blocked', message, paths };
}

function failed(message: string): MoveResult {
  return { outcome: 'failed', message };
}
