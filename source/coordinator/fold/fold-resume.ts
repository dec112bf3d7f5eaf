import type { Instance } from '../../domain/instance.ts';
import { emptyMergeEntry } from '../../domain/queue/merge-entry.ts';
import { noUsage } from '../../domain/usage.ts';
import type { EventOf } from '../../ports/events.ts';
import { keptOf } from './fold-queue.ts';

/** A new part of the same run: how the last one ended is no longer true of it. */
export function resumed(instance: Instance, event: EventOf<'instance-resumed'>): Instance {
  const {
    result: _result,
    ending: _ending,
    limited: _limited,
    startedUp: _startedUp,
    astray: _astray,
    treeGone: _,
    refused: _refused,
    asks: _asks,
    said: _said,
    dismissed: _dismissed,
    ...rest
  } = instance;
  return {
    ...rest,
    state: 'preparing',
    reason: null,
    process: null,
    endTime: null,
    exitCode: null,
    lost: null,
    merge: { ...emptyMergeEntry, ...keptOf({ ...instance.merge, checks: null }) },
    ...(event.handBack === true ? { handBacks: (instance.handBacks ?? 0) + 1 } : {}),
    ...(event.slot === undefined ? {} : { slot: event.slot }),
    continued: { ...instance.continued, at: event.at, message: event.message, usage: instance.usage ?? noUsage },
  };
}

/** A part of a run that begins another session has used none of it before. */
export function sessionKnown(instance: Instance, sessionId: string | null): Instance {
  const { continued } = instance;
  if (continued === undefined || sessionId === null || sessionId === instance.sessionId)
    return { ...instance, sessionId };
  return { ...instance, sessionId, continued: { ...continued, beforeSession: continued.usage } };
}
