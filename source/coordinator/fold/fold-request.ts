import type { Instance } from '../../domain/instance.ts';
import { emptyMergeEntry } from '../../domain/queue/merge-entry.ts';
import type { EventOf } from '../../ports/events.ts';

/** A run that has just been asked for. */
export function requestedInstance({ type: _type, at, ...asked }: EventOf<'instance-requested'>): Instance {
  return {
    ...asked,
    base: null,
    state: 'preparing',
    reason: null,
    process: null,
    requestedAt: at,
    startTime: null,
    endTime: null,
    exitCode: null,
    lost: null,
    head: null,
    commits: 0,
    files: [],
    sessionId: null,
    merge: emptyMergeEntry,
  };
}

/** A person put the run away, or back. */
export function withDismissal(instance: Instance, dismissed: boolean): Instance {
  const { dismissed: _, ...shown } = instance;
  return dismissed ? { ...instance, dismissed: true } : shown;
}
