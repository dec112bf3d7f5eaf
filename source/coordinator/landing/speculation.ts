import type { Oid, RunId } from '../../domain/ids.ts';
import { type Instance, isAlive } from '../../domain/instance.ts';
import { countReadings } from '../../domain/review/reading.ts';
import type { PrepareResult } from '../../ports/git.ts';
import { queuePlaceOf } from '../fold/fold-queue.ts';
import { candidateOf, checkEarly } from '../review/early-checks.ts';
import type { State } from '../state/state.ts';
import type { Transition } from '../transition.ts';
import { checkedTogether } from './batch/batch.ts';
import { isKnownResult, startChecksAhead } from './checks.ts';
import { queueInOrder, queueWait } from './queue-order.ts';

/** Where the machine has a slot to spare, checks run ahead of their turn: those of the branch that lands next, else those of a branch under review. */
export function speculate(transition: Transition): void {
  if (!transition.state.ready) return;
  dropStale(transition);
  if (!hasRoomForChecks(transition)) return;
  const { instances, queuePaused } = transition.state;
  if (queuePaused === null && instances.some(({ state }) => state === 'checking')) checkFollower(transition);
  else checkEarly(transition);
}

/** No checks are ahead of their turn, an agent could be started now and none is: the checks may have its place. */
function hasRoomForChecks(transition: Transition): boolean {
  const { settings, resources, instances } = transition.state;
  if (settings.checks.length === 0 || transition.busy('speculate.prepare') || transition.busy('speculate.check'))
    return false;
  const atWork = instances.filter(one => isAlive(one.state)).length + countReadings(instances);
  return atWork < Math.min(settings.maxParallel, resources.capacity);
}

/**
 * While the first of the queue is being checked, the one behind it is merged onto the first's candidate and checked too. Should the first
 * land, a pass counts as it is, and a failure, which the checks beside it may have caused, is looked at once more alone; should it fail,
 * what was found is dropped: the follower is never blamed for another. One ahead, never more.
 */
function checkFollower(transition: Transition): void {
  const first = checkedTogether(transition).at(-1);
  const ahead = first?.merge.candidate;
  if (first === undefined || ahead === undefined || first.target !== transition.state.target) return;
  const next = follower(transition, first);
  if (next === null) return;
  const { runId, merge } = next;
  const { candidate, approvedHead } = merge;
  if (approvedHead === null) return;
  if (candidate !== null && candidate.base === ahead.oid && candidate.head === approvedHead) {
    if (!isKnownResult(transition, next, candidate)) startChecksAhead(transition, runId, candidate);
    return;
  }
  const tried = transition.state.speculated;
  if (tried?.runId === runId && tried.onto === ahead.oid && tried.head === approvedHead) return;
  transition.change({ speculated: { runId, onto: ahead.oid, head: approvedHead } });
  transition.start({ type: 'speculate.prepare', runId, head: approvedHead, onto: ahead.oid });
}

function follower(transition: Transition, first: Instance): Instance | null {
  const { state } = transition;
  const [next, another] = queueInOrder(state, transition.at).filter(
    one => one.state === 'queued' && queueWait(state, one) === null,
  );
  // Several are checked together when their turn comes, and while a failed batch is narrowed down nothing is certain.
  if (state.settings.batch > 1 && (another !== undefined || state.suspects != null)) return null;
  return next !== undefined && next.target === first.target ? next : null;
}

/** The candidate ahead was built, or it was not: then its turn will tell why. */
export function speculationPrepared(
  transition: Transition,
  runId: RunId,
  head: Oid,
  onto: Oid,
  result: PrepareResult,
): void {
  const instance = transition.instance(runId);
  if (instance === undefined || result.outcome !== 'prepared' || result.base !== onto) return;
  const candidate = candidateOf(transition, instance, head, result);
  if (instance.state === 'awaiting-approval') {
    if (instance.head === head && onto === transition.state.targetTip)
      transition.record({
        type: 'candidate-prepared',
        runId,
        candidate: { ...candidate, style: 'merge', early: true },
      });
    return;
  }
  const wanted =
    instance.state === 'queued' && instance.merge.approvedHead === head && isBeingChecked(transition.state, onto);
  if (wanted) transition.record({ type: 'candidate-prepared', runId, candidate });
}

function isBeingChecked({ instances }: State, candidate: Oid): boolean {
  return instances.some(
    ({ state, merge }) => (state === 'checking' || state === 'landing') && merge.candidate?.oid === candidate,
  );
}

/** What was found ahead counts only as long as the target can still come to stand where it was built on. */
function dropStale(transition: Transition): void {
  for (const instance of transition.state.instances) {
    const { runId, state, merge } = instance;
    const waits = state === 'queued' || state === 'awaiting-approval';
    if (!waits || merge.candidate === null || merge.check === undefined || merge.check.ended) continue;
    const { base } = merge.candidate;
    const holds = base === transition.state.targetTip || isBeingChecked(transition.state, base);
    if (!holds || queuePlaceOf(instance).held) transition.record({ type: 'speculation-dropped', runId });
  }
}
