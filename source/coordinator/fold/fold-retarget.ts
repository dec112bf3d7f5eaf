import type { Instance, InstanceState } from '../../domain/instance.ts';
import { emptyMergeEntry } from '../../domain/queue/merge-entry.ts';
import { standsOn } from '../../domain/stack/standing.ts';
import type { EventOf } from '../../ports/events.ts';
import { keptOf } from './fold-queue.ts';

/**
 * A run that is to land on another target. What was approved, predicted, built or checked for the old one counts no more; what waits for a
 * person, or is on its way, waits to be judged for the new one.
 */
export function retargeted(given: Instance, { target, unstacked }: EventOf<'retargeted'>): Instance {
  const { stack } = given;
  // What it stands on stays its target until then.
  if (stack !== undefined && standsOn(given) !== null && unstacked !== true)
    return { ...given, stack: { ...stack, target } };
  const instance = stack === undefined ? given : { ...given, stack: { ...stack, left: true as const } };
  const { returning: _returning, sameAsTarget: _same, replayStopped: _stopped, rejectedFrom, ...rest } = instance;
  const { violations, warnings, judgedBefore } = instance.merge;
  const wasJudged = judgedAgain.has(instance.state) && instance.state !== 'completed' ? true : judgedBefore;
  const merge = {
    ...emptyMergeEntry,
    ...keptOf({ ...instance.merge, checks: null }),
    violations,
    ...(warnings === undefined ? {} : { warnings }),
    ...(wasJudged === undefined ? {} : { judgedBefore: wasJudged }),
  };
  const moved: Instance = { ...rest, target, merge };
  if (judgedAgain.has(instance.state) && instance.removed === undefined)
    return { ...moved, state: 'completed', reason: null };
  if (rejectedFrom === undefined) return moved;
  // What it was before its rejection was said of the old target: it is released, and judged, before it can be approved.
  const reason = `was to land on ${instance.target}`;
  return {
    ...moved,
    rejectedFrom: { state: rejectedFrom.state === 'completed' ? 'completed' : 'needs-attention', reason },
  };
}

const judgedAgain: ReadonlySet<InstanceState> = new Set<InstanceState>([
  'completed',
  'awaiting-approval',
  'queued',
  'checking',
  'conflict',
  'checks-failed',
  'blocked',
  'no-work',
  'asks',
  'needs-attention',
]);
