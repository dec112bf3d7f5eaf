import type { Oid } from '../../../domain/ids.ts';
import { escapePath } from '../../../domain/text/sanitize.ts';
import type { UndoResult } from '../../../ports/branches.ts';
import { gitReason, heldLock } from '../calls/answers.ts';
import { type GitContext, tipOf } from '../context.ts';
import { branchRef } from '../plumbing/refs.ts';
import { updateRefs } from '../refs/update-refs.ts';

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

export type MoveResult = Exclude<UndoResult, { readonly outcome: 'built-on' }>;

/** The branch and what goes with it, by compare-and-swap. */
export async function moveRef(context: GitContext, move: Move): Promise<MoveResult> {
  const ref = branchRef(move.target);
  const output = await updateRefs(context, [`update ${ref} ${move.to} ${move.from}`, ...move.with], move.reason);
  if (output.code === 0) return { outcome: 'moved' };
  // A failed compare-and-swap and a held lock begin with the same words: the ref itself decides.
  const tip = await tipOf(context, ref);
  if (tip === move.to) return { outcome: 'moved' };
  if (tip !== move.from) return { outcome: 'elsewhere', tip };
  const lock = heldLock(output);
  return lock === null ? failed(`Could not move ${move.target}: ${gitReason(output)}.`) : lockedBy(lock);
}

/** Every ref that the move writes. */
export function refsOf(move: Move): string[] {
  return [branchRef(move.target), ...move.with.map(command => command.split(' ')[1] ?? '')];
}

export function lockedBy(lock: string): MoveResult {
  return blocked(`${escapePath(lock)} is held; if no git is running, remove that file and try again.`, [lock]);
}

export function blocked(message: string, paths: readonly string[]): MoveResult {
  return { outcome: 'blocked', message, paths };
}

export function failed(message: string): MoveResult {
  return { outcome: 'failed', message };
}
