import { isDeepStrictEqual } from 'node:util';
import { durablePart } from '../../../source/coordinator/fold/fold.ts';
import { openDependencies, queueWait, violationsOf } from '../../../source/coordinator/landing/queue-order.ts';
import { landingStyleOf } from '../../../source/coordinator/landing/way.ts';
import { dueReviewer, isReviewOpen } from '../../../source/coordinator/review/due-review.ts';
import { exitStatus, isIdle } from '../../../source/coordinator/state/idle.ts';
import { planDetails, planInput } from '../../../source/coordinator/state/planning.ts';
import { latestInstances } from '../../../source/coordinator/state/selectors.ts';
import type { DurableState, State } from '../../../source/coordinator/state/state.ts';
import type { Oid, RunId } from '../../../source/domain/ids.ts';
import { continuesByItself, hasLanded, type Instance, isAlive, waitsToLand } from '../../../source/domain/instance.ts';
import { computePlan } from '../../../source/domain/plan.ts';
import { isContested } from '../../../source/domain/race/race.ts';
import { readingsAtWork } from '../../../source/domain/review/reading.ts';
import { standsOn } from '../../../source/domain/stack/standing.ts';
import { BrokenPromise } from './invariants.ts';
import { targetName, type World } from './world.ts';

/** What the end of a stretch without faults is compared with. */
export interface AtRest {
  readonly world: World;
  readonly state: State;
  readonly journaled: DurableState;
  /** Runs whose landing was taken back at some time. */
  readonly undone: ReadonlySet<RunId>;
  /** Runs whose approval was void at some time. */
  readonly voided: ReadonlySet<RunId>;
}

function must(holds: boolean, promise: string, detail: () => string): void {
  if (!holds) throw new BrokenPromise(`at rest ${promise}`, detail());
}

/**
 * What must be true once everything has answered and nothing moves any more, before anybody helps: nothing is stuck half-way, and
 * what is known of each run is what the world shows.
 */
export function checkRest(rest: AtRest): void {
  const { world, state, journaled } = rest;
  const tip = world.repository.tip(targetName);
  must(tip !== null && tip === state.targetTip, 'the target is known', () => `${state.targetTip} instead of ${tip}`);
  for (const instance of state.instances) {
    checkStanding(world, instance, state);
    checkBranch(world, instance);
    checkTakenBack(instance, state);
    if (tip !== null) checkLanding(rest, instance, tip);
  }
  for (const { runId } of world.machine.alive) {
    const running = state.instances.some(one => one.runId === runId && one.state === 'running');
    must(running, 'only what is known to run runs', () => runId);
  }
  checkWhole(world, state, journaled);
}

function checkWhole(world: World, state: State, journaled: DurableState): void {
  const going = state.instances.some(one => isAlive(one.state) || continuesByItself(one.state));
  must(Object.keys(state.inFlight).length === 0, 'nothing is under way', () => JSON.stringify(state.inFlight));
  must(state.cleaning.length === 0, 'nothing is half removed', () => state.cleaning.join());
  must(going || isIdle(state), 'it is idle', () => describe(state));
  const open = state.queuePaused === null;
  must(!open || state.pendingStatus.length === 0, 'every status line is written', () => state.pendingStatus.join());
  must(isDeepStrictEqual(durablePart(state), journaled), 'the state is the fold of the journal', () => 'it differs');
  const plan = computePlan(planInput(state, world.now));
  must(isDeepStrictEqual(state.plan.ready, plan.ready), 'the plan follows its inputs', () => state.plan.ready.join());
  const idleLoop = state.mode === 'manual' || state.paused;
  must(idleLoop || state.plan.ready.length === 0, 'nothing that is ready waits', () => state.plan.ready.join());
  const latest = latestInstances(state);
  const left = plan.waiting().length + plan.ready.length + state.pendingStatus.length;
  const allLanded = left === 0 && [...latest.values()].every(one => hasLanded(one.state));
  must(!allLanded || !idleLoop || exitStatus(state) === 0, 'all is well when all has landed', () => describe(state));
}

/** It counts as taken back exactly while a revert of it stands, and none is half taken back. */
function checkTakenBack({ key, runId, takenBack, undoing, merge }: Instance, { instances }: State): void {
  must(undoing === undefined, 'nothing is half taken back', () => key);
  const stands = instances.some(
    ({ reverts, state, takenBack: again }) =>
      reverts?.runId === runId && reverts.commit === merge.landed && hasLanded(state) && again === undefined,
  );
  must(stands === (takenBack !== undefined), 'what was taken back is known', () => `${key}: ${takenBack}`);
}

