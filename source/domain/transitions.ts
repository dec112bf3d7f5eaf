import type { InstanceState } from './instance.ts';

/** What a run is judged to be once its agent has ended, and again whenever its branch is looked at. */
const judged = [
  'awaiting-approval',
  'blocked',
  'no-work',
  'asks',
  'needs-attention',
  'waiting',
  'failed',
  'cancelled',
  'interrupted',
] as const satisfies readonly InstanceState[];

/** From every state in which a run waits for a person: it is judged again, resumed, rejected, or found to have landed. */
const waiting = [...judged, 'preparing', 'rejected', 'merged'] as const satisfies readonly InstanceState[];

/** On its way through the merge queue a branch can be stopped for any of these reasons, or lose its approval (`completed`). */
const stopped = [
  'queued',
  'conflict',
  'checks-failed',
  'blocked',
  'no-work',
  'needs-attention',
  'rejected',
  'completed',
  'merged',
] as const satisfies readonly InstanceState[];

/**
 * The life of a run: what each state can become. The fold of the journal follows this table, and a test walks it. A run may always stay
 * what it is. Work can be found on the target at any time, since people land branches by hand.
 */
export const transitions: Readonly<Record<InstanceState, readonly InstanceState[]>> = {
  // The agent's life.
  pending: ['preparing', 'stopping', 'failed', 'merged'],
  preparing: ['running', 'stopping', 'completed', 'queued', 'merged', ...judged],
  running: ['stopping', 'completed', 'failed', 'merged'],
  stopping: ['merged', ...judged],
  completed: ['merged', 'rejected', ...judged],
  // The merge queue.
  'awaiting-approval': ['queued', 'conflict', 'completed', ...waiting],
  queued: ['checking', 'landing', ...stopped],
  checking: ['landing', ...stopped],
  landing: stopped,
  // After the queue: a landing can be reverted, before and after its worktree was removed.
  merged: ['cleaned', 'blocked', 'rejected'],
  cleaned: ['rejected'],
  // What needs a person. It is `completed` again where it is to be judged for another target.
  conflict: ['queued', 'completed', ...waiting],
  'checks-failed': ['queued', 'completed', ...waiting],
  blocked: ['queued', 'conflict', 'completed', ...waiting],
  'no-work': ['completed', ...waiting],
  asks: ['completed', ...waiting],
  // It continues by itself, or a person decides before that.
  waiting: ['stopping', ...waiting],
  'needs-attention': ['completed', ...waiting],
  failed: waiting,
  cancelled: waiting,
  interrupted: waiting,
  rejected: ['queued', 'completed', ...waiting],
};

/** True where a run in state `from` can be in state `to` after one fact. */
export function canBecome(from: InstanceState, to: InstanceState): boolean {
  return from === to || transitions[from].includes(to);
}
