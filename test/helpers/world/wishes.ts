import { openDependencies } from '../../../source/coordinator/landing/queue-order.ts';
import { allItems } from '../../../source/coordinator/state/planning.ts';
import { latestInstances } from '../../../source/coordinator/state/selectors.ts';
import type { State } from '../../../source/coordinator/state/state.ts';
import { type Instance, isAlive, stillLanded, waitsToLand } from '../../../source/domain/instance.ts';
import type { Command } from '../../../source/ports/commands.ts';

const neverMind = 'never mind';

/** Everything has landed, and nothing waits any more. */
export function isDone(state: State): boolean {
  if (state.queuePaused !== null || state.mode !== 'auto' || state.paused) return false;
  return allItems(state).every(({ id, status, reverts }) => {
    const runs = state.instances.filter(one => one.priorityId === id);
    // What cannot be taken back by itself is left as it is.
    return (reverts !== undefined || status === 'complete' || runs.some(stillLanded)) && !runs.some(isOpen);
  });
}

/** What a patient user asks for: each item that has not landed is approved, or tried afresh. */
export function wishes(state: State): readonly Command[] {
  const commands: Command[] = [
    { type: 'resume-queue' },
    { type: 'pause', paused: false },
    { type: 'set-mode', mode: 'auto' },
  ];
  const latest = latestInstances(state);
  for (const one of state.instances) {
    if (isOpen(one) || latest.get(one.priorityId) === one) commands.push(...wishFor(state, one));
  }
  return commands;
}

/** It may still land. */
function isOpen({ state }: Instance): boolean {
  return isAlive(state) || waitsToLand(state) || state === 'needs-attention';
}

function wishFor(all: State, instance: Instance): readonly Command[] {
  const { runId, priorityId, state, merge, reason, reverts, takenBack } = instance;
  if (takenBack !== undefined && reverts === undefined) return [{ type: 'spawn', id: priorityId }];
  if (reverts !== undefined && (isStuck(state) || merge.violations.length > 0))
    return [{ type: 'reject', id: runId, reason: neverMind }];
  // Two that cannot be done would be tried in turn for ever.
  if (reverts !== undefined && state === 'rejected' && reason === neverMind) return [];
  switch (state) {
    case 'queued':
      return [{ type: 'hold', id: runId, held: false }];
    case 'running':
      return [{ type: 'cancel', id: runId }];
    case 'awaiting-approval':
      return merge.violations.length > 0
        ? [{ type: 'reject', id: runId, reason: 'again' }]
        : [{ type: 'approve', id: runId, accept: doneWithout(all, instance) }];
    case 'blocked':
      return merge.violations.length === 0 && reason?.startsWith('it had landed') === true
        ? [{ type: 'approve', id: runId }]
        : [
            { type: 'reject', id: runId, reason: 'again' },
            { type: 'retry', id: runId },
          ];
    case 'failed':
    case 'cancelled':
    case 'interrupted':
    case 'no-work':
    case 'rejected':
      return [{ type: 'retry', id: runId }];
    case 'conflict':
    case 'checks-failed':
    case 'needs-attention':
      return [
        { type: 'reject', id: runId, reason: 'again' },
        { type: 'retry', id: runId },
      ];
    default:
      return [];
  }
}

/** What it needs was taken back and may not run again beside it: then it lands without. */
function doneWithout(state: State, instance: Instance): readonly string[] {
  return openDependencies(state, instance).map(({ code, path }) => `${code} ${path}`);
}

/** A revert in this state would come to the same end once more. */
function isStuck(state: Instance['state']): boolean {
  return state === 'conflict' || state === 'checks-failed' || state === 'needs-attention' || state === 'no-work';
}
