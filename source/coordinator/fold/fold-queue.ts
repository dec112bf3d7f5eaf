import type { Instance } from '../../domain/instance.ts';
import type { MergeEntry } from '../../domain/queue/merge-entry.ts';
import type { QueuePlace } from '../../domain/queue/order.ts';
import type { EventOf } from '../../ports/events.ts';

type QueueEvent = EventOf<'queue-jumped' | 'queue-held' | 'queue-requeued'>;

/** A person has changed a branch's place in the queue. Checks that ran for it no longer are its turn. */
export function placed(instance: Instance, event: QueueEvent): Instance {
  const { early: _early, ...before } = queuePlaceOf(instance);
  const early = instance.state === 'queued' || instance.state === 'checking' ? {} : { early: true as const };
  const place = { ...before, ...early };
  switch (event.type) {
    case 'queue-jumped':
      return withPlace(instance, { ...place, jumpedAt: event.at, held: false });
    case 'queue-held':
      return withPlace(outOfTurn(instance), { ...place, held: event.held });
    case 'queue-requeued': {
      const end = { queuedAt: event.at, jumpedAt: null, held: false, class: event.class };
      return withPlace(outOfTurn(instance), { ...place, ...end });
    }
  }
}

/** Its place as it enters the queue: at the end, as often back as it was, or where a person put it before. */
export function enters(instance: Instance, at: number): QueuePlace {
  const { early, ...place } = queuePlaceOf(instance);
  return { ...place, queuedAt: at, jumpedAt: early === true ? place.jumpedAt : null, held: false };
}

/** Its place after a conflict or failed checks. */
export function cameBack(instance: Instance): QueuePlace {
  const place = queuePlaceOf(instance);
  return { ...place, retries: place.retries + 1 };
}

/** What a new judgement of the branch leaves as it was. */
export function keptOf({ checks, place, check }: MergeEntry): Partial<MergeEntry> {
  return { checks, ...(place === undefined ? {} : { place }), ...(check === undefined ? {} : { check }) };
}

/** Where it stands; what was approved by a version that kept no places stands where its approval put it. */
export function queuePlaceOf({ merge, requestedAt }: Instance): QueuePlace {
  const queuedAt = merge.approvedAt ?? requestedAt;
  return merge.place ?? { queuedAt, jumpedAt: null, held: false, class: null, retries: 0 };
}

function outOfTurn(instance: Instance): Instance {
  return instance.state === 'checking' ? { ...instance, state: 'queued' } : instance;
}

function withPlace(instance: Instance, place: QueuePlace): Instance {
  return { ...instance, merge: { ...instance.merge, place } };
}

export function withMerge(instance: Instance, change: Partial<MergeEntry>): Instance {
  return { ...instance, merge: { ...instance.merge, ...change } };
}
