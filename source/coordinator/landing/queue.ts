import { checksHash } from '../../domain/checks.ts';
import type { Instance, RunId } from '../../domain/instance.ts';
import type { Candidate, CheckResult } from '../../domain/queue/merge-entry.ts';
import type { PrepareResult } from '../../ports/git.ts';
import { conflictSentence, describeViolations, harmless } from '../state/sentences.ts';
import type { Turn } from '../transition.ts';
import { startChecks } from './checks.ts';
import { writePendingStatus } from './landing.ts';
import { breachesOf, keepOrder, openDependencies, queueInOrder, queueWait } from './queue-order.ts';
import { isOurTarget, rebuild, stop, voidApproval } from './queue-stop.ts';
import { targetIsAt } from './target.ts';

const landingKinds = ['git.prepare', 'checks.run', 'git.land', 'git.undo', 'git.export', 'git.writeStatus'] as const;

/** Approves by policy what is clean, in scope and owned (`approve: clean`). */
function approveByPolicy(turn: Turn): void {
  if (turn.state.settings.approve !== 'clean') return;
  for (const instance of turn.state.instances) {
    const { runId, priorityId, state, head, merge } = instance;
    if (state !== 'awaiting-approval' || head === null || merge.prediction !== 'clean') continue;
    if (breachesOf(turn.state, instance).length > 0) continue;
    turn.record({ type: 'merge-approved', runId, priorityId, head, by: 'policy', accepted: [] });
  }
}

/**
 * Takes the next step of the merge queue where none is under way: one landing at a time, in the order of the queue. A queue that is
 * paused begins nothing; but a landing that had begun when cm-tui was killed is finished, as it would have been without that: it was
 * approved, its intent is on disk, and the user's tree may stand half-way.
 */
export function advanceQueue(turn: Turn): void {
  if (!turn.state.ready) return;
  approveByPolicy(turn);
  keepOrder(turn);
  if (isLanding(turn)) return;
  const cutOff = turn.state.instances.find(({ state }) => state === 'landing');
  if (cutOff !== undefined) return advance(turn, cutOff);
  if (turn.state.queuePaused !== null) return;
  askForDependencies(turn);
  const queued = queueInOrder(turn.state, turn.at);
  const next =
    queued.find(({ state }) => state === 'checking') ?? queued.find(one => queueWait(turn.state, one) === null);
  if (next !== undefined) return advance(turn, next);
  writePendingStatus(turn);
}

/** A step of a landing is under way; checks that began ahead of their turn are one once it has come. */
function isLanding(turn: Turn): boolean {
  const promoted = turn.state.instances.some(
    ({ state, runId }) => state === 'checking' && turn.busy('speculate.check', runId),
  );
  return promoted || landingKinds.some(kind => turn.busy(kind));
}

/** What needs something that will not land by itself any more waits for a person instead of its turn. */
function askForDependencies(turn: Turn): void {
  for (const instance of turn.state.instances) {
    if (instance.state !== 'queued') continue;
    const open = openDependencies(turn.state, instance);
    if (open.length === 0) continue;
    stop(turn, instance, 'blocked', `${describeViolations(open)}; accept that, or reject it`);
    // While it was on its way nobody looked how it merges with a target that moved.
    if (instance.head !== null) turn.start({ type: 'git.predict', runId: instance.runId, head: instance.head });
  }
}

/**
 * A candidate that is still good (same target tip, same head) is used again; otherwise a new one is built. A landing that was cut off
 * is asked for once more, whatever has become of the target: git answers whether it has happened.
 */
function advance(turn: Turn, instance: Instance): void {
  const { runId, priorityId, merge, state } = instance;
  const { candidate, approvedHead } = merge;
  if (state === 'landing' && candidate !== null) return land(turn, runId, candidate);
  if (approvedHead === null) {
    turn.record({ type: 'approval-voided', runId, priorityId, reason: 'nobody has approved it as it is' });
    turn.start({ type: 'git.judge', runId });
    return;
  }
  const reusable = candidate !== null && candidate.base === turn.state.targetTip && candidate.head === approvedHead;
  if (reusable) return checkOrLand(turn, runId, candidate);
  turn.start({ type: 'git.prepare', runId, head: approvedHead });
}

