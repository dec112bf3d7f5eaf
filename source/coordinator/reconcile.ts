import type { Instance, ProcessIdentity, RunId } from '../domain/instance.ts';
import type { RunStatus } from '../ports/processes.ts';
import type { Observation } from './messages.ts';
import type { State } from './state.ts';

/** What has to be done so that the state and the world agree again. */
export type Action =
  | { readonly type: 'adopt'; readonly runId: RunId; readonly process: ProcessIdentity }
  | { readonly type: 'end'; readonly runId: RunId; readonly status: RunStatus }
  | { readonly type: 'resume-preparing'; readonly runId: RunId }
  | { readonly type: 'kill-again'; readonly runId: RunId }
  | { readonly type: 'judge'; readonly runId: RunId }
  | { readonly type: 'landed'; readonly runId: RunId }
  | { readonly type: 'rebuild'; readonly runId: RunId; readonly reason: string }
  | { readonly type: 'unlanded'; readonly runId: RunId }
  | { readonly type: 'resume-cleanup'; readonly runId: RunId };

/**
 * Compares the journal's fold with one look at git, processes and exit files. Pure, and idempotent: once its actions have been
 * carried out, the same look gives none. What could not be looked at (null, a missing key, `unknown`) gives no action.
 */
export function reconcile(state: State, observation: Observation): readonly Action[] {
  const actions: Action[] = [];
  for (const instance of state.instances) {
    const action = reconcileInstance(state, instance, observation);
    if (action !== null) actions.push(action);
  }
  return actions;
}

function reconcileInstance(state: State, instance: Instance, observation: Observation): Action | null {
  const { runId } = instance;
  const status = observation.runs[runId];
  switch (instance.state) {
    case 'pending':
    case 'preparing':
      return status === undefined ? null : preparing(state, instance, status);
    case 'running':
    case 'stopping':
      return status === undefined ? null : running(state, instance, status);
    case 'completed':
      return { type: 'judge', runId };
    case 'awaiting-approval':
    case 'conflict':
    case 'blocked':
    case 'checks-failed':
    case 'needs-attention':
      return headMoved(instance, observation) ? { type: 'judge', runId } : null;
    case 'queued':
      return instance.merge.candidate !== null && observation.landed[runId] === true ? { type: 'landed', runId } : null;
    case 'checking':
      return null;
    case 'landing':
      return landing(instance, observation);
    case 'merged':
      if (observation.landed[runId] === false) return { type: 'unlanded', runId };
      return state.cleaning.includes(runId) ? { type: 'resume-cleanup', runId } : null;
    case 'failed':
    case 'cancelled':
    case 'interrupted':
    case 'no-work':
    case 'rejected':
    case 'cleaned':
      return null;
  }
}

function preparing(state: State, instance: Instance, status: RunStatus): Action | null {
  const { runId } = instance;
  switch (status.status) {
    case 'alive':
      return { type: 'adopt', runId, process: status.process };
    case 'exited':
    case 'lost':
      return { type: 'end', runId, status };
    case 'not-started':
      return isUnderWay(state, runId) ? null : { type: 'resume-preparing', runId };
    case 'unknown':
      return null;
  }
}

function running(state: State, instance: Instance, status: RunStatus): Action | null {
  const { runId } = instance;
  switch (status.status) {
    case 'alive':
      if (instance.state === 'stopping') return isUnderWay(state, runId) ? null : { type: 'kill-again', runId };
      return state.watched.includes(runId) ? null : { type: 'adopt', runId, process: status.process };
    case 'exited':
    case 'lost':
      return instance.endTime === null ? { type: 'end', runId, status } : { type: 'judge', runId };
    case 'not-started':
      if (instance.endTime !== null) return { type: 'judge', runId };
      return isUnderWay(state, runId) ? null : { type: 'end', runId, status: { status: 'lost', why: 'killed' } };
    case 'unknown':
      return null;
  }
}

function landing(instance: Instance, { landed, git }: Observation): Action | null {
  const { runId } = instance;
  const { candidate } = instance.merge;
  const reached = landed[runId];
  if (reached === true) return { type: 'landed', runId };
  if (reached !== false || git.targetTip === null || candidate === null) return null;
  // The target still stands at the base: the landing is done again (it finishes what a killed one left half-way).
  if (git.targetTip === candidate.base) return null;
  return { type: 'rebuild', runId, reason: `${instance.target} moved while it was landing` };
}

function headMoved(instance: Instance, { git }: Observation): boolean {
  const tip = git.branches?.[instance.branchName];
  return tip !== undefined && instance.head !== null && tip !== instance.head;
}

function isUnderWay(state: State, runId: RunId): boolean {
  return Object.values(state.inFlight).some(flight => flight.runId === runId);
}
