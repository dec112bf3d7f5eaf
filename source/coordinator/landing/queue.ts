import type { RunId } from '../../domain/ids.ts';
import type { Instance } from '../../domain/instance.ts';
import { styleOfCandidate } from '../../domain/queue/landing-style.ts';
import { type Candidate, type CheckResult, coversCandidate } from '../../domain/queue/merge-entry.ts';
import type { PrepareResult } from '../../ports/git.ts';
import { openApproved } from '../remote/pull-requests.ts';
import { candidateOf } from '../review/early-checks.ts';
import {
  conflictSentence,
  describeViolations,
  returningReason,
  sanitizeReason,
  somePaths,
} from '../state/sentences.ts';
import type { Transition } from '../transition.ts';
import { batchFailed, checkBatch, checkedTogether, dissolveBroken, hasPassed, nextInQueue } from './batch/batch.ts';
import { chainBelow, chainIn, hasCandidate, type WithCandidate } from './batch/chain.ts';
import { startChecks } from './checks.ts';
import { writePendingStatus } from './landing.ts';
import { isClean, keepOrder, openDependencies } from './queue-order.ts';
import { isOurTarget, rebuildCandidate, stop, voidApproval, withdrawApproval } from './queue-stop.ts';
import { targetIsAt } from './target.ts';
import { landingStyleOf, tryOf, wayOf } from './way.ts';

const landingKinds = [
  'git.prepare',
  'batch.prepare',
  'checks.run',
  'git.land',
  'forge.open',
  'git.undo',
  'git.export',
  'git.writeStatus',
] as const;

/** Approves by policy what is clean (`approve: clean`). */
function approveByPolicy(transition: Transition): void {
  if (transition.state.settings.approve !== 'clean') return;
  for (const instance of transition.state.instances) {
    const { runId, priorityId, head } = instance;
    if (head === null || !isClean(transition.state, instance)) continue;
    transition.record({ type: 'merge-approved', runId, priorityId, head, by: 'policy', accepted: [] });
  }
}

/**
 * Takes the next step of the merge queue where none is under way: one landing at a time, in the order of the queue. A queue that is
 * paused begins nothing; but a landing that had begun when cm-tui was killed is finished, as it would have been without that: it was
 * approved, its intent is on disk, and the user's tree may stand half-way.
 */
export function advanceQueue(transition: Transition): void {
  if (!transition.state.ready) return;
  approveByPolicy(transition);
  dissolveBroken(transition);
  keepOrder(transition);
  if (isLanding(transition)) return;
  const cutOff = chainIn(transition.state, 'landing').chain.at(-1);
  if (cutOff !== undefined) return advance(transition, cutOff);
  if (transition.state.queuePaused !== null) return;
  askForDependencies(transition);
  const next = checkedTogether(transition).at(-1) ?? nextInQueue(transition);
  if (next !== undefined) return advance(transition, next);
  writePendingStatus(transition);
}

/** A step of a landing is under way; checks that began ahead of their turn are one once it has come. */
function isLanding(transition: Transition): boolean {
  const promoted = transition.state.instances.some(
    ({ state, runId }) => state === 'checking' && transition.busy('speculate.check', runId),
  );
  return promoted || landingKinds.some(kind => transition.busy(kind));
}

/** What needs something that will not land by itself any more waits for a person instead of its turn. */
function askForDependencies(transition: Transition): void {
  for (const instance of transition.state.instances) {
    if (instance.state !== 'queued') continue;
    const open = openDependencies(transition.state, instance);
    if (open.length === 0) continue;
    stop(transition, instance, 'blocked', `${describeViolations(open)}; accept that, or reject it`);
    // While it was on its way nobody looked how it merges with a target that moved.
    if (instance.head !== null) transition.start({ type: 'git.predict', runId: instance.runId, head: instance.head });
  }
}

