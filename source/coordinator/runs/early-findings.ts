import type { RunId } from '../../domain/ids.ts';
import { isAlive } from '../../domain/instance.ts';
import { type EarlyFindings, judgePaths } from '../../domain/queue/gate.ts';
import type { Violation } from '../../domain/queue/merge-entry.ts';
import type { RadarReading } from '../state/messages.ts';
import { earlySentences } from '../state/radar-view.ts';
import type { Transition } from '../transition.ts';
import { rulesFor } from './verdict.ts';

/** Findings that are kept of a run, of each kind: an agent may write thousands of files in the wrong place. */
const mostFindings = 50;

/**
 * What was read of work in progress: overlaps, and which paths each run has changed so far. What the gate would object to is reported while
 * there is time to correct it, the first time in an event too.
 */
export function radarRead(transition: Transition, { radar, changed = {} }: RadarReading): void {
  const before = transition.state.early ?? {};
  const early: Record<RunId, EarlyFindings> = {};
  for (const [runId, paths] of Object.entries(changed)) {
    const instance = transition.instance(runId);
    if (instance === undefined || !isAlive(instance.state)) continue;
    const own = paths.filter(path => instance.setupFiles?.[path] === undefined);
    const { violations, warnings } = judgePaths(own, rulesFor(transition.state, instance));
    // What was found once stays in the list, though it is empty: it is not reported again.
    if (violations.length + warnings.length === 0 && before[runId] === undefined) continue;
    early[runId] = { violations: first(violations), warnings: first(warnings) };
  }
  const unchanged = JSON.stringify(early) === JSON.stringify(before);
  transition.change({ radar, early: unchanged ? before : early });
  for (const runId of Object.keys(early).filter(one => before[one] === undefined)) {
    const key = transition.instance(runId)?.key ?? '';
    transition.notice('warning', `${key}: ${earlySentences(transition.state, runId).join('; ')}`, runId);
  }
}

function first(found: readonly Violation[]): readonly Violation[] {
  return found.length > mostFindings ? found.slice(0, mostFindings) : found;
}
