import { canBeDismissed, type Instance } from '../../domain/instance.ts';
import { describeState } from '../../domain/state-labels.ts';
import type { CommandAnswer } from '../../ports/commands.ts';
import { done, refused } from '../state/answers.ts';
import type { Transition } from '../transition.ts';

/** Puts a run that has come to its end away, or back among what is shown. Branch, worktree and log stay. */
export function dismiss(transition: Transition, { key, state, runId }: Instance, dismissed: boolean): CommandAnswer {
  if (!canBeDismissed(state))
    return refused(`${key} ${describeState(state, null)}, so it cannot be dismissed. Reject or cancel it first.`);
  transition.record({ type: 'instance-dismissed', runId, dismissed });
  return done(dismissed ? `Dismissed ${key}. Its branch, worktree and log stay.` : `${key} is shown again.`, [runId]);
}
