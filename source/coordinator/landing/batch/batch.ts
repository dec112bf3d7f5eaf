import type { Oid, RunId } from '../../../domain/ids.ts';
import type { Instance } from '../../../domain/instance.ts';
import { pickBatch } from '../../../domain/queue/batch.ts';
import { styleOfCandidate } from '../../../domain/queue/landing-style.ts';
import { type Candidate, coversCandidate } from '../../../domain/queue/merge-entry.ts';
import type { PrepareResult } from '../../../ports/git.ts';
import { candidateOf } from '../../review/early-checks.ts';
import { sanitizeReason } from '../../state/sentences.ts';
import type { Transition } from '../../transition.ts';
import { isKnownResult, startChecks } from '../checks.ts';
import { queueInOrder, queueWait } from '../queue-order.ts';
import { isOurTarget, stop, voidApproval } from '../queue-stop.ts';
import { landingStyleOf, wayOf } from '../way.ts';
import { chainIn, hasCandidate, type WithCandidate } from './chain.ts';

/** The branch that gets its turn: the first of those that are checked together, where there are checks. Undefined: none. */
export function nextInQueue(transition: Transition): Instance | undefined {
  const { state } = transition;
  const free = queueInOrder(state, transition.at).filter(
    one => one.state === 'queued' && queueWait(state, one) === null,
  );
  if (!checksBatches(transition)) return free[0];
  const [chosen] = pickBatch(
    free.filter(one => mayJoin(transition, one)).map(idOf),
    state.suspects ?? null,
    state.settings.batch,
  );
  const [first] = free;
  // What cannot be checked with others keeps its place.
  return first === undefined || !mayJoin(transition, first) ? first : (free.find(one => one.runId === chosen) ?? first);
}

function checksBatches({ state: { settings } }: Transition): boolean {
  return settings.checks.length > 0 && settings.batch > 1;
}

/** A branch that has to be built on the tip, one for the forge, and one for another target are checked alone. */
function mayJoin(transition: Transition, instance: Instance): boolean {
  const way = wayOf(transition.state, instance);
  return isOurTarget(transition, instance) && way !== 'ff' && way !== 'pr';
}

/**
 * Checks the candidate of `first`, which is built on the target's tip. Others that merge cleanly are built on top of it, one after another,
 * and the checks run on the last of them: that is where the target moves if they pass, so that it never rests at files that were not
 * checked as they are.
 */
export function checkBatch(transition: Transition, first: WithCandidate): void {
  let top: WithCandidate = first;
  const below: RunId[] = [];
  for (const runId of othersWith(transition, first)) {
    const next = transition.instance(runId);
    const head = next?.merge.approvedHead;
    if (next === undefined || head === null || head === undefined) continue;
    const onto = top.merge.candidate.oid;
    if (isBuilt(transition, next, onto)) {
      below.push(top.runId);
      top = next;
      continue;
    }
    if (isLeftOut(transition, runId, head, onto)) continue;
    transition.start({ type: 'batch.prepare', runId, head, onto });
    return;
  }
  startChecks(transition, top.runId, top.merge.candidate, below);
}

function othersWith(transition: Transition, first: WithCandidate): readonly RunId[] {
  if (!checksBatches(transition) || !mayJoin(transition, first)) return [];
  const { state } = transition;
  const { candidate, check } = first.merge;
  // Its checks began ahead of its turn, on this very tree.
  if (check?.ended === false && coversCandidate(check, candidate)) return [];
  const free = queueInOrder(state, transition.at).filter(
    one => one.state === 'queued' && queueWait(state, one) === null && mayJoin(transition, one),
  );
  const chosen = pickBatch(free.map(idOf), state.suspects ?? null, state.settings.batch);
  return chosen.includes(first.runId) ? chosen.filter(runId => runId !== first.runId) : [];
}

function isBuilt(transition: Transition, instance: Instance, onto: Oid): instance is WithCandidate {
  return hasCandidate(instance) && isCurrent(transition, instance) && instance.merge.candidate.base === onto;
}

/** It holds what was approved, in the way in which that is to land. */
function isCurrent({ state }: Transition, instance: WithCandidate): boolean {
  const { candidate, approvedHead } = instance.merge;
  const style = styleOfCandidate(candidate) === landingStyleOf(state, instance);
  return candidate.early !== true && candidate.head === approvedHead && style;
}

/** It was built on the candidate before it, or it was not: then it has its turn later. */
export function batchPrepared(
  transition: Transition,
  runId: RunId,
  { head, onto, result }: { readonly head: Oid; readonly onto: Oid; readonly result: PrepareResult },
): void {
  const instance = transition.instance(runId);
  if (instance?.state !== 'queued' || instance.merge.approvedHead !== head) return;
  if (result.outcome === 'moved')
    return voidApproval(transition, instance, result.head === null ? 'was deleted' : 'moved');
  if (result.outcome !== 'prepared' || result.base !== onto) return leaveOut(transition, runId, head, onto);
  transition.record({ type: 'candidate-prepared', runId, candidate: candidateOf(transition, instance, head, result) });
}

/** It does not merge onto that (missing: nobody knows): it has its turn later, and nobody is to blame. */
export function leaveOut(transition: Transition, runId: RunId, head: Oid, onto: Oid | '' = ''): void {
  transition.change({ batchTried: { ...transition.state.batchTried, [runId]: `${head} ${onto}` } });
}

function isLeftOut({ state }: Transition, runId: RunId, head: Oid, onto: Oid): boolean {
  const tried = state.batchTried?.[runId];
  return tried === `${head} ${onto}` || tried === `${head} `;
}

/** Those that are being checked together, the last of them at the end; empty: none are, or they do not belong together any more. */
export function checkedTogether(transition: Transition): readonly WithCandidate[] {
  const { chain, broken } = chainIn(transition.state, 'checking');
  const [lowest] = chain;
  if (lowest === undefined || broken) return [];
  const isOnTip = lowest.merge.candidate.base === transition.state.targetTip || !isOurTarget(transition, lowest);
  const belong = chain.length === 1 || chain.every(one => mayJoin(transition, one));
  return isOnTip && belong && chain.every(one => isCurrent(transition, one)) ? chain : [];
}

/** Where one of a batch has left it, the others go back into the queue and are checked without it. */
export function dissolveBroken(transition: Transition): void {
  const checking = transition.state.instances.filter(({ state }) => state === 'checking');
  if (checking.length === 0 || transition.state.targetTip === null || checkedTogether(transition).length > 0) return;
  dissolve(transition, checking, 'what it was checked with has changed; checking again');
}

/** Back into the queue, each in its place. */
export function dissolve(transition: Transition, members: readonly Instance[], reason: string): void {
  for (const { runId } of members) {
    const instance = transition.instance(runId);
    if (instance !== undefined && (instance.state === 'checking' || instance.state === 'landing'))
      stop(transition, instance, 'queued', reason);
  }
}

/** The checks of a batch failed: which branch is the reason is found out with smaller ones. */
export function batchFailed(transition: Transition, members: readonly WithCandidate[], detail: string): void {
  const top = members.at(-1);
  if (top === undefined) return;
  const runs = members.map(idOf);
  transition.record({ type: 'batch-failed', runId: top.runId, runs, detail: sanitizeReason(detail) });
}

/** True where the checks passed on the last of them, as they are in the settings now. */
export function hasPassed(transition: Transition, instance: Instance, candidate: Candidate): boolean {
  return instance.merge.checks?.outcome === 'passed' && isKnownResult(transition, instance, candidate);
}

function idOf({ runId }: Instance): RunId {
  return runId;
}
