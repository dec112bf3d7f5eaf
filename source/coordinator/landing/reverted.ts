import type { Oid } from '../../domain/ids.ts';
import type { Instance } from '../../domain/instance.ts';
import type { Transition } from '../transition.ts';

/** A revert has landed: the landing that it was for is reverted. */
export function revertLanded(transition: Transition, { reverts }: Instance, commit: Oid): void {
  const undone = reverts === undefined ? undefined : transition.instance(reverts.runId);
  // Reverted by other means since, it may have landed again as another commit.
  if (undone === undefined || undone.merge.landed !== reverts?.commit) return;
  const { runId, priorityId } = undone;
  transition.record({ type: 'landing-undone', runId, priorityId, by: 'revert', commit });
}
