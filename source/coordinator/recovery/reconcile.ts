import { hasLanded, type Instance, waitsToLand } from '../../domain/instance.ts';
import { styleOfCandidate } from '../../domain/queue/landing-style.ts';
import type { RunStatus } from '../../ports/processes.ts';
import { targetGone } from '../landing/queue-stop.ts';
import { isLatestRun } from '../runs/spawning.ts';
import type { EffectKind } from '../state/effects.ts';
import type { Observation } from '../state/messages.ts';
import type { State } from '../state/state.ts';
import type { ReconcileAction } from './actions.ts';
import { news } from './reconcile-notices.ts';
import { ownWorktree, worktreeAction } from './reconcile-worktrees.ts';

/**
 * Compares the journal's fold with one look at git, processes and exit files. Pure, and idempotent: once its actions have been
 * carried out, the same look gives none. What could not be looked at (null, a missing key, `unknown`) gives no action, and neither
 * does a run that has changed since the look or that has an effect under way, whose outcome will tell.
 */
export function reconcile(state: State, observation: Observation): readonly ReconcileAction[] {
  const actions: ReconcileAction[] = [];
  if (state.target !== null && targetIsMissing(state, observation)) {
    actions.push({ type: 'pause-queue', reason: targetGone(state.target) });
  }
  const before = observation.asOf === undefined ? null : new Set(observation.asOf.instances);
  const busy = new Set(Object.values(state.inFlight).flatMap(({ kind, runId }) => (isLong(kind) ? [] : [runId])));
  const looked = state.instances.filter(one => !busy.has(one.runId) && (before === null || before.has(one)));
  for (const instance of looked) {
    const action = reconcileInstance(state, instance, observation);
    if (action !== null) actions.push(action);
  }
  return [...actions, ...news(state, observation, looked)];
}

/** Checks take their time, and tell nothing of the branch that they are for. */
function isLong(kind: EffectKind): boolean {
  return kind === 'checks.run' || kind === 'speculate.check';
}

/** Without a run that was to land on it the target was perhaps never there: a repository without a commit says so by itself. */
function targetIsMissing({ target, queuePaused, instances }: State, { git }: Observation): boolean {
  if (queuePaused !== null || target === null || git.branches === null) return false;
  return git.branches[target] === undefined && instances.some(one => one.target === target && !hasLanded(one.state));
}

function reconcileInstance(state: State, instance: Instance, observation: Observation): ReconcileAction | null {
  const { runId } = instance;
  const status = observation.runs[runId];
  if (instance.replaying !== undefined)
    return { type: instance.replaying.answered === true ? 'judge' : 'resume-replay', runId };
  switch (instance.state) {
    case 'pending':
    case 'preparing':
      return status === undefined ? null : preparing(instance, status, observation);
    case 'running':
      return status === undefined ? null : running(state, instance, status, observation);
    case 'stopping':
      // It ran on another machine, and what it made is here.
      if (instance.remote?.home === true) return { type: 'judge', runId };
      return status === undefined ? null : stopping(instance, status);
    case 'completed':
      // Its commits come from another machine first.
      return isUnderway(instance) ? null : { type: 'judge', runId };
    case 'awaiting-approval':
    case 'conflict':
    case 'blocked':
    case 'checks-failed':
    case 'needs-attention':
    case 'no-work':
    case 'asks':
      return waiting(state, instance, observation);
    case 'queued':
    case 'checking':
      return queued(state, instance, observation);
    case 'landing':
      return landing(state, instance, observation);
    case 'merged':
      if (hasGone(instance, observation) && instance.target === state.target) return { type: 'unlanded', runId };
      if (instance.undoing !== undefined) return undoing(state, instance, observation);
      return state.cleaning.includes(runId) ? { type: 'resume-cleanup', runId } : null;
    case 'cleaned':
      return instance.undoing === undefined ? null : undoing(state, instance, observation);
    case 'failed':
    case 'cancelled':
    case 'interrupted':
    case 'rejected':
      return over(state, instance, observation);
    case 'waiting':
      return landedByOther(state, instance, observation);
  }
}

