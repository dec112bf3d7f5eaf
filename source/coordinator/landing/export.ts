import type { RunId } from '../../domain/ids.ts';
import type { Instance } from '../../domain/instance.ts';
import { describeState } from '../../domain/state-labels.ts';
import type { BranchResult } from '../../ports/branches.ts';
import type { CommandAnswer } from '../../ports/commands.ts';
import { done, refused } from '../state/answers.ts';
import { sanitizeReason } from '../state/sentences.ts';
import type { Transition } from '../transition.ts';

/** Exports what would land to a branch, e.g. for a pull request. Nothing is pushed, and the queue continues unchanged. */
export function exportBranch(transition: Transition, instance: Instance, branchName: string): CommandAnswer {
  const { key, runId, state, head, merge, target } = instance;
  const ended = state === 'awaiting-approval' || state === 'blocked' || state === 'checks-failed';
  const queued = state === 'queued' || state === 'checking';
  if ((!ended && !queued) || head === null)
    return refused(`${key} has nothing to export: it ${describeState(state, null)}.`);
  if (merge.prediction === 'conflict')
    return refused(`${key} conflicts with ${target}, so there is no merge to export.`);
  if (transition.busy('git.export', runId)) return refused(`${key} is already being exported.`);
  // What is being checked keeps the candidate it has: another one would take its pin.
  const { candidate } = merge;
  const usable = candidate !== null && candidate.head === head && candidate.base === transition.state.targetTip;
  transition.start({ type: 'git.export', runId, head, candidate: usable ? candidate.oid : null, branchName });
  return done(`Exporting ${key} to ${sanitizeReason(branchName)}.`, [runId]);
}

export function exported(transition: Transition, runId: RunId, branchName: string, result: BranchResult): void {
  const instance = transition.instance(runId);
  if (instance === undefined) return;
  const name = sanitizeReason(branchName);
  const { priorityId } = instance;
  switch (result.outcome) {
    case 'created':
      return transition.record({
        type: 'branch-exported',
        runId,
        priorityId,
        branchName: name,
        commit: result.head,
        reason: null,
      });
    case 'taken': {
      const reason = `branch ${name} already exists; choose another name`;
      return transition.record({ type: 'branch-exported', runId, priorityId, branchName: name, commit: null, reason });
    }
    case 'failed': {
      const reason = sanitizeReason(result.message);
      return transition.record({ type: 'branch-exported', runId, priorityId, branchName: name, commit: null, reason });
    }
  }
}
