import type { RunId } from '../../domain/ids.ts';
import { type Instance, waitsToLand } from '../../domain/instance.ts';
import { dependencyStatus } from '../../domain/queue/dependencies.ts';
import type { Violation } from '../../domain/queue/merge-entry.ts';
import { orderQueue, type QueueClass, queueClassAt } from '../../domain/queue/order.ts';
import { isContested } from '../../domain/race/race.ts';
import { standsOn } from '../../domain/stack/standing.ts';
import { describeState } from '../../domain/state-labels.ts';
import type { CommandAnswer } from '../../ports/commands.ts';
import { queuePlaceOf } from '../fold/fold-queue.ts';
import { waitForPullRequest } from '../remote/wait-for-pull-request.ts';
import { isReviewOpen } from '../review/due-review.ts';
import { allItems } from '../state/planning.ts';
import type { State } from '../state/state.ts';
import type { Transition } from '../transition.ts';

/** What the dependencies of a branch are read from. */
type Work = Pick<State, 'instances' | 'roadmap' | 'adHoc'>;

/** Approved and on its way: it has a place in the queue. */
function isQueued({ state }: Instance): boolean {
  return state === 'queued' || state === 'checking' || state === 'landing';
}

function memberOf(state: State, instance: Instance) {
  const { runId, priorityId } = instance;
  return { runId, instance, place: queuePlaceOf(instance), pinned: state.pins.includes(priorityId) };
}

/** Whatever is approved, in the order in which it will land: first what is being landed or checked. */
export function queueInOrder(state: State, now: number): readonly Instance[] {
  const members = state.instances.filter(isQueued).map(instance => memberOf(state, instance));
  const ordered = orderQueue(members, now).map(member => member.instance);
  const transition = (state: Instance['state']) => ordered.filter(instance => instance.state === state);
  return [...transition('landing'), ...transition('checking'), ...transition('queued')];
}

/** The class in which a branch waits now. */
export function queueClassOf(state: State, instance: Instance, now: number): QueueClass {
  return queueClassAt(memberOf(state, instance), now);
}

/** Why a queued branch does not get its turn yet, one sentence; null: nothing but those before it. */
export function queueWait(state: Work, instance: Instance): string | null {
  const place = queuePlaceOf(instance);
  if (instance.state !== 'queued') return place.early === true && place.held ? 'held; release it to land' : null;
  if (queuePlaceOf(instance).held) return 'held; release it to land';
  const onForge = waitForPullRequest(instance);
  if (onForge !== null) return onForge;
  const { waitsFor } = dependencyStatus(instance, allItems(state), state.instances);
  return waitsFor.length === 0 ? null : `waits for ${waitsFor.join(' and ')} to land`;
}

/** Dependencies that will not land by themselves and that nobody has agreed to do without. */
export function openDependencies(state: Work, instance: Instance): readonly Violation[] {
  const { gone } = dependencyStatus(instance, allItems(state), state.instances);
  return gone.filter(one => !instance.merge.accepted.includes(`${one.code} ${one.path}`));
}

/** Everything that a person has to accept before the branch may land. */
export function violationsOf(state: Work, instance: Instance): readonly Violation[] {
  return [...instance.merge.violations, ...openDependencies(state, instance)];
}

/** Remembers the order for whoever shows it; the same array while it has not changed. */
export function keepOrder(transition: Transition): void {
  const order = queueInOrder(transition.state, transition.at).map(instance => instance.runId);
  if (!sameRuns(order, transition.state.queueOrder ?? [])) transition.change({ queueOrder: order });
}

/**
 * May it land without a person having looked at it? It merges cleanly, breaks no rule, there is nothing to warn of, and it is known what
 * its run has left. What `approve: clean`, `merge --all-clean` and the key for all clean branches mean.
 */
export function isClean(state: State, instance: Instance): boolean {
  const { merge, head, treeGone, runId } = instance;
  // What is about to be removed does not enter the queue.
  if (state.cleaning.includes(runId)) return false;
  if (instance.state !== 'awaiting-approval' || head === null || merge.prediction !== 'clean') return false;
  // A person holds it: only they land it.
  if (merge.place?.early === true && merge.place.held) return false;
  // It lands after what it stands on.
  if (standsOn(instance) !== null) return false;
  // An agent has to review it first, or has found something.
  if (isReviewOpen(state, instance)) return false;
  // Which of several runs is the better one, no policy can say.
  if (isContested(state.instances, instance)) return false;
  return violationsOf(state, instance).length === 0 && (merge.warnings ?? []).length === 0 && treeGone !== true;
}

function sameRuns(a: readonly RunId[], b: readonly RunId[]): boolean {
  return a.length === b.length && a.every((runId, at) => runId === b[at]);
}

/** To the top of the queue, released where it was held. */
export function jump(transition: Transition, instance: Instance): CommandAnswer {
  const { runId, key } = instance;
  if (!isMovable(instance)) return notQueued(instance);
  transition.record({ type: 'queue-jumped', runId });
  if (!isQueued(instance))
    return { ok: true, message: `${key} is on top, and lands next once it is approved.`, runIds: [runId] };
  const checked = instance.state === 'checking' ? 'is being checked and ' : '';
  return { ok: true, message: `${key} ${checked}lands next.`, runIds: [runId] };
}

export function hold(transition: Transition, instance: Instance, held: boolean): CommandAnswer {
  const { runId, key } = instance;
  if (!isMovable(instance)) return notQueued(instance);
  if (queuePlaceOf(instance).held !== held) transition.record({ type: 'queue-held', runId, held });
  const message = held ? `${key} is held. It keeps its place but does not land.` : `${key} is released.`;
  return { ok: true, message, runIds: [runId] };
}

/** To the end of the queue; into another class where one is named. */
export function requeue(
  transition: Transition,
  instance: Instance,
  wanted: QueueClass | null | undefined,
): CommandAnswer {
  const { runId, key } = instance;
  if (!isMovable(instance)) return notQueued(instance);
  const own = wanted === undefined ? queuePlaceOf(instance).class : wanted;
  transition.record({ type: 'queue-requeued', runId, class: own });
  const where = own === null ? '' : ` of class ${own}`;
  return { ok: true, message: `${key} is at the end of the queue${where}.`, runIds: [runId] };
}

/** It stands in the queue, approved or not, and nothing is moving it right now. */
export function isMovable({ state }: Instance): boolean {
  return state !== 'landing' && state !== 'completed' && (waitsToLand(state) || state === 'needs-attention');
}

function notQueued({ key, state }: Instance): CommandAnswer {
  const next = state === 'rejected' ? ` Approve it first with "cm-tui merge ${key}".` : '';
  return {
    ok: false,
    message: `${key} cannot be moved in the merge queue: it ${describeState(state, null)}.${next}`,
    runIds: [],
  };
}