/** It ran on another machine, and what it made there is not here yet. */
function isUnderway({ remote }: Instance): boolean {
  return remote !== undefined && remote.home !== true;
}

/** A run that is over: somebody may have landed it all the same. */
function over(state: State, instance: Instance, observation: Observation): ReconcileAction | null {
  const { runId, process } = instance;
  if (instance.state === 'failed' && process === null) {
    // Its start was answered with an error, and yet something runs: nobody would ever look after it.
    const status = observation.runs[runId]?.status;
    if (status === 'alive') return { type: 'kill-again', runId };
    if (status === 'unknown') return null;
  }
  if (state.cleaning.includes(runId)) return { type: 'resume-cleanup', runId };
  return candidateFound(instance, observation) ?? landedByOther(state, instance, observation);
}

function undoing({ target, inFlight }: State, instance: Instance, { landed }: Observation): ReconcileAction | null {
  const { runId } = instance;
  const there = landed[runId];
  if (instance.target !== target || there === undefined || there === null) return null;
  if (!there) return { type: 'unlanded', runId };
  // One at a time moves the target.
  const moving = Object.values(inFlight).some(({ kind }) => kind === 'git.land' || kind === 'git.writeStatus');
  return moving ? null : { type: 'resume-undo', runId };
}

/** Neither its landing nor its work is on the target any more. */
function hasGone({ runId }: Instance, { landed, merged }: Observation): boolean {
  const there = merged?.[runId];
  return landed[runId] === false && (there === false || there === undefined);
}

function preparing(instance: Instance, status: RunStatus, observation: Observation): ReconcileAction | null {
  const { runId } = instance;
  switch (status.status) {
    case 'alive':
      return astray(instance, observation) ?? { type: 'adopt', runId, process: status.process };
    case 'exited':
    case 'lost':
      // Until its next part has started, its folder tells of the end of the last one.
      return isOfEarlierPart(instance, status) ? { type: 'resume-preparing', runId } : { type: 'end', runId, status };
    case 'not-started':
      return { type: 'resume-preparing', runId };
    case 'unknown':
      return null;
  }
}

/** Only an exit code has a time; of one that was lost the start finds out whether anything of it is left. */
function isOfEarlierPart({ continued }: Instance, status: RunStatus): boolean {
  if (continued === undefined) return false;
  return status.status !== 'exited' || (status.endTime ?? 0) < continued.at;
}

function running(
  state: State,
  instance: Instance,
  status: RunStatus,
  observation: Observation,
): ReconcileAction | null {
  const { runId } = instance;
  switch (status.status) {
    case 'alive': {
      const adopted = state.watched.includes(runId)
        ? null
        : ({ type: 'adopt', runId, process: status.process } as const);
      return astray(instance, observation) ?? adopted;
    }
    case 'exited':
    case 'lost':
      return { type: 'end', runId, status };
    // A run whose identity is known has been started; who says otherwise has not seen it.
    case 'not-started':
    case 'unknown':
      return null;
  }
}

function astray(instance: Instance, { git }: Observation): ReconcileAction | null {
  const action = worktreeAction(instance, git);
  return action?.type === 'stop-astray' ? action : null;
}

function stopping(instance: Instance, status: RunStatus): ReconcileAction | null {
  const { runId } = instance;
  switch (status.status) {
    case 'alive':
      return { type: 'kill-again', runId };
    case 'exited':
    case 'lost':
      return instance.endTime === null ? { type: 'end', runId, status } : { type: 'judge', runId };
    case 'not-started':
      return instance.process === null ? { type: 'judge', runId } : null;
    case 'unknown':
      return null;
  }
}

