import type { RunId } from '../../domain/ids.ts';
import { hasLanded, type Instance, isAlive } from '../../domain/instance.ts';
import { mayBeUpdated } from '../../domain/queue/may-be-updated.ts';
import { describeState } from '../../domain/state-labels.ts';
import type { ReplayResult } from '../../ports/branches.ts';
import type { CommandAnswer } from '../../ports/commands.ts';
import { judge } from '../runs/lifecycle.ts';
import { done, refused } from '../state/answers.ts';
import { sanitizeReason, somePaths } from '../state/sentences.ts';
import type { Transition } from '../transition.ts';

/** Why the run's own commits are not replayed onto its target now; null: they can be. */
export function cannotReplay({ key, state, reason, returning, replaying, target, head }: Instance): string | null {
  if (replaying !== undefined) return `${key} is already being replayed onto ${target}.`;
  if (hasLanded(state)) return `${key} has already landed.`;
  if (isAlive(state) || state === 'completed')
    return `${key} is still running. It can be replayed once its agent has finished.`;
  if (state === 'queued' || state === 'checking' || state === 'landing')
    return `${key} is queued to land. Reject it first.`;
  if (returning === undefined) return `${target} holds everything that ${key} is built on. Nothing to replay.`;
  if (state !== 'needs-attention' || head === null) return `Cannot replay ${key}: it ${describeState(state, reason)}.`;
  return null;
}

/**
 * Puts a run's own commits onto the tip of its target, without those that somebody removed from there. What comes of it is a new state of
 * the branch: whatever was approved before is void, and it is judged like the work of an agent that has just ended.
 */
export function requestReplay(transition: Transition, instance: Instance): CommandAnswer {
  const { key, runId, priorityId, target, head } = instance;
  const obstacle = cannotReplay(instance);
  if (obstacle !== null || head === null) return refused(obstacle ?? `The head of ${key} is unknown.`);
  if (transition.isRemoving(runId)) return refused(`${key} is being cleaned up right now. Try again.`);
  transition.record({ type: 'replay-started', runId, priorityId, head });
  startReplay(transition, runId, head);
  return done(`Replaying the commits of ${key} onto ${target}.`, [runId]);
}

/** Why the branch cannot be brought up to date with its target now; null: it can be. */
export function cannotUpdate(instance: Instance): string | null {
  const { key, state, reason, replaying, target, head, returning } = instance;
  if (returning !== undefined) return cannotReplay(instance);
  if (replaying !== undefined) return `${key} is already being brought up to date with ${target}.`;
  if (hasLanded(state)) return `${key} has already landed.`;
  if (isAlive(state) || state === 'completed')
    return `${key} is still running. It can be brought up to date once its agent has finished.`;
  if (state === 'queued' || state === 'checking' || state === 'landing')
    return `${key} is queued to land. Reject it first.`;
  if (!mayBeUpdated(state) || head === null)
    return `Cannot bring ${key} up to date: it ${describeState(state, reason)}.`;
  return null;
}

/**
 * Brings a run's branch up to date with its target: its commits are replayed onto the tip, or the tip is merged into it where they cannot
 * be. The result is judged, and needs approval again. Where both conflict, the branch stays, and the agent can be asked.
 */
export function requestUpdate(transition: Transition, instance: Instance): CommandAnswer {
  const { key, runId, priorityId, target, head, returning } = instance;
  if (returning !== undefined) return requestReplay(transition, instance);
  const obstacle = cannotUpdate(instance);
  if (obstacle !== null || head === null) return refused(obstacle ?? `The head of ${key} is unknown.`);
  if (transition.isRemoving(runId)) return refused(`${key} is being cleaned up right now. Try again.`);
  transition.record({ type: 'replay-started', runId, priorityId, head, update: true });
  startReplay(transition, runId, head);
  return done(`Bringing ${key} up to date with ${target}.`, [runId]);
}

/** Why an update changed nothing: there was nothing to bring. */
export function upToDate({ target }: Pick<Instance, 'target'>): string {
  return `it is up to date with ${target}`;
}

/** One that nobody has heard the end of is asked for again: git tells whether it has happened. */
export function resumeReplay(transition: Transition, instance: Instance): void {
  const { runId, state, replaying } = instance;
  if (replaying === undefined || replaying.answered === true) return;
  if (!mayBeUpdated(state)) return stopReplay(transition, instance, `it ${describeState(state, null)}`);
  startReplay(transition, runId, replaying.head);
}

/** Git is asked for it; that it is wanted is recorded already. */
export function startReplay(transition: Transition, runId: RunId, head: string): void {
  // What is being asked of the branch now tells nothing of what it will be.
  transition.abandon('git.judge', runId);
  transition.start({ type: 'git.replay', runId, head });
}

export function replayAnswered(transition: Transition, runId: RunId, result: ReplayResult): void {
  const instance = transition.instance(runId);
  if (instance?.replaying === undefined || instance.replaying.answered === true) return;
  const { priorityId, target } = instance;
  switch (result.outcome) {
    case 'replayed':
      if (result.remark !== undefined) transition.notice('warning', result.remark, runId);
      transition.record({
        type: 'branch-replayed',
        runId,
        priorityId,
        from: instance.replaying.head,
        head: result.head,
      });
      return judgeReplayed(transition, runId);
    case 'conflict': {
      const { oid, subject, paths } = result;
      const which = `${oid.slice(0, 10)} "${subject}"`;
      return stopReplay(transition, instance, `${which} conflicts with ${target}: ${somePaths(paths)}`, paths);
    }
    case 'moved':
      return stopReplay(transition, instance, `its branch ${result.head === null ? 'was deleted' : 'moved'} meanwhile`);
    case 'not-needed': {
      const isUpdate = instance.replaying.update === true;
      const why = isUpdate ? upToDate(instance) : `${target} holds everything again that it is built on`;
      return stopReplay(transition, instance, why);
    }
    case 'blocked':
    case 'failed':
      return stopReplay(transition, instance, result.message);
  }
}

/** The branch is where it was; what is in the way may have changed it. */
function stopReplay(
  transition: Transition,
  { runId, priorityId }: Instance,
  reason: string,
  paths: readonly string[] = [],
): void {
  transition.record({ type: 'replay-stopped', runId, priorityId, reason: sanitizeReason(reason), paths });
  judgeReplayed(transition, runId);
}

function judgeReplayed(transition: Transition, runId: RunId): void {
  if (transition.instance(runId)?.replaying?.answered === true) judge(transition, runId);
}
