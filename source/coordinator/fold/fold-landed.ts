import type { Instance } from '../../domain/instance.ts';
import { type LandedAs, landedElsewhere } from '../../domain/queue/landed-as.ts';
import { styleOfCandidate } from '../../domain/queue/landing-style.ts';
import type { EventOf } from '../../ports/events.ts';

/** A run whose work is on the target now, brought there by cm-tui or by somebody else. */
export function foldLanded(instance: Instance, { candidate: oid, at, found }: EventOf<'landed'>): Instance {
  const ours = styleOfCandidate(instance.merge.candidate ?? {});
  const from = found?.from === undefined ? {} : { from: found.from };
  const landedAs: LandedAs = { oid, style: found?.style ?? ours, ...from, by: found === undefined ? 'us' : 'other' };
  const reason = found === undefined ? null : landedElsewhere(landedAs);
  const merge = { ...instance.merge, landed: oid, landedAt: at, conflicts: [] };
  return { ...instance, state: 'merged', reason, landedAs, merge };
}
