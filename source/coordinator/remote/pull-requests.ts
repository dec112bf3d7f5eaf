import type { Oid, RunId } from '../../domain/ids.ts';
import { hasLanded, type Instance, isAlive } from '../../domain/instance.ts';
import { type PullRequest, pullRequestWords, samePullRequest } from '../../domain/queue/pull-request.ts';
import { describeState } from '../../domain/state-labels.ts';
import type { CommandAnswer } from '../../ports/commands.ts';
import type { OpenResult } from '../../ports/remote/forge.ts';
import { isOnItsWay } from '../api/merge-queue.ts';
import { stop, withdrawApproval } from '../landing/queue-stop.ts';
import { resume } from '../runs/resume.ts';
import { standsSentence } from '../stack/words.ts';
import { done, refused } from '../state/answers.ts';
import { sanitizeReason } from '../state/sentences.ts';
import type { Transition } from '../transition.ts';

/** Why no pull request can be opened for it now; null: one can be. */
export function cannotOpen({ key, state, reason, head, pr, merge, target }: Instance): string | null {
  if (hasLanded(state)) return `${key} has already landed.`;
  if (isAlive(state) || state === 'completed')
    return `${key} is still running. A pull request can be opened once its agent has finished.`;
  if (head === null || state === 'no-work') return `${key} has nothing to open a pull request for.`;
  if (pr?.state === 'open' && pr.head === head) return `${key} has ${pullRequestWords(pr)} already: ${pr.url}`;
  if (merge.prediction === 'conflict')
    return `${key} conflicts with ${target}. Resolve that first, or ask its agent (r g).`;
  if (state !== 'awaiting-approval' && state !== 'queued' && state !== 'checks-failed')
    return `Cannot open a pull request for ${key}: it ${describeState(state, reason)}.`;
  return null;
}

/** A person asks for it: the branch is pushed, and nothing lands here. */
export function requestPullRequest(transition: Transition, instance: Instance): CommandAnswer {
  const obstacle = cannotOpen(instance) ?? standsSentence(transition.state, instance);
  const { key, runId, head, target } = instance;
  if (obstacle !== null || head === null) return refused(obstacle ?? `The head of ${key} is unknown.`);
  if (transition.busy('forge.open', runId)) return refused(`A pull request for ${key} is already being opened.`);
  transition.start({ type: 'forge.open', runId, head });
  return done(`Opening a pull request of ${key} onto ${target}.`, [runId]);
}

/** The last step of a landing by pull request: everything but the move of the target has been done. */
export function openApproved(transition: Transition, runId: RunId, head: Oid): void {
  if (!transition.busy('forge.open', runId)) transition.start({ type: 'forge.open', runId, head });
}

export function pullRequestAnswered(
  transition: Transition,
  {
    runId,
    head,
    pushed,
    result,
  }: { readonly runId: RunId; readonly head: Oid; readonly pushed: boolean; readonly result: OpenResult },
): void {
  const instance = transition.instance(runId);
  if (instance === undefined) return;
  const { priorityId, branchName } = instance;
  if (pushed)
    transition.record({ type: 'branch-pushed', runId, priorityId, branch: branchName, commit: head, reason: null });
  if (result.outcome === 'opened')
    return transition.record({ type: 'pr-opened', runId, priorityId, head, pr: result.pr });
  const reason = sanitizeReason(result.message);
  transition.record({ type: 'pr-failed', runId, priorityId, reason });
  const current = transition.instance(runId);
  if (current !== undefined && current.merge.approvedHead === head && isOnItsWay(current.state))
    stop(transition, current, 'blocked', reason);
}

/** What reviewers wrote on the forge goes to the agent. */
export function requestComments(transition: Transition, { key, runId, pr }: Instance): CommandAnswer {
  if (pr === undefined) return refused(`${key} has no pull request. Open one with "cm-tui pr ${key}".`);
  if (transition.busy('forge.comments', runId))
    return refused(`The comments of PR #${pr.number} are already being read.`);
  transition.start({ type: 'forge.comments', runId, number: pr.number });
  return done(`Reading the comments of PR #${pr.number}.`, [runId]);
}

export function commentsAnswered(transition: Transition, runId: RunId, comments: readonly string[] | null): void {
  const instance = transition.instance(runId);
  if (instance?.pr === undefined) return;
  const { key, pr } = instance;
  const say = (text: string) => transition.notice('warning', `${key}: ${text}`, runId);
  if (comments === null) return say(`the forge did not say what reviewers wrote on PR #${pr.number}; try again`);
  if (comments.length === 0) return say(`nobody has written anything on PR #${pr.number}`);
  const message = `Reviewers wrote on PR #${pr.number} (${pr.url}). Address each of these and commit:\n\n${comments.join('\n\n')}`;
  const answer = resume(transition, instance, message, { type: 'resume', id: runId, message });
  if (!answer.ok) say(answer.message);
}

/** The forge was asked once more: what is news is a fact. */
export function pullRequestRead(transition: Transition, runId: RunId, pr: PullRequest): void {
  const instance = transition.instance(runId);
  const before = instance?.pr;
  if (instance === undefined || before === undefined || before.number !== pr.number || samePullRequest(before, pr))
    return;
  const { priorityId } = instance;
  transition.record({ type: 'pr-changed', runId, priorityId, pr });
  if (before.state === pr.state) return;
  if (pr.state === 'merged') return transition.emit({ type: 'target.read', fetch: true });
  if (pr.state === 'closed' && instance.state === 'queued' && instance.merge.approvedHead === before.head)
    withdrawApproval(transition, instance, `PR #${pr.number} was closed without being merged`);
}