/**
 * A candidate that is still good (same target tip, same head) is used again; otherwise a new one is built. A landing that was cut off
 * is asked for once more, whatever has become of the target: git answers whether it has happened.
 */
function advance(transition: Transition, instance: Instance): void {
  const { runId, priorityId, merge, state } = instance;
  const { candidate, approvedHead } = merge;
  if (state === 'landing' && candidate !== null) return land(transition, runId, candidate);
  if (approvedHead === null) {
    transition.record({ type: 'approval-voided', runId, priorityId, reason: 'nobody has approved its current commit' });
    transition.start({ type: 'git.judge', runId });
    return;
  }
  if (checkedTogether(transition).length > 1 && candidate !== null) return checkOrLand(transition, runId, candidate);
  const reusable =
    candidate !== null &&
    candidate.early !== true &&
    candidate.base === transition.state.targetTip &&
    candidate.head === approvedHead &&
    styleOfCandidate(candidate) === landingStyleOf(transition.state, instance);
  if (reusable) return checkOrLand(transition, runId, candidate);
  transition.start({ type: 'git.prepare', runId, head: approvedHead });
}

export function preparationAnswered(transition: Transition, runId: RunId, head: string, result: PrepareResult): void {
  const instance = transition.instance(runId);
  if (instance === undefined || instance.merge.approvedHead !== head || !isOnItsWay(instance)) return;
  const { target, merge } = instance;
  switch (result.outcome) {
    case 'prepared': {
      const candidate = candidateOf(transition, instance, head, result);
      const { base } = candidate;
      transition.record({ type: 'candidate-prepared', runId, candidate });
      if (isOurTarget(transition, instance)) targetIsAt(transition, base);
      return checkOrLand(transition, runId, candidate);
    }
    case 'empty':
      // The answer to an earlier landing may have been lost: then this is why nothing is left to merge, and git is asked once more. One
      // that was never checked did not land; asking for it would land it where the target has gone back to its base meanwhile.
      if (merge.candidate !== null && mayLand(transition, runId, merge.candidate))
        return land(transition, runId, merge.candidate);
      return stop(transition, instance, 'no-work', `everything in it is already on ${target}`);
    case 'conflict':
      stop(transition, instance, 'conflict', conflictSentence(target, result.paths), result.paths);
      // Nobody says with which tip it was tried, and the target may have moved on before the answer came.
      transition.start({ type: 'git.predict', runId, head });
      return;
    case 'moved':
      return voidApproval(transition, instance, result.head === null ? 'was deleted' : 'moved');
    case 'returning':
      return withdrawApproval(transition, instance, returningReason(instance, result.returning));
    case 'unseen':
      return withdrawApproval(transition, instance, `it would now change ${somePaths(result.paths)} as well`);
    case 'failed':
      if (result.base !== undefined) {
        const known = { [runId]: tryOf(transition.state, instance, result.base) };
        transition.change({ landTried: { ...transition.state.landTried, ...known } });
      }
      return stop(transition, instance, 'blocked', result.message);
  }
}

function isOnItsWay({ state }: Instance): boolean {
  return state === 'queued' || state === 'checking' || state === 'landing';
}

function checkOrLand(transition: Transition, runId: RunId, candidate: Candidate): void {
  if (mayLand(transition, runId, candidate)) return land(transition, runId, candidate);
  const instance = transition.instance(runId);
  if (instance === undefined || !hasCandidate(instance)) return;
  if (instance.state === 'queued') return checkBatch(transition, instance);
  startChecks(transition, runId, candidate, below(transition, instance));
}

/** The runs that are checked, and land, with the one above them. */
function below(transition: Transition, top: WithCandidate): readonly RunId[] {
  const chain = chainBelow(transition.state.instances, top);
  return chain.slice(0, -1).map(one => one.runId);
}

