import { type Instance, isAlive } from '../../domain/instance.ts';
import type { WaitReason } from '../../domain/plan-types.ts';
import { freeSlot, holdsSlot } from '../../domain/queue/run-slot.ts';
import { areRivals, rivalAhead, rivalsOf } from '../../domain/race/race.ts';
import { commentMessage, noReview, pendingComments } from '../../domain/review/review.ts';
import { runsAbove, runsBelow, standsOn } from '../../domain/stack/standing.ts';
import { describeState } from '../../domain/state-labels.ts';
import { withoutFullStop } from '../../domain/text/clause.ts';
import type { Command, CommandAnswer } from '../../ports/commands.ts';
import { refused } from '../state/answers.ts';
import { allItems } from '../state/planning.ts';
import { sanitizeReason, someOf } from '../state/sentences.ts';
import type { State } from '../state/state.ts';
import type { Transition } from '../transition.ts';
import { isRepairable, repairedTooOften, repairMessage } from './repair-message.ts';
import { askAboutCapacity, obstaclesToSpawn, replaceRuns, unsettledRuns } from './spawning.ts';

/** A command that resumes a run. */
type Resuming = Extract<Command, { readonly type: 'resume' | 'retry' }>;

/** Longest message that is kept for an agent; what is longer belongs into a file. */
const messageLength = 20_000;

/**
 * Resumes an agent in its own worktree, on its own branch, with its log continued: in its session if there is one, else with a new start
 * whose prompt says what happened before. What it leaves behind is judged, and has to be approved, again.
 */
export function resume(
  transition: Transition,
  instance: Instance,
  message: string,
  wanted: Resuming,
  why: 'repair' | 'round' | null = null,
): CommandAnswer {
  const { runId, priorityId, key } = instance;
  const words = message.trim().slice(0, messageLength);
  const refusal = words === '' ? refused(`Say what ${key} should do next.`) : whyNot(transition, instance, wanted);
  if (refusal !== null) return refusal;
  replaceRuns(transition, othersOf(transition.state, instance));
  transition.record({
    type: 'instance-resumed',
    runId,
    priorityId,
    message: words,
    ...(why === 'repair' ? { handBack: true } : {}),
    ...(why === 'round' ? { round: true as const } : {}),
    ...slotFor(transition.state, instance),
  });
  // What was asked of its last part says nothing of the next.
  transition.abandon('git.judge', runId);
  transition.start({ type: 'process.start', runId });
  const how = instance.sessionId === null ? 'Starting again' : 'Resuming';
  return { ok: true, message: `${how} ${key} in ${instance.worktreePath}.`, runIds: [runId] };
}

/**
 * Resumes with a person's words and the review comments that they name, as one message; those count as sent. `byItself`: no person did, but
 * the settings say so.
 */
export function resumeWith(
  transition: Transition,
  instance: Instance,
  wanted: Extract<Command, { readonly type: 'resume' }>,
  byItself = false,
): CommandAnswer {
  const { runId, branchName, review = noReview } = instance;
  const comments = pendingComments(review).filter(({ id }) => wanted.comments?.includes(id) === true);
  const message = commentMessage(wanted.message, branchName, comments);
  if (comments.length > 0 && message.length > messageLength)
    return refused(
      `The comments are ${message.length} characters long together; at most ${messageLength} can be sent at once. Remove some.`,
    );
  const answer = resume(transition, instance, message, wanted, byItself ? 'round' : null);
  if (answer.ok && comments.length > 0)
    transition.record({ type: 'comments-sent', runId, ids: comments.map(({ id }) => id) });
  return answer;
}

/** Resumes in place with what went wrong as the message; how often a fix can be requested is limited. */
export function repair(transition: Transition, instance: Instance, wanted: Resuming): CommandAnswer {
  if (!isRepairable(instance)) return resume(transition, instance, continueMessage(instance), wanted);
  return (
    repairedTooOften(instance) ?? resume(transition, instance, repairMessage(transition, instance), wanted, 'repair')
  );
}

/** While it was over, another run may have got its number. */
function slotFor({ instances }: State, instance: Instance): { readonly slot?: number } {
  const free = freeSlot(instances, instance);
  const taken = instances.some(one => one !== instance && holdsSlot(one) && one.slot === instance.slot);
  return instance.slot === undefined || taken ? { slot: free } : {};
}

