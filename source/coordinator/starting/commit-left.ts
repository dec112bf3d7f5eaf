import type { Oid } from '../../domain/ids.ts';
import type { Instance } from '../../domain/instance.ts';
import { describeState } from '../../domain/state-labels.ts';
import { withoutFullStop } from '../../domain/text/clause.ts';
import { sanitizeLine } from '../../domain/text/sanitize.ts';
import type { CommitLeftRequest, CommitLeftResult } from '../../ports/branches.ts';
import type { CommandAnswer } from '../../ports/commands.ts';
import { judge } from '../runs/lifecycle.ts';
import { leftWords } from '../runs/verdict.ts';
import { done, refused } from '../state/answers.ts';
import { sanitizeReason } from '../state/sentences.ts';
import type { Transition } from '../transition.ts';

/** A run that has ended and left work uncommitted, with its branch as it should be. */
export function leftWork({ state, reason, head, base, removed }: Instance): boolean {
  const isLeft = state === 'needs-attention' && reason?.startsWith(leftWords) === true;
  return isLeft && (head ?? base) !== null && removed === undefined;
}

/** Commits what a run left, on its branch; what it amounts to is judged again, and has to be approved like any other work. */
export function commitWhatItLeft(transition: Transition, instance: Instance): CommandAnswer {
  const { key, runId, state, reason, branchName } = instance;
  if (!leftWork(instance))
    return refused(`${key} left nothing uncommitted that is known of: it ${describeState(state, reason)}.`);
  if (transition.isRemoving(runId)) return refused(`${key} is being cleaned up right now. Try again.`);
  if (transition.busy('git.commitLeft', runId)) return refused(`What ${key} left is being committed already.`);
  transition.start({ type: 'git.commitLeft', runId, head: instance.head ?? instance.base ?? '' });
  return done(`Committing what ${key} left, on ${branchName}. Review it before it lands.`, [runId]);
}

/** What git is asked to commit, with a message that says whose work it is. */
export function commitLeftRequest(instance: Instance, head: Oid): CommitLeftRequest {
  const { agent, key, setupFiles = {}, branchName, worktreePath } = instance;
  const message = [
    `Commit what ${sanitizeLine(agent, 60)} left`,
    `The agent of ${key} ended with this uncommitted; cm-tui committed it when asked to.`,
  ].join('\n\n');
  return { branchName, worktreePath, head, setupFiles, message, trailers: { 'Cm-Task': key } };
}

export function leftCommitted(transition: Transition, runId: string, result: CommitLeftResult): void {
  const key = transition.instance(runId)?.key ?? 'the run';
  if (result.outcome === 'failed')
    transition.notice('warning', `${key}: not committed: ${sanitizeReason(withoutFullStop(result.message))}`, runId);
  judge(transition, runId);
}