export function preparationAnswered(turn: Turn, runId: RunId, head: string, result: PrepareResult): void {
  const instance = turn.instance(runId);
  if (instance === undefined || instance.merge.approvedHead !== head || !isOnItsWay(instance)) return;
  const { target, merge } = instance;
  switch (result.outcome) {
    case 'prepared': {
      const { candidate: oid, base, statusWritten } = result;
      const squash = turn.state.settings.squash ? { squash: true } : {};
      const candidate = { oid, base, head, statusWritten, ...squash };
      turn.record({ type: 'candidate-prepared', runId, candidate });
      if (isOurTarget(turn, instance)) targetIsAt(turn, base);
      return checkOrLand(turn, runId, candidate);
    }
    case 'empty':
      // The answer to an earlier landing may have been lost: then this is why nothing is left to merge, and git is asked once more. One
      // that was never checked did not land; asking for it would land it where the target has gone back to its base meanwhile.
      if (merge.candidate !== null && mayLand(turn, runId, merge.candidate)) return land(turn, runId, merge.candidate);
      return stop(turn, instance, 'no-work', `everything in it is already on ${target}`);
    case 'conflict':
      stop(turn, instance, 'conflict', conflictSentence(target, result.paths), result.paths);
      // Nobody says with which tip it was tried, and the target may have moved on before the answer came.
      turn.start({ type: 'git.predict', runId, head });
      return;
    case 'moved':
      return voidApproval(turn, instance, result.head === null ? 'was deleted' : 'moved');
    case 'failed':
      return stop(turn, instance, 'blocked', result.message);
  }
}

function isOnItsWay({ state }: Instance): boolean {
  return state === 'queued' || state === 'checking' || state === 'landing';
}

function checkOrLand(turn: Turn, runId: RunId, candidate: Candidate): void {
  if (mayLand(turn, runId, candidate)) return land(turn, runId, candidate);
  startChecks(turn, runId, candidate.oid);
}

/** It has passed the checks, or there are none. */
function mayLand(turn: Turn, runId: RunId, { oid }: Candidate): boolean {
  if (turn.state.settings.checks.length === 0) return true;
  const checks = turn.instance(runId)?.merge.checks;
  if (checks === null || checks === undefined) return false;
  return (
    checks.candidate === oid && checks.outcome === 'passed' && checks.commandHash === checksHash(turn.state.settings)
  );
}

function land(turn: Turn, runId: RunId, { base, oid }: Candidate): void {
  const instance = turn.instance(runId);
  if (instance !== undefined && turn.busy('git.undo')) {
    // The target is going back meanwhile: it lands on what is there then.
    if (instance.state !== 'queued') rebuild(turn, instance);
    return;
  }
  turn.record({ type: 'landing-started', runId, base, candidate: oid });
  turn.start({ type: 'git.land', runId, base, candidate: oid });
}

export function checksAnswered(turn: Turn, runId: RunId, result: CheckResult): void {
  const instance = turn.instance(runId);
  const candidate = instance?.merge.candidate;
  if (instance === undefined || candidate?.oid !== result.candidate) return;
  if (instance.state === 'queued' && instance.merge.check?.ended === false) return foundAhead(turn, runId, result);
  if (instance.state !== 'checking') return;
  const before = instance.merge.checks;
  turn.record({ type: 'checks-finished', runId, result: { ...result, detail: harmless(result.detail) } });
  switch (result.outcome) {
    case 'passed':
      if (isOurTarget(turn, instance) && candidate.base !== turn.state.targetTip) return rebuild(turn, instance);
      return checkOrLand(turn, runId, candidate);
    case 'failed':
      return stop(turn, instance, 'checks-failed', result.detail);
    case 'error': {
      // Checks that could not be judged get one more try on the same candidate; a failure gets none.
      const second = before?.outcome === 'error' && before.candidate === result.candidate;
      if (second) return stop(turn, instance, 'checks-failed', `could not be checked: ${result.detail}`);
      startChecks(turn, runId, candidate.oid);
    }
  }
}

/** What checks ahead of its turn found is kept until its turn comes; a failure is then looked at once more, alone. */
function foundAhead(turn: Turn, runId: RunId, result: CheckResult): void {
  turn.record({ type: 'checks-finished', runId, result: { ...result, detail: harmless(result.detail) } });
}
