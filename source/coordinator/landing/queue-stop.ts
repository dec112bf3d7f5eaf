import type { Instance } from '../../domain/instance.ts';
import type { CommandAnswer } from '../../ports/commands.ts';
import { done, refused } from '../state/answers.ts';
import { sanitizeReason } from '../state/sentences.ts';
import type { Transition } from '../transition.ts';

/** A run that was made for another target than this start's is landed there, but tells nothing of ours. */
export function isOurTarget(transition: Transition, { target }: Instance): boolean {
  return target === transition.state.target;
}

export function rebuildCandidate(transition: Transition, instance: Instance): void {
  stop(transition, instance, 'queued', `${instance.target} moved; rebuilding and checking again`);
}

/** What was approved is no longer what would land: it is judged, and has to be approved, again. */
export function withdrawApproval(transition: Transition, { runId, priorityId }: Instance, reason: string): void {
  transition.record({ type: 'approval-voided', runId, priorityId, reason: sanitizeReason(reason) });
  transition.start({ type: 'git.judge', runId });
}

/** The approval was for a commit that the branch no longer points to. */
export function voidApproval(transition: Transition, instance: Instance, what: 'moved' | 'was deleted'): void {
  withdrawApproval(transition, instance, `its branch ${what} after it was approved`);
}

export function pauseForRewind(transition: Transition, target: string): void {
  pauseQueue(transition, `${target} was reset to an earlier commit; nothing lands until you resume the queue`);
}

/** Nothing lands until a person has accepted this reason, and every one before it that they have not accepted yet. */
export function pauseQueue(transition: Transition, reason: string): void {
  const before = transition.state.queuePaused;
  const added = sanitizeReason(reason);
  if (before === null) return transition.record({ type: 'queue-paused', paused: true, reason: added });
  if (before.includes(added) || before.length > mostReasons) return;
  transition.record({ type: 'queue-paused', paused: true, reason: `${before}; ${added}` });
}

/** Why landing is paused where the target is gone. */
export function targetGone(target: string): string {
  return `the target branch ${sanitizeReason(target)} no longer exists; restore it, or land on another with "cm-tui retarget BRANCH"`;
}

/** A person has accepted what it was paused for; `reason`: as far as they know it. */
export function resumeQueue(transition: Transition, reason: string | undefined): CommandAnswer {
  const { queuePaused } = transition.state;
  if (queuePaused !== null && reason !== undefined && reason !== queuePaused)
    return refused('Landing was paused for one more reason meanwhile. Review the reasons again.');
  if (queuePaused !== null) transition.record({ type: 'queue-paused', paused: false, reason: null });
  return done('Landing resumed.');
}

/** Characters after which further reasons are left to the list of what has happened. */
const mostReasons = 1000;

/** A landing cannot continue. */
export function stop(
  transition: Transition,
  { runId, priorityId }: Instance,
  state: 'conflict' | 'blocked' | 'checks-failed' | 'queued' | 'no-work',
  reason: string,
  paths: readonly string[] = [],
): void {
  transition.record({ type: 'landing-stopped', runId, priorityId, state, reason: sanitizeReason(reason), paths });
}