/** No state that goes on by itself is one to stay in. */
function checkStanding(world: World, instance: Instance, state: State): void {
  const { key, merge } = instance;
  const stuck = (why: string) => must(false, 'nothing is stuck', () => `${key} is ${instance.state}, ${why}`);
  if (readingsAtWork(instance).length > 0) stuck('and an agent reads it without end');
  switch (instance.state) {
    case 'pending':
    case 'preparing':
    case 'stopping':
    case 'completed':
      return stuck('and nothing is done about it');
    case 'landing':
      return stuck('and nobody finishes it');
    case 'queued':
    case 'checking':
      if (state.queuePaused === null && queueWait(state, instance) === null) stuck('although it is its turn');
      return;
    case 'blocked':
      if (
        merge.approvedHead !== null &&
        openDependencies(state, instance).length === 0 &&
        !isBehind(world, instance, state)
      )
        stuck('although nothing is in its way');
      return;
    case 'awaiting-approval':
      if (dueReviewer(state, instance) !== null && !state.paused) stuck('although an agent has to review it');
      if (
        state.settings.approve === 'clean' &&
        merge.prediction === 'clean' &&
        !isContested(state.instances, instance) &&
        // It lands after what it stands on.
        standsOn(instance) === null &&
        // Without its worktree a person decides, and so they do of what they hold.
        instance.treeGone !== true &&
        // A person decides too about what a review has found, or could not say.
        !isReviewOpen(state, instance) &&
        !(merge.place?.early === true && merge.place.held) &&
        violationsOf(state, instance).length === 0
      )
        stuck('although it is approved by policy');
      return;
    default:
      return;
  }
}

/** It can only land as it is, and the target has moved on: for a person to bring it up to date. */
function isBehind({ repository }: World, instance: Instance, state: State): boolean {
  const tip = repository.tip(targetName);
  const { head } = instance;
  const isOn = head !== null && tip !== null && repository.history.isAncestor(tip, head);
  return landingStyleOf(state, instance) === 'ff' && !isOn;
}

/** Head and prediction of what waits are those of its branch and of the target. */
function checkBranch({ repository }: World, { key, state, head, branchName, merge, target }: Instance): void {
  if (!waitsToLand(state) || head === null) return;
  const tip = repository.tip(branchName);
  must(tip === head, 'heads are known', () => `${key} is ${state} at ${head}, its branch at ${tip}`);
  if (state !== 'awaiting-approval' && state !== 'blocked' && state !== 'conflict') return;
  const { outcome } = repository.predict(target, head);
  must(outcome === merge.prediction, 'predictions are up to date', () => `${key}: ${merge.prediction}, not ${outcome}`);
  must((outcome === 'conflict') === (state === 'conflict'), 'conflicts are told', () => `${key} is ${state}`);
}

/** What is on the target has landed, what has landed is on the target. */
function checkLanding({ world, undone, voided }: AtRest, instance: Instance, tip: Oid): void {
  const { repository } = world;
  const { key, state, head, commits, files, merge, runId } = instance;
  const isOn = (oid: Oid | null) => oid !== null && repository.history.isAncestor(oid, tip);
  if (state === 'merged') {
    must(isOn(merge.landed), 'what landed is on the target', () => key);
    const isOwn = (to: Oid) => isOn(to) && repository.built.get(to)?.head === head;
    const own = repository.moves.filter(
      ({ by, to, runId: of }) => by === 'landing' && of === runId && to !== null && isOwn(to),
    );
    // Where the answer was lost and the branch gone before anybody looked, only the head tells of it.
    const byHead = voided.has(runId) && merge.landed === head;
    const named =
      byHead ||
      own.length === 0 ||
      own.some(move => move.to === merge.landed) ||
      undone.has(runId) ||
      wasMovedBack(repository);
    must(named, 'a landing is known by its commit', () => `${key} landed as ${own[0]?.to}, not ${merge.landed}`);
    return;
  }
  if (!waitsToLand(state) && state !== 'no-work' && state !== 'needs-attention') return;
  // A queue that is paused finds out when it goes on; of commits that change nothing nobody asks where they are.
  must(
    state === 'queued' || commits === 0 || files.length === 0 || !isOn(head),
    'what is on the target has landed',
    () => `${key} is ${state}`,
  );
  const landings = repository.moves.filter(move => move.by === 'landing' && move.runId === runId);
  const there = landings.some(({ to }) => isOn(to) && to !== null && repository.built.get(to)?.head === head);
  must(undone.has(runId) || !there, 'a landing is never forgotten', () => `${key} is ${state}`);
}

/** Its user has taken something from the target at some time, and may have brought it back unseen. */
function wasMovedBack({ moves, history }: World['repository']): boolean {
  return moves.some(
    ({ by, from, to }) => by !== 'undo' && (from === null || to === null || !history.isAncestor(from, to)),
  );
}

export function describe(state: State): string {
  const lines = state.instances.slice(-12).map(one => `  ${one.key} ${one.slug} ${one.state}: ${one.reason ?? ''}`);
  const waiting = planDetails(state)
    .waiting()
    .map(({ id, reasons }) => `  ${id} waits: ${reasons.map(({ detail }) => detail).join('; ')}`);
  const { mode, queuePaused, resources, plan } = state;
  const first = `mode ${mode}, queue ${queuePaused ?? 'open'}, capacity ${resources.capacity}, ready ${plan.ready.join()}`;
  return [first, ...lines, ...waiting, `  ${JSON.stringify(state.inFlight)}`].join('\n');
}
