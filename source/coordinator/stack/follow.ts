/** Runs that were begun from the branch of another run: they follow it, and land after it. */
import { hasLanded, type Instance, stillLanded, waitsToLand } from '../../domain/instance.ts';
import { mayBeUpdated } from '../../domain/queue/may-be-updated.ts';
import { standsOn } from '../../domain/stack/standing.ts';
import type { CommandAnswer } from '../../ports/commands.ts';
import { requestReplay, startReplay } from '../landing/replay.ts';
import { cannotRetarget, moveTo } from '../retarget.ts';
import { judge } from '../runs/lifecycle.ts';
import { done } from '../state/answers.ts';
import type { State } from '../state/state.ts';
import type { Transition } from '../transition.ts';
import { belowOf, isOpen, stackReason } from './words.ts';

/**
 * What stands on another run follows it: onto its new commits, onto the target once it has landed; and it is held where that will not land.
 * `before`: the state before the message.
 */
export function followStacks(transition: Transition, before: State): void {
  if (!transition.state.ready) return;
  for (const { runId, stack } of transition.state.instances) {
    const instance = stack === undefined ? undefined : transition.instance(runId);
    if (instance === undefined || instance.removed !== undefined || hasLanded(instance.state)) continue;
    if (cannotRetarget(transition, instance) !== null || transition.isRemoving(runId)) continue;
    if (standsOn(instance) === null) keepOwnCommits(transition, instance);
    else follow(transition, instance, before);
  }
}

function follow(transition: Transition, instance: Instance, before: State): void {
  const { stack, runId } = instance;
  if (stack === undefined) return;
  const below = belowOf(transition.state, stack.runId);
  if (below !== undefined && stillLanded(below)) return unstack(transition, instance);
  const held = stackReason(transition.state, instance);
  if (held !== null) return hold(transition, instance, held);
  if (below === undefined) return;
  // What it stands on is back.
  const was = belowOf(before, stack.runId);
  if (was !== undefined && !isOpen(was) && instance.state === 'blocked') judge(transition, runId);
  else bringUp(transition, instance, below);
}

/** It lands on the target by itself from now on; what is its own, git tells. */
function unstack(transition: Transition, instance: Instance): void {
  const { stack } = instance;
  if (stack !== undefined) moveTo(transition, instance, stack.target, true);
}

/** What it was begun from is not on the target as it was: landed in another form, or not at all. Its own commits go there alone, once. */
function keepOwnCommits(transition: Transition, instance: Instance): void {
  if (instance.state !== 'completed' && isBeingReplayed(instance)) requestReplay(transition, instance);
}

function hold(transition: Transition, { runId, priorityId, state, reason }: Instance, held: string): void {
  if (!waitsForPerson.has(state) || reason === held) return;
  transition.record({ type: 'landing-stopped', runId, priorityId, state: 'blocked', reason: held, paths: [] });
}

const waitsForPerson: ReadonlySet<Instance['state']> = new Set([
  'awaiting-approval',
  'blocked',
  'conflict',
  'checks-failed',
]);

/** The run below has other commits than those that it was built on. */
function bringUp(transition: Transition, instance: Instance, below: Instance): void {
  const { runId, priorityId, head, stack, state } = instance;
  const isAtRest = below.state !== 'completed' && below.state !== 'landing' && waitsToLand(below.state);
  if (!isAtRest || !mayBeUpdated(state) || head === null) return;
  if (below.head === null || below.head === stack?.at) return;
  transition.record({ type: 'replay-started', runId, priorityId, head, update: true, onto: below.head });
  // Where it cannot be brought there, the trial merge says on what they conflict.
  transition.start({ type: 'git.predict', runId, head });
  startReplay(transition, runId, head);
}

/** Its own commits are on their way to the target, or what they are is being found out. */
export function isBeingReplayed({ replaying, state, stack, returning, replayStopped }: Instance): boolean {
  if (replaying !== undefined || state === 'completed') return true;
  return stack?.left === true && state === 'needs-attention' && returning !== undefined && replayStopped === undefined;
}

/** A person wants it without the run that it stands on. */
export function leaveStack(transition: Transition, instance: Instance): CommandAnswer {
  const { key, runId, stack } = instance;
  unstack(transition, instance);
  return done(`${key} keeps only its own commits and lands on ${stack?.target} from now on.`, [runId]);
}