function whyNot(transition: Transition, instance: Instance, wanted: Resuming): CommandAnswer | null {
  const obstacle = obstacleTo(instance);
  if (obstacle !== null) return refused(obstacle);
  const { key, runId } = instance;
  // An agent must not begin in a worktree that is about to go.
  if (transition.isRemoving(runId)) return refused(`${key} is being cleaned up right now. Try again.`);
  if (transition.busy('git.commitLeft', runId))
    return refused(`What ${key} left is being committed right now. Try again.`);
  const obstacles = obstaclesBeside(transition, instance, wanted.overCapacity);
  if (typeof obstacles === 'string') return refused(obstacles);
  if (obstacles.length === 0) return null;
  const details = obstacles.map(({ detail }) => withoutFullStop(detail)).join('; ');
  return {
    ...refused(`Cannot resume ${key} now: ${details}.`),
    ...askAboutCapacity(transition.state, obstacles, wanted),
  };
}

/** What its item, and the runs beside it, do not allow: one sentence, or reasons of which some pass. */
function obstaclesBeside(
  { state, at }: Pick<Transition, 'state' | 'at'>,
  instance: Instance,
  overCapacity?: boolean,
): string | readonly WaitReason[] {
  const { key, runId, priorityId } = instance;
  const { instances } = state;
  const item = allItems(state).find(candidate => candidate.id === priorityId);
  if (item === undefined) return `${key} is no longer in the ROADMAP. Nothing started.`;
  const ahead = rivalAhead(instances, instance);
  if (ahead !== null)
    return `${key} has a run beside it, ${ahead.slug}, which ${describeState(ahead.state, null)}. Reject or undo that first.`;
  const rivals = rivalsOf(instances, instance).map(other => other.runId);
  const given = othersOf(state, instance).map(other => other.runId);
  const { agents: _, ...alone } = item;
  // It stands where it stood, with what it is built on and what is built on it.
  const stacked = [...runsBelow(instance, instances), ...runsAbove(instance, instances)].map(other => other.runId);
  const found = obstaclesToSpawn(state, alone, at, {
    replaced: [runId, ...given],
    beside: [...rivals, ...stacked],
    overCapacity,
  });
  return standsOn(instance) === null ? found : found.filter(({ code }) => code !== 'dependency');
}

/** Why a run that waits to continue will not, however long it waits; null: it may. */
export function neverContinues(transition: Pick<Transition, 'state' | 'at'>, instance: Instance): string | null {
  const obstacles = obstaclesBeside(transition, instance);
  if (typeof obstacles === 'string') return withoutFullStop(obstacles);
  return obstacles.find(({ code }) => code === 'status' || code === 'cycle')?.detail ?? null;
}

/** What the run itself does not allow; null: nothing. */
function obstacleTo(instance: Instance): string | null {
  const { key, state, base } = instance;
  if (instance.reverts !== undefined)
    return `${key} is a revert by git and has no agent. Fix it in ${instance.worktreePath}, or retry it.`;
  if (instance.remote !== undefined)
    return `${key} ran on another machine, where nothing of it is left to continue. Retry it.`;
  if (instance.removed !== undefined)
    return `${key} has no worktree any more. Restore it first with "cm-tui restore ${instance.slug}", or retry it.`;
  if (instance.replaying !== undefined)
    return `${key} is being replayed onto ${instance.target}. Try again in a moment.`;
  if (isAlive(state)) return `${key} is still running. Send it a message once it has ended.`;
  if (state === 'completed') return `${key} has finished and is being inspected. Try again in a moment.`;
  switch (state) {
    case 'queued':
    case 'checking':
    case 'landing':
      return `${key} is queued to land. Reject it first.`;
    case 'merged':
    case 'cleaned':
      return `${key} has landed. Spawn its item again for more work.`;
    case 'failed':
    case 'cancelled':
    case 'interrupted':
    case 'awaiting-approval':
    case 'conflict':
    case 'checks-failed':
    case 'blocked':
    case 'no-work':
    case 'asks':
    case 'waiting':
    case 'needs-attention':
    case 'rejected':
      break;
  }
  return base === null ? `${key} never had a worktree to resume in. Retry it.` : null;
}

function othersOf(state: State, instance: Instance): readonly Instance[] {
  return unsettledRuns(state, instance.priorityId).filter(
    other => other.runId !== instance.runId && !areRivals(other, instance),
  );
}

/** The message to an agent that should fix its own work. */
function continueMessage(instance: Instance): string {
  const { branchName, reason, merge } = instance;
  const end = 'Commit everything that belongs to the item, and leave the tree clean.';
  switch (instance.state) {
    case 'blocked':
      return `Your branch cannot land as it is: ${sanitizeReason(someOf(merge.violations.map(({ message }) => message)) || (reason ?? ''))}. Revert changes outside your item's files. ${end}`;
    case 'no-work':
      return `Your last run ended without a change on the branch ${branchName}. Do the work now. ${end}`;
    default:
      return `Your last run ended: ${sanitizeReason(reason ?? instance.state)}. Continue from there and finish the work. ${end}`;
  }
}
