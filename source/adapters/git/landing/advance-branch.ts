import { asyncFailpoint } from '../../failpoint.ts';
import { advanceCheckout } from '../checkout/advance-checkout.ts';
import { landingNote } from '../checkout/landing-note.ts';
import { recoverMove } from '../checkout/recover.ts';
import { type GitContext, tipOf } from '../context.ts';
import { assertOid, branchRef } from '../plumbing/refs.ts';
import { holderOf } from '../target/holder.ts';
import { blocked, type Move, type MoveResult, moveRef, refsOf } from './move-ref.ts';

/**
 * Moves a branch by compare-and-swap. Not checked out anywhere: one transaction of refs. Checked out in the main worktree or a linked one of the
 * user's: its files and its index go with it. Checked out several times, by a run, or held by a rebase or bisect: refused, with the path.
 */
export async function moveBranch(context: GitContext, move: Move): Promise<MoveResult> {
  const [holder, tip] = await Promise.all([holderOf(context, move.target), tipOf(context, branchRef(move.target))]);
  if (tip !== assertOid(move.from)) return { outcome: 'elsewhere', tip };
  switch (holder.kind) {
    case 'nobody':
      return moveRefAlone(context, move);
    case 'in-use':
      return blocked(holder.message, [holder.path]);
    case 'checkout':
      return advanceCheckout(holder.context, move, holder.tree);
  }
}

async function moveRefAlone(context: GitContext, move: Move): Promise<MoveResult> {
  const { target, from, to } = move;
  const note = landingNote(context);
  note.write({ target, from, to, inTree: false, refs: refsOf(move), startedAt: Date.now() });
  await asyncFailpoint('git.land.noted');
  const result = await moveRef(context, move);
  if (result.outcome === 'failed') await recoverMove(context);
  else note.forget();
  return result;
}
