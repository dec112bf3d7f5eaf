import type { Instance, InstanceState } from './instance.ts';
import { withoutFullStop } from './text/clause.ts';

/** What a state means, as the predicate of a sentence about a run. */
const stateLabels: Readonly<Record<InstanceState, string>> = {
  pending: 'is pending',
  preparing: 'is being prepared',
  running: 'is running',
  stopping: 'is stopping',
  completed: 'has finished',
  failed: 'failed',
  cancelled: 'was cancelled',
  interrupted: 'was interrupted',
  'awaiting-approval': 'is ready for review',
  queued: 'is queued to land',
  checking: 'is being checked',
  landing: 'is landing',
  merged: 'has landed',
  cleaned: 'has landed',
  conflict: 'conflicts with the target',
  'checks-failed': 'failed its checks',
  blocked: 'is blocked',
  'no-work': 'ended without a commit',
  asks: 'asks',
  waiting: 'waits',
  'needs-attention': 'needs attention',
  rejected: 'was rejected',
};

/** How a reason begins that says the state itself, where that is not by its label. */
const opening: Readonly<Partial<Record<InstanceState, string>>> = {
  conflict: 'conflicts with ',
  merged: 'landed as ',
  cleaned: 'landed as ',
};

/** States that a person wants to hear about when a run reaches them. */
const news: ReadonlySet<InstanceState> = new Set([
  'awaiting-approval',
  'merged',
  'conflict',
  'checks-failed',
  'blocked',
  'failed',
  'interrupted',
  'no-work',
  'asks',
  'needs-attention',
]);

/** The predicate for a run in a state that is worth a bell, else null. A branch is ready for review once its trial merge is known. */
export function newsOf(run: Pick<Instance, 'state' | 'merge'>): string | null {
  if (run.state === 'awaiting-approval' && !isTried(run)) return null;
  return news.has(run.state) ? stateLabels[run.state] : null;
}

/** Its trial merge is known, or nobody can tell how it would merge. */
export function isTried({ merge }: Pick<Instance, 'merge'>): boolean {
  return merge.tried === true || merge.prediction !== 'unknown';
}

/** What a run reads as beside its states. */
export type ShownState = InstanceState | 'reverted' | 'discarded';

/**
 * The state that a run is shown in: until its trial merge is known, a finished branch is not ready for review; and what was reverted or
 * discarded since says so. An agent at work that waits for an answer asks.
 */
export function shownState(run: Pick<Instance, 'state' | 'merge' | 'takenBack' | 'removed' | 'asks'>): ShownState {
  if (run.state === 'running' && (run.asks?.open.length ?? 0) > 0) return 'asks';
  if (run.takenBack !== undefined && (run.state === 'merged' || run.state === 'cleaned')) return 'reverted';
  if (run.state === 'blocked' && run.merge.movedBack === true && run.merge.approvedHead === null) return 'reverted';
  if (run.removed !== undefined && run.state === 'rejected') return 'discarded';
  return run.state === 'awaiting-approval' && !isTried(run) ? 'completed' : run.state;
}

/** A state and its reason as a predicate without a full stop: `failed: exit code 7`, `conflicts with main: src/pricing.js`. */
export function describeState(state: InstanceState, reason: string | null): string {
  if (reason === null || reason === '') return stateLabels[state];
  const why = withoutFullStop(reason);
  const isSaid = why.startsWith(opening[state] ?? stateLabels[state]);
  return isSaid ? why : `${stateLabels[state]}: ${why}`;
}

/** A run with its state and reason, as a clause: `US-041 failed: exit code 7`. */
export function describeRun({ key, state, reason }: Pick<Instance, 'key' | 'state' | 'reason'>): string {
  return `${key} ${describeState(state, reason)}`;
}
