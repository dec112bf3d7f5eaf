import type { Oid } from '../../../domain/ids.ts';
import { escapePath } from '../../../domain/text/sanitize.ts';
import type { UndoResult } from '../../../ports/branches.ts';
import { asyncFailpoint } from '../../failpoint.ts';
import { type GitContext, tipOf } from '../context.ts';
import { usageOf } from '../plumbing/branch-usage.ts';
import type { RawChange } from '../plumbing/parse.ts';
import { assertOid, branchRef } from '../plumbing/refs.ts';
import { type GitOutput, gitReason, heldLock } from '../plumbing/run.ts';
import { updateRefs } from './candidate.ts';
import { landingNote } from './landing-note.ts';
import { recoverLanding } from './recover.ts';
import { changesOf, dirtyInTheWay, untrackedInTheWay } from './tree-conflicts.ts';
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

/** As an undo is told. */
export type MoveResult = Exclude<UndoResult, { readonly outcome: 'built-on' }>;

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
  if (tip !== assertOid(move.from)) return { outcome: 'elsewhere', tip };
  const other = usage.others[0];
  if (other !== undefined) {
    return blocked(`${move.target} is in use: ${escapePath(other.why)}; finish there or switch it to another branch.`, [
      other.path,
    ]);
  }
  const tree = context.place.mainTree;
  if (!usage.inMain || tree === null) return moveRefAlone(context, move);
  if (usage.mainOperation !== null) {
    return blocked(`A ${usage.mainOperation} is in progress in ${escapePath(tree)}; finish or abort it first.`, [tree]);
  }
  return moveTree(context, move, { tree, changes: await changesOf(context, move.from, assertOid(move.to)) });
}

interface Place {
  readonly tree: string;
  readonly changes: readonly RawChange[];
}

function openNote(context: GitContext, move: Move, inTree: boolean): { close(): void } {
  const note = landingNote(context);
  const refs = [branchRef(move.target), ...move.with.map(command => command.split(' ')[1] ?? '')];
  note.write({ target: move.target, from: move.from, to: move.to, inTree, refs, startedAt: Date.now() });
  return { close: note.forget };
}

async function moveRefAlone(context: GitContext, move: Move): Promise<MoveResult> {
  const note = openNote(context, move, false);
  await asyncFailpoint('git.land.noted');
  const result = await moveRef(context, move);
  if (result.outcome === 'failed') await recoverLanding(context);
  else note.close();
  return result;
}

async function moveTree(context: GitContext, move: Move, place: Place): Promise<MoveResult> {
  const { tree, changes } = place;
  const rivals = untrackedInTheWay(tree, changes);
  if (rivals.length > 0) return inTheWay(tree, rivals, 'is not tracked and stands');
  await backUp(context, tree);
  const note = openNote(context, move, true);
  await asyncFailpoint('git.land.noted');
  const brought = await bringTree(context, tree, move.from, move.to);
  if (brought.code !== 0) return explainRefusal(context, place, brought);
  await asyncFailpoint('git.land.tree');
  // The user may have switched branches since we asked: then the tree is theirs again, as it was.
  if ((await headOfMain(context)) !== move.target) {
    const message = `${escapePath(tree)} was switched to another branch in the meantime; try again.`;
    return takeBack(context, tree, move, blocked(message, [tree]));
  }
  const result = await moveRef(context, move);
  if (result.outcome !== 'moved') return withTreeBack(context, place, move, result);
  await asyncFailpoint('git.land.moved');
  // Or just now: then the branch has landed without being checked out, and their tree is not to show it.
  if ((await headOfMain(context)) !== move.target) await bringTree(context, tree, move.to, move.from);
  note.close();
  return result;
}

/** The branch is not to move after all, for the reason that `result` tells: the tree goes back to it. */
async function takeBack(context: GitContext, tree: string, move: Move, result: MoveResult): Promise<MoveResult> {
  const back = await bringTree(context, tree, move.to, move.from);
  if (back.code !== 0) return failed(`${escapePath(tree)} could not be set back: ${gitReason(back)}.`);
  landingNote(context).forget();
  return result;
}

/** The ref stayed where it was: the tree goes back to it. A tip of somebody else's that holds the new files already keeps them. */
async function withTreeBack(context: GitContext, place: Place, move: Move, result: MoveResult): Promise<MoveResult> {
  if (result.outcome === 'failed') {
    const recovery = await recoverLanding(context);
    return recovery.outcome === 'stopped' ? blocked(recovery.message, recovery.paths) : result;
  }
  const tip = result.outcome === 'elsewhere' ? result.tip : null;
  const theirs = tip === null ? [] : await changesOf(context, move.from, tip);
  const touched = new Set(theirs.map(change => change.path));
  if (!place.changes.some(change => touched.has(change.path))) await bringTree(context, place.tree, move.to, move.from);
  landingNote(context).forget();
  return result;
}

/** Two-way merge of index and work tree. Where only time stamps differ, the index is refreshed once, as `git status` would. */
async function bringTree(context: GitContext, tree: string, from: Oid, to: Oid): Promise<GitOutput> {
  const call = { cwd: tree, args: ['read-tree', '-m', '-u', '--', from, to], durable: true, timeoutMs: 30 * 60_000 };
  const first = await context.git.runLocked(call);
  if (first.code === 0 || !/not uptodate/.test(first.stderr)) return first;
  await context.git.runLocked({ cwd: tree, args: ['update-index', '-q', '--refresh'] });
  return context.git.runLocked(call);
}

/** Git refuses before it writes anything; but it can also fail while it writes (a full disk, a signal), so the tree is mended first. */
async function explainRefusal(context: GitContext, place: Place, output: GitOutput): Promise<MoveResult> {
  const lock = heldLock(output);
  if (lock !== null) {
    landingNote(context).forget();
    return lockedBy(lock);
  }
  const recovery = await recoverLanding(context);
  if (recovery.outcome === 'stopped') return blocked(recovery.message, recovery.paths);
  const dirty = await dirtyInTheWay(context, place.tree, place.changes);
  if (dirty.length > 0) return inTheWay(place.tree, dirty, 'has uncommitted changes and stands');
  const rivals = untrackedInTheWay(place.tree, place.changes);
  if (rivals.length > 0) return inTheWay(place.tree, rivals, 'is not tracked and stands');
  return failed(`${escapePath(place.tree)} could not be brought forward: ${gitReason(output)}.`);
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
  return lock === null ? failed(`${move.target} could not be moved: ${gitReason(output)}.`) : lockedBy(lock);
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
