import { hasLanded, type Instance } from '../../domain/instance.ts';
import { type LandedAs, landedElsewhere } from '../../domain/queue/landed-as.ts';
import { styleOfCandidate } from '../../domain/queue/landing-style.ts';
import { landsOn } from '../../domain/stack/standing.ts';
import type { EventOf } from '../../ports/events.ts';
import { cameBack, withMerge } from './fold-queue.ts';

/** A run whose work is on the target now, brought there by cm-tui or by somebody else. */
export function foldLanded(instance: Instance, { candidate: oid, at, found }: EventOf<'landed'>): Instance {
  const ours = styleOfCandidate(instance.merge.candidate ?? {});
  const from = found?.from === undefined ? {} : { from: found.from };
  const landedAs: LandedAs = { oid, style: found?.style ?? ours, ...from, by: found === undefined ? 'us' : 'other' };
  const reason = found === undefined ? null : landedElsewhere(landedAs);
  const merge = { ...instance.merge, landed: oid, landedAt: at, conflicts: [] };
  const { stack } = instance;
  const onTarget = stack === undefined ? {} : { target: landsOn(instance), stack: { ...stack, left: true as const } };
  return { ...instance, ...onTarget, state: 'merged', reason, landedAs, merge };
}

/**
 * Why a branch does not land now. What only waits for the user's tree keeps approval and candidate; a candidate whose target has moved is
 * useless; a landing that was undone needs a new approval.
 */
export function landingStopped(instance: Instance, event: EventOf<'landing-stopped'>): Instance {
  const { candidate, approvedHead } = instance.merge;
  const undone = hasLanded(instance.state);
  const approved = !undone && (event.state === 'queued' || event.state === 'blocked');
  const stale = event.state === 'queued' && instance.state !== 'blocked' && instance.state !== 'queued';
  const failed = event.state === 'conflict' || event.state === 'checks-failed';
  const { landedAs: _, ...rest } = instance;
  return withMerge(
    { ...rest, state: event.state, reason: event.reason },
    {
      conflicts: event.paths,
      candidate: approved && !stale ? candidate : null,
      approvedHead: approved ? approvedHead : null,
      // The merge itself is a trial that has a result.
      ...(event.state === 'conflict' ? { prediction: 'conflict', tried: true } : {}),
      ...(event.state === 'no-work' ? { prediction: 'empty' } : {}),
      ...(failed ? { place: cameBack(instance) } : {}),
      ...(undone ? { landed: null, landedAt: null, prediction: 'unknown' } : {}),
    },
  );
}
