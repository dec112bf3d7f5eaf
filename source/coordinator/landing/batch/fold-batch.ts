import type { Instance } from '../../../domain/instance.ts';
import { type Suspicion, suspectsAfterFailure, suspectsWithout } from '../../../domain/queue/batch.ts';
import { canBecome } from '../../../domain/transitions.ts';
import type { CoordinatorEvent, EventOf } from '../../../ports/events.ts';
import type { DurableState } from '../../state/state.ts';

type BatchEvent = EventOf<'checks-started' | 'landing-started' | 'batch-failed'>;

/** A fact about the last run of a batch, applied to the others of it. What is checked together says with which items. */
export function foldOthers<T extends DurableState>(state: T, event: BatchEvent): T {
  const others = (event.type === 'batch-failed' ? event.runs : event.with) ?? [];
  if (others.length === 0) return state;
  const all = state.instances.filter(({ runId }) => runId === event.runId || others.includes(runId));
  const instances = state.instances.map(instance => {
    if (!all.includes(instance)) return instance;
    const after = instance.runId === event.runId ? instance : inBatch(instance, event);
    if (!canBecome(instance.state, after.state)) return instance;
    if (event.type !== 'checks-started' || after.state !== 'checking') return after;
    const keys = all.flatMap(one => (one === instance ? [] : [one.key]));
    return { ...after, reason: `checked together with ${inWords(keys)}` };
  });
  return { ...state, instances };
}

/** A run after a fact about the batch that it is part of. */
export function inBatch(instance: Instance, event: BatchEvent): Instance {
  const { merge } = instance;
  switch (event.type) {
    case 'checks-started':
      return { ...instance, state: 'checking', reason: null };
    case 'landing-started': {
      const { landsFrom: _, ...rest } = merge;
      const isAbove = merge.candidate !== null && merge.candidate.base !== event.base;
      const known = isAbove ? { ...rest, landsFrom: event.base } : rest;
      return { ...instance, state: 'landing', reason: null, merge: known };
    }
    case 'batch-failed': {
      const reason = `the checks of ${event.runs.length} branches together failed; finding out which: ${event.detail}`;
      // Its candidate is good for a smaller batch that begins in the same way.
      return { ...instance, state: 'queued', reason };
    }
  }
}

/** Which branches are suspected after a fact. */
export function withSuspects(state: DurableState, event: CoordinatorEvent): DurableState {
  const before = state.suspects ?? null;
  const after = suspectsAfter(before, event);
  return after === before ? state : { ...state, suspects: after };
}

function suspectsAfter(before: Suspicion | null, event: CoordinatorEvent): Suspicion | null {
  switch (event.type) {
    case 'batch-failed':
      return suspectsAfterFailure(before, event.runs);
    case 'landed':
      return suspectsWithout(before, event.runId, true);
    case 'landing-stopped':
      return event.state === 'queued' ? before : suspectsWithout(before, event.runId, false);
    case 'merge-approved':
    case 'merge-rejected':
    case 'approval-voided':
      return suspectsWithout(before, event.runId, false);
    default:
      return before;
  }
}

function inWords(keys: readonly string[]): string {
  const last = keys.at(-1) ?? '';
  return keys.length < 2 ? last : `${keys.slice(0, -1).join(', ')} and ${last}`;
}
