import { checksHash } from '../domain/checks.ts';
import type { CheckResult, Instance, RunId } from '../domain/instance.ts';
import type { LandResult, Prediction, PrepareResult } from '../ports/git.ts';
import type { Turn } from './turn.ts';

const landingKinds = ['git.prepare', 'checks.run', 'git.land', 'git.writeStatus'] as const;

/** A branch that stands in the merge queue or waits for a person, and whose prediction must follow the target. */
function isPredictable(instance: Instance): boolean {
  const { state } = instance;
  return state === 'awaiting-approval' || state === 'blocked' || state === 'conflict';
}

/** Merges every waiting branch on paper again: after a judgement, and whenever the target moved. */
export function predictWaiting(turn: Turn, all: boolean): void {
  for (const instance of turn.state.instances) {
    if (!isPredictable(instance) || instance.head === null) continue;
    if (!all && instance.merge.prediction !== 'unknown') continue;
    if (turn.busy('git.predict', instance.runId)) continue;
    turn.start({ type: 'git.predict', runId: instance.runId, head: instance.head });
  }
}

export function predictionAnswered(turn: Turn, runId: RunId, head: string, result: Prediction): void {
  const instance = turn.instance(runId);
  if (instance === undefined || instance.head !== head || !isPredictable(instance)) return;
  const paths = result.outcome === 'conflict' ? result.paths : [];
  const unchanged =
    instance.merge.prediction === result.outcome &&
    (result.outcome !== 'conflict' || paths.join('\0') === instance.merge.conflicts.join('\0'));
  if (unchanged) return;
  turn.record({
    type: 'merge-predicted',
    runId,
    prediction: result.outcome,
    head,
    paths,
    base: result.outcome === 'unknown' ? null : result.base,
  });
}

/** Approves by policy what is clean, in scope and owned (`approve: clean`). */
function approveByPolicy(turn: Turn): void {
  if (turn.state.settings.approve !== 'clean') return;
  for (const { runId, priorityId, state, head, merge } of turn.state.instances) {
    if (state !== 'awaiting-approval' || head === null || merge.prediction !== 'clean' || merge.violations.length > 0)
      continue;
    turn.record({ type: 'merge-approved', runId, priorityId, head, by: 'policy', accepted: [] });
  }
}

/** Takes the next step of the merge queue where none is under way: one landing at a time, first approved first. */
export function advanceQueue(turn: Turn): void {
  if (!turn.state.ready) return;
  approveByPolicy(turn);
  if (turn.state.queuePaused !== null || landingKinds.some(kind => turn.busy(kind))) return;
  const queued = turn.state.instances
    .filter(instance => instance.state === 'queued' || instance.state === 'checking' || instance.state === 'landing')
    .toSorted((a, b) => (a.merge.approvedAt ?? 0) - (b.merge.approvedAt ?? 0));
  const next = queued.find(instance => instance.state !== 'queued') ?? queued[0];
  if (next !== undefined) return advance(turn, next);
  writePendingStatus(turn);
}

/** A candidate that is still good (same target tip, same head) is used again; otherwise a new one is built. */
function advance(turn: Turn, instance: Instance): void {
  const { candidate, approvedHead } = instance.merge;
  if (approvedHead === null) return;
  const reusable = candidate !== null && candidate.base === turn.state.targetTip && candidate.head === approvedHead;
  if (reusable) return checkOrLand(turn, instance.runId);
  turn.start({ type: 'git.prepare', runId: instance.runId, head: approvedHead });
}

export function preparationAnswered(turn: Turn, runId: RunId, head: string, result: PrepareResult): void {
  const instance = turn.instance(runId);
  if (instance === undefined || instance.merge.approvedHead !== head) return;
  const { priorityId, target } = instance;
  switch (result.outcome) {
    case 'prepared':
      turn.record({
        type: 'candidate-prepared',
        runId,
        candidate: { oid: result.candidate, base: result.base, head, statusWritten: result.statusWritten },
      });
      turn.change({ targetTip: result.base });
      return checkOrLand(turn, runId);
    case 'empty':
      return stop(turn, instance, 'no-work', `everything in it is already on ${target}`, []);
    case 'conflict':
      return stop(turn, instance, 'conflict', `conflicts with ${target}: ${result.paths.join(', ')}`, result.paths);
    case 'moved':
      turn.record({ type: 'approval-voided', runId, priorityId, reason: 'its branch moved after it was approved' });
      turn.start({ type: 'git.judge', runId });
      return;
    case 'failed':
      return stop(turn, instance, 'blocked', result.message, []);
  }
}