/** It has passed the checks, or there are none; and it was built to land. */
function mayLand(transition: Transition, runId: RunId, candidate: Candidate): boolean {
  if (candidate.early === true) return false;
  if (transition.state.settings.checks.length === 0) return true;
  const instance = transition.instance(runId);
  return instance !== undefined && hasPassed(transition, instance, candidate);
}

/** What is checked with it lands with it: the target moves once, from the base of the lowest to its own candidate. */
function land(transition: Transition, runId: RunId, { oid, head, base: own }: Candidate): void {
  const instance = transition.instance(runId);
  if (instance !== undefined && instance.state !== 'landing' && wayOf(transition.state, instance) === 'pr')
    return openApproved(transition, runId, head);
  const chain =
    instance !== undefined && hasCandidate(instance) && instance.state !== 'queued'
      ? chainBelow(transition.state.instances, instance)
      : [];
  if (instance !== undefined && transition.busy('git.undo')) {
    // The target is going back meanwhile: it lands on what is there then.
    for (const one of chain) rebuildCandidate(transition, one);
    return;
  }
  const base = chain[0]?.merge.candidate.base ?? own;
  const others = chain.slice(0, -1).map(one => one.runId);
  const batch = others.length === 0 ? {} : { with: others };
  transition.record({ type: 'landing-started', runId, base, candidate: oid, ...batch });
  transition.start({ type: 'git.land', runId, base, candidate: oid, ...batch });
}

export function checksAnswered(transition: Transition, runId: RunId, result: CheckResult): void {
  const instance = transition.instance(runId);
  const candidate = instance?.merge.candidate;
  if (instance === undefined || candidate === undefined || candidate === null) return;
  if (!coversCandidate(result, candidate)) return;
  const isAhead = instance.state === 'queued' || instance.state === 'awaiting-approval';
  if (isAhead && instance.merge.check?.ended === false) return foundAhead(transition, instance, result);
  if (instance.state !== 'checking') return;
  const members = checkedTogether(transition);
  if (members.length > 1) return batchChecked(transition, members, result);
  const before = instance.merge.checks;
  transition.record({ type: 'checks-finished', runId, result: { ...result, detail: sanitizeReason(result.detail) } });
  // What it was checked on is not on the target, so nobody can say whose failure it is.
  const isStale = isOurTarget(transition, instance) && candidate.base !== transition.state.targetTip;
  if (isStale && result.outcome !== 'error') return rebuildCandidate(transition, instance);
  switch (result.outcome) {
    case 'passed':
      return checkOrLand(transition, runId, candidate);
    case 'failed':
      return stop(transition, instance, 'checks-failed', result.detail);
    case 'error': {
      // Checks that could not be judged get one more try on the same candidate; a failure gets none.
      const second = before?.outcome === 'error' && coversCandidate(before, candidate);
      if (second) return stop(transition, instance, 'checks-failed', `could not be checked: ${result.detail}`);
      startChecks(transition, runId, candidate);
    }
  }
}

/** What the checks of several branches found, which ran on the last of them. */
function batchChecked(transition: Transition, members: readonly WithCandidate[], result: CheckResult): void {
  const top = members.at(-1);
  if (top?.merge.candidate === undefined || !coversCandidate(result, top.merge.candidate)) return;
  if (result.outcome !== 'passed') return batchFailed(transition, members, result.detail);
  const { runId } = top;
  transition.record({ type: 'checks-finished', runId, result: { ...result, detail: sanitizeReason(result.detail) } });
  checkOrLand(transition, runId, top.merge.candidate);
}

/** What checks ahead of its turn found is kept until its turn comes; a failure is then looked at once more, alone. */
function foundAhead(transition: Transition, { runId, key, state }: Instance, result: CheckResult): void {
  transition.record({ type: 'checks-finished', runId, result: { ...result, detail: sanitizeReason(result.detail) } });
  if (state === 'awaiting-approval' && result.outcome === 'failed')
    transition.notice('warning', `${key}: the checks fail on the trial merge: ${result.detail}`, runId);
}
