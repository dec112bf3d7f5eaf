import { escapePath } from '../../../domain/text/sanitize.ts';
import { asyncFailpoint } from '../../failpoint.ts';
import { advanceCheckout } from '../checkout/advance-checkout.ts';
import { landingNote } from '../checkout/landing-note.ts';
import { recoverLanding } from '../checkout/recover.ts';
import { type GitContext, tipOf } from '../context.ts';
import { usageOf } from '../plumbing/branch-usage.ts';
import { assertOid, branchRef } from '../plumbing/refs.ts';
import { blocked, type Move, type MoveResult, moveRef, refsOf } from './move-ref.ts';

/**
 * Moves a branch by compare-and-swap. Not checked out anywhere: one transaction of refs. Checked out in the user's main tree: its files and
 * its index go with it. Checked out elsewhere, or held by a rebase or bisect: refused, with the path.
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
  return advanceCheckout(context, move, tree);
}

async function moveRefAlone(context: GitContext, move: Move): Promise<MoveResult> {
  const { target, from, to } = move;
  const note = landingNote(context);
  note.write({ target, from, to, inTree: false, refs: refsOf(move), startedAt: Date.now() });
  await asyncFailpoint('git.land.noted');
  const result = await moveRef(context, move);
  if (result.outcome === 'failed') await recoverLanding(context);
  else note.forget();
  return result;
}