function checkOrLand(turn: Turn, runId: RunId): void {
  const instance = turn.instance(runId);
  const candidate = instance?.merge.candidate;
  if (instance === undefined || candidate === undefined || candidate === null) return;
  const { checks } = instance.merge;
  const passed =
    checks?.candidate === candidate.oid &&
    checks.outcome === 'passed' &&
    checks.commandHash === checksHash(turn.state.settings);
  if (turn.state.settings.checks.length > 0 && !passed) {
    turn.record({ type: 'checks-started', runId, candidate: candidate.oid });
    turn.start({ type: 'checks.run', runId, candidate: candidate.oid });
    return;
  }
  turn.record({ type: 'landing-started', runId, base: candidate.base, candidate: candidate.oid });
  turn.start({ type: 'git.land', runId, base: candidate.base, candidate: candidate.oid });
}

export function checksAnswered(turn: Turn, runId: RunId, result: CheckResult): void {
  const instance = turn.instance(runId);
  if (instance?.state !== 'checking' || instance.merge.candidate?.oid !== result.candidate) return;
  const before = instance.merge.checks;
  turn.record({ type: 'checks-finished', runId, result });
  switch (result.outcome) {
    case 'passed':
      return checkOrLand(turn, runId);
    case 'failed':
      return stop(turn, instance, 'checks-failed', result.detail, []);
    case 'error': {
      // Checks that could not be judged get one more try on the same candidate; a failure gets none.
      const second = before?.outcome === 'error' && before.candidate === result.candidate;
      if (second) return stop(turn, instance, 'checks-failed', `could not be checked: ${result.detail}`, []);
      turn.start({ type: 'checks.run', runId, candidate: result.candidate });
    }
  }
}

export function landingAnswered(turn: Turn, runId: RunId, result: LandResult): void {
  const instance = turn.instance(runId);
  const candidate = instance?.merge.candidate;
  if (instance?.state !== 'landing' || candidate === undefined || candidate === null) return;
  switch (result.outcome) {
    case 'landed':
      return recordLanding(turn, instance);
    case 'target-moved':
      turn.change({ targetTip: result.tip });
      stop(turn, instance, 'queued', `${instance.target} moved; it is merged and checked again`, []);
      if (result.rewound) pauseForRewind(turn, instance.target);
      turn.emit({ type: 'sources.read' });
      return predictWaiting(turn, true);
    case 'blocked':
      return stop(turn, instance, 'blocked', result.message, result.paths);
    case 'failed':
      return stop(turn, instance, 'blocked', result.message, []);
  }
}

export function pauseForRewind(turn: Turn, target: string): void {
  turn.record({
    type: 'queue-paused',
    paused: true,
    reason: `${target} was moved back; nothing lands until you resume the queue`,
  });
}

/** The target is at the candidate (just moved there, or found there after a crash). */
export function recordLanding(turn: Turn, instance: Instance): void {
  const { candidate } = instance.merge;
  if (candidate === null) return;
  const { runId, priorityId } = instance;
  const wantsStatus = turn.state.settings.roadmapStatus === 'commit' && isRoadmapItem(turn, instance);
  turn.record({
    type: 'landed',
    runId,
    priorityId,
    candidate: candidate.oid,
    statusWritten: candidate.statusWritten || !wantsStatus,
  });
  turn.change({ targetTip: candidate.oid });
  turn.emit({ type: 'sources.read' });
  predictWaiting(turn, true);
}

function isRoadmapItem(turn: Turn, instance: Instance): boolean {
  const { path, items } = turn.state.roadmap;
  return path !== null && !path.startsWith('/') && items.some(item => item.id === instance.priorityId);
}

function writePendingStatus(turn: Turn): void {
  const runId = turn.state.pendingStatus.find(id => !turn.state.statusTried.includes(id));
  if (runId === undefined) return;
  // Tried once until the target or the ROADMAP moves again: the user's own edit of the file may stand in the way.
  turn.change({ statusTried: [...turn.state.statusTried, runId] });
  turn.start({ type: 'git.writeStatus', runId });
}

export function statusAnswered(turn: Turn, runId: RunId, ok: boolean): void {
  const instance = turn.instance(runId);
  if (instance === undefined || !ok) return;
  turn.record({ type: 'status-written', runId, priorityId: instance.priorityId });
  turn.emit({ type: 'sources.read' });
  turn.emit({ type: 'target.read' });
}

function stop(
  turn: Turn,
  instance: Instance,
  state: 'conflict' | 'blocked' | 'checks-failed' | 'queued' | 'no-work',
  reason: string,
  paths: readonly string[],
): void {
  turn.record({
    type: 'landing-stopped',
    runId: instance.runId,
    priorityId: instance.priorityId,
    state,
    reason,
    paths,
  });
}

/** Branches that only the user's tree (or a lock, or another worktree) held back get their turn again. */
export function requeueBlocked(turn: Turn): void {
  for (const instance of turn.state.instances) {
    if (instance.state !== 'blocked' || instance.merge.approvedHead === null) continue;
    stop(turn, instance, 'queued', 'tried again', []);
  }
}