/** A branch that waits for a person: it may have landed all the same, or have moved on. */
function waiting(state: State, instance: Instance, observation: Observation): ReconcileAction | null {
  const { runId } = instance;
  if (state.cleaning.includes(runId)) return { type: 'resume-cleanup', runId };
  const elsewhere = candidateFound(instance, observation) ?? landedByOther(state, instance, observation);
  if (elsewhere !== null) return elsewhere;
  // A fresh attempt has taken its place.
  if ((instance.state === 'no-work' || instance.state === 'asks') && !isLatestRun(state, instance)) return null;
  const left = instance.state === 'awaiting-approval' && hasLeft(instance, observation);
  // Somebody has removed from the target what it is built on: landing it may bring that back.
  const uprooted = observation.grounded?.[runId] === false;
  return left || uprooted || branchChanged(instance, observation) ? { type: 'judge', runId } : null;
}

function queued(state: State, instance: Instance, observation: Observation): ReconcileAction | null {
  return (
    candidateFound(instance, observation) ??
    landedByOther(state, instance, observation) ??
    voided(instance, observation)
  );
}

/** The answer to its landing was lost; or it was exported, and somebody else has landed that. */
function candidateFound({ runId, merge, exported }: Instance, { landed }: Observation): ReconcileAction | null {
  const { candidate } = merge;
  if (candidate === null || landed[runId] !== true) return null;
  const { oid } = candidate;
  if (exported?.commit !== oid) return { type: 'landed', runId, commit: oid };
  return { type: 'landed', runId, commit: oid, found: { oid, style: styleOfCandidate(candidate) } };
}

/** Somebody else has brought its work to the target. What another run of ours has landed is that run's. */
function landedByOther({ instances }: State, instance: Instance, { merged, git }: Observation): ReconcileAction | null {
  const { runId, branchName, head } = instance;
  const found = merged?.[runId];
  if (found === undefined || found === null || found === false || git.branches === null) return null;
  // Who merges a branch often deletes it. One that has moved on holds more than was asked about.
  if ((git.branches[branchName] ?? head) !== head) return null;
  const isOurs = instances.some(other => other.runId !== runId && other.merge.landed === found.oid);
  if (isOurs) return null;
  const style = instance.pr?.state === 'merged' ? 'pr' : found.style;
  return { type: 'landed', runId, commit: found.oid, found: { ...found, style } };
}

/** Its branch no longer stands at what was approved. */
function voided({ runId, merge, branchName }: Instance, { git }: Observation): ReconcileAction | null {
  const { branches } = git;
  if (branches === null || branches[branchName] === merge.approvedHead) return null;
  const what = branches[branchName] === undefined ? 'was deleted' : 'moved';
  return { type: 'void-approval', runId, reason: `its branch ${what} after it was approved` };
}

function landing(state: State, instance: Instance, observation: Observation): ReconcileAction | null {
  const { runId } = instance;
  const { landed, git } = observation;
  const { candidate } = instance.merge;
  const reached = landed[runId];
  if (candidate === null) return null;
  if (reached === true) return { type: 'landed', runId, commit: candidate.oid };
  if (reached !== false || git.targetTip === null || instance.target !== state.target) return null;
  // The target still stands at the base: the landing is done again (it finishes what a killed one left half-way).
  if (git.targetTip === (instance.merge.landsFrom ?? candidate.base)) return null;
  return (
    voided(instance, observation) ?? { type: 'rebuild', runId, reason: `${instance.target} moved while it was landing` }
  );
}

/** The branch stands elsewhere than where it was judged, or it is gone and that has not been said yet. */
function branchChanged(instance: Instance, { git }: Observation): boolean {
  if (git.branches === null) return false;
  const tip = git.branches[instance.branchName];
  // Git could not read what is on it, or it was gone: now it may be readable.
  if (instance.head === null) return instance.state === 'needs-attention' && tip !== undefined;
  return tip === undefined ? waitsToLand(instance.state) : tip !== instance.head;
}

/** Its worktree has something else checked out. */
function hasLeft(instance: Instance, { git }: Observation): boolean {
  const entry = git.worktrees === null ? undefined : ownWorktree(instance, git.worktrees);
  return entry?.exists === true && entry.branchName !== instance.branchName;
}
