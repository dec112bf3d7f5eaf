import type { Instance } from '../../domain/instance.ts';
import { mayBeUpdated } from '../../domain/queue/may-be-updated.ts';
import { emptyMergeEntry } from '../../domain/queue/merge-entry.ts';
import type { EventOf } from '../../ports/events.ts';
import { keptOf } from './fold-queue.ts';

/** How a run stands after its own commits were, or were not, replayed onto its target; once answered it waits to be judged. */
export function foldReplay(
  instance: Instance,
  event: EventOf<'replay-started' | 'branch-replayed' | 'replay-stopped'>,
): Instance {
  const { replaying, replayStopped: _stopped, ...rest } = instance;
  switch (event.type) {
    case 'replay-started':
      return {
        ...rest,
        ...(event.onto === undefined || rest.stack === undefined ? {} : { stack: { ...rest.stack, at: event.onto } }),
        replaying: { head: event.head, ...(event.update === undefined ? {} : { update: event.update }) },
      };
    case 'branch-replayed': {
      const { returning: _returning, ...replayed } = rest;
      // Nobody has seen the new commits: they are judged and approved like any others.
      const merge = { ...emptyMergeEntry, ...keptOf({ ...rest.merge, checks: null }) };
      const reason = `its own commits were replayed onto ${rest.target}`;
      return answered({ ...replayed, head: event.head, merge }, event.head, reason);
    }
    case 'replay-stopped': {
      const { reason, paths } = event;
      if (replaying === undefined) return rest;
      const { head } = replaying;
      return answered({ ...rest, replayStopped: { head, reason, paths } }, head, `not replayed: ${reason}`);
    }
  }
}

/** Only what waits for a person is judged. */
function answered(instance: Instance, head: string, reason: string): Instance {
  return mayBeUpdated(instance.state)
    ? { ...instance, reason, replaying: { head, answered: true as const } }
    : instance;
}
