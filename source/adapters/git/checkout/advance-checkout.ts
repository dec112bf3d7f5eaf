import { join } from 'node:path';
import { messageOf } from '../../../domain/errors.ts';
import { withoutFullStop } from '../../../domain/text/clause.ts';
import { escapePath } from '../../../domain/text/sanitize.ts';
import { asyncFailpoint } from '../../failpoint.ts';
import { gitReason } from '../calls/answers.ts';
import { type GitContext, privateFolder, tipOf } from '../context.ts';
import { blocked, failed, lockedBy, type Move, type MoveResult, moveRef, refsOf } from '../landing/move-ref.ts';
import { failedFilter } from '../plumbing/filters.ts';
import type { RawChange } from '../plumbing/parse.ts';
import { assertOid, branchRef } from '../plumbing/refs.ts';
import { type HidingFlag, hiddenBy, hiddenEdits, lookAgain } from '../target/hidden-edits.ts';
import { type IndexLock, indexLock } from './index-lock.ts';
import { type LandingNote, landingNote, stepsFile } from './landing-note.ts';
import { recoverMove, settleLanding } from './recover.ts';
import { savedDuring } from './rescue.ts';
import { indexOf, type Obstacle, stageUpdate } from './stage-update.ts';
import { changedSince, swapFiles, swapOf, syncFolders } from './swap-files.ts';
import { changesOf, dirtyInTheWay, untrackedInTheWay } from './tree-conflicts.ts';
import { type RawPath, readablePath } from './user-files.ts';
import { backUp, headOfMain } from './user-tree.ts';

/**
 * Moves a branch that the user has checked out: the files, then the ref, then the index.
 *
 * The lock of the index is held from the first look at the tree to the end, so that no commit, add or switch of the user's comes between. New
 * files are written beside the tree first; where a filter fails or the disk is full, nothing has been touched yet. Then each file that
 * changes is moved aside as it is and the new one is placed where nothing stands. What was moved aside is read once more before the ref
 * moves: where it is not what the old commit holds, somebody has just saved it, and everything goes back.
 */
export async function advanceCheckout(context: GitContext, move: Move, tree: string): Promise<MoveResult> {
  const { target, from, to } = move;
  const changes = await changesOf(context, assertOid(from), assertOid(to));
  const rivals = untrackedInTheWay(tree, changes);
  if (rivals.length > 0) return inTheWay(tree, rivals, 'is not tracked and is');
  await backUp(context, tree);
  const startedAt = Date.now();
  const folder = join(privateFolder(join(context.runtimeDir, 'rescue')), `landing-${startedAt}`);
  const { gitDir } = context.checkout;
  const note = { target, from, to, inTree: true, refs: refsOf(move), startedAt, folder, gitDir };
  landingNote(context).write(note);
  await asyncFailpoint('git.land.noted');
  try {
    const lock = indexLock(context, startedAt);
    const result = (await lock.take())
      ? await advance(context, move, { tree, changes, folder, lock })
      : lockedBy(lock.file);
    return result.outcome === 'moved' ? await finish(context, note, result) : await giveUp(context, note, result);
  } catch (error) {
    const reason = withoutFullStop(messageOf(error));
    return giveUp(context, note, failed(`Could not update ${escapePath(tree)}: ${reason}.`));
  }
}

interface Place {
  readonly tree: string;
  readonly changes: readonly RawChange[];
  readonly folder: string;
  readonly lock: IndexLock;
}

/** Everything up to the ref; whatever the answer is, the note still stands. */
async function advance(context: GitContext, move: Move, place: Place): Promise<MoveResult> {
  const { tree, changes, folder, lock } = place;
  const { target, from, to } = move;
  const tip = await tipOf(context, branchRef(target));
  if (tip !== from) return { outcome: 'elsewhere', tip };
  if ((await headOfMain(context)) !== target) return switched(tree);
  const staged = await stageUpdate(context, { tree, from, to, changes, folder }, lock);
  if (staged.outcome !== 'ready') return explain(context, place, staged);
  stepsFile(folder).write(staged.steps);
  const swap = swapOf(tree, folder, staged.steps);
  const stopped = swapFiles(swap);
  if (stopped !== null) return savedMeanwhile(tree, [stopped]);
  const refresh = ['update-index', '-q', '--refresh'];
  await context.git.run({ cwd: tree, args: refresh, env: { GIT_INDEX_FILE: indexOf(folder) }, durable: true });
  await asyncFailpoint('git.land.tree');
  await syncFolders(swap);
  const changed = await changedSince(swap);
  if (changed.length > 0) return savedMeanwhile(tree, changed);
  // Without the index, as a switch to a new branch does.
  if ((await headOfMain(context)) !== target) return switched(tree);
  const result = await moveRef(context, move);
  if (result.outcome !== 'moved') return result;
  await asyncFailpoint('git.land.moved');
  return staged.leftOut.length === 0 ? result : { outcome: 'moved', remark: leftOutSentence(staged.leftOut) };
}

