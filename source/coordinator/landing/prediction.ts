import type { RunId } from '../../domain/ids.ts';
import type { Instance } from '../../domain/instance.ts';
import type { Prediction } from '../../ports/git.ts';
import type { Transition } from '../transition.ts';

/** A branch that stands in the merge queue or waits for a person, and whose prediction must follow the target. */
function isPredictable(state: Instance['state']): boolean {
  return state === 'awaiting-approval' || state === 'blocked' || state === 'conflict';
}

/** Trial merges of waiting branches: `all` of them when the target moved, else those that have none yet. */
export function predictWaiting(transition: Transition, all: boolean): void {
  for (const { state, head, merge, runId } of transition.state.instances) {
    if (!isPredictable(state) || head === null) continue;
    // One under way may have looked at the target as it was: where that has moved, its answer will be dropped for a newer one's.
    if (!all && (merge.prediction !== 'unknown' || transition.busy('git.predict', runId))) continue;
    transition.start({ type: 'git.predict', runId, head });
  }
}

/** A trial merge has a result: the newest one counts, and only if it says something new. */
export function predictionAnswered(transition: Transition, runId: RunId, head: string, answer: Prediction): void {
  const instance = transition.instance(runId);
  if (instance === undefined || instance.head !== head || !isPredictable(instance.state)) return;
  if (transition.busy('git.predict', runId)) return;
  if (!isOfOurTip(transition, instance, answer)) transition.emit({ type: 'target.read' });
  const result: Prediction = isOfOurTip(transition, instance, answer)
    ? answer
    : { outcome: 'unknown', message: 'the target was elsewhere' };
  const paths = result.outcome === 'conflict' ? result.paths : [];
  const unchanged =
    instance.merge.prediction === result.outcome &&
    (instance.merge.tried === true || answer !== result) &&
    (result.outcome !== 'conflict' || paths.join('\0') === instance.merge.conflicts.join('\0'));
  if (unchanged) return;
  transition.record({
    type: 'merge-predicted',
    runId,
    prediction: result.outcome,
    head,
    paths,
    base: result.outcome === 'unknown' ? null : result.base,
  });
}

/** A prediction for a tip that the target does not have, as far as we know, says nothing of how the branch would merge. */
function isOfOurTip({ state }: Transition, { target }: Instance, answer: Prediction): boolean {
  return answer.outcome === 'unknown' || target !== state.target || answer.base === state.targetTip;
}