/** The index follows, or, where the user has switched at the last moment, the files go back: the branch is not what they have checked out. */
async function finish(context: GitContext, note: LandingNote, result: MoveResult): Promise<MoveResult> {
  const settled = await settleLanding(context, note);
  if (settled.outcome === 'stopped') return blocked(settled.message, settled.paths);
  const saved = await savedDuring(context, note);
  if (saved === null || result.outcome !== 'moved') return result;
  return { outcome: 'moved', remark: [result.remark ?? [], saved].flat().join(' ') };
}

/** The ref stays where it was, and the tree goes back to it. */
async function giveUp(context: GitContext, note: LandingNote, result: MoveResult): Promise<MoveResult> {
  // A git that failed may have left its locks.
  const settled = result.outcome === 'failed' ? await recoverMove(context) : await settleLanding(context, note);
  return settled.outcome === 'stopped' ? blocked(settled.message, settled.paths) : result;
}

async function explain(context: GitContext, { tree, changes }: Place, obstacle: Obstacle): Promise<MoveResult> {
  const unsaved = 'has uncommitted changes and is';
  if (obstacle.outcome === 'dirty')
    return (await hidden(context, tree, obstacle.paths)) ?? inTheWay(tree, obstacle.paths, unsaved);
  const reason = `Could not update ${escapePath(tree)}: ${gitReason(obstacle.output)}.`;
  const filter = failedFilter(obstacle.output.stderr);
  if (filter !== null) return blocked(reason, [filter.path]);
  const dirty = await dirtyInTheWay(context, tree, changes);
  return dirty.length > 0 ? inTheWay(tree, dirty, unsaved) : failed(reason);
}

/** The user has asked git not to look at a file that they have changed: then `git status` does not show what is in the way. */
async function hidden(context: GitContext, tree: string, paths: readonly RawPath[]): Promise<MoveResult | null> {
  const edits = await hiddenEdits(context, tree, new Set(paths)).catch(() => new Map<RawPath, HidingFlag>());
  const [first] = edits;
  if (first === undefined) return null;
  const path = readablePath(first[0]);
  const message = `${escapePath(path)} in ${escapePath(tree)} ${hiddenBy(first[1])} and is in the way; ${lookAgain(first[1], path, tree)}.`;
  return blocked(message, paths.map(readablePath));
}

/** Nobody would miss new files that they have never seen; where no other file is left out, the set may be unknown to the user too. */
function leftOutSentence(paths: readonly RawPath[]): string {
  const first = escapePath(readablePath(paths[0] ?? ''));
  const more = paths.length > 1 ? ` (and ${paths.length - 1} more)` : '';
  return `New in the repository, but not in your checkout: ${first}${more}. The sparse set in .git/info/sparse-checkout excludes it; to check out everything, run git sparse-checkout disable.`;
}

function switched(tree: string): MoveResult {
  return blocked(`${escapePath(tree)} was switched to another branch in the meantime; try again.`, [tree]);
}

function savedMeanwhile(tree: string, paths: readonly RawPath[]): MoveResult {
  return inTheWay(tree, paths, 'was saved while the landing was about to replace it and is');
}

function inTheWay(tree: string, raw: readonly RawPath[], what: string): MoveResult {
  const paths = raw.map(readablePath);
  const first = escapePath(paths[0] ?? '');
  const more = paths.length > 1 ? ` (and ${paths.length - 1} more)` : '';
  return blocked(`${first}${more} in ${escapePath(tree)} ${what} in the way; commit it or move it away.`, paths);
}
