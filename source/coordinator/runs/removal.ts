import { hasStrangeBranch } from '../../domain/fleet/strange-branch.ts';
import type { Oid, RunId } from '../../domain/ids.ts';
import { continuesByItself, type Instance, isAlive } from '../../domain/instance.ts';
import { describeState } from '../../domain/state-labels.ts';
import type { DiscardResult, RestoreResult } from '../../ports/branches.ts';
import type { CommandAnswer } from '../../ports/commands.ts';
import type { CleanResult } from '../../ports/git.ts';
import { done, refused } from '../state/answers.ts';
import type { Outcome } from '../state/messages.ts';
import { sanitizeReason } from '../state/sentences.ts';
import type { Transition } from '../transition.ts';
import { judge } from './lifecycle.ts';
import { findInstance } from './spawning.ts';

/** Why worktree and branch of a run cannot be removed now, whatever they hold; null: nothing of that kind is in the way. */
export function whyNotRemovable(instance: Instance): string | null {
  const { key, state, removed, base, undoing, replaying, target, branchName } = instance;
  if (isAlive(state) || state === 'completed') return `${key} is still running. Cancel it first.`;
  if (continuesByItself(state)) return `${key} waits to continue. Cancel it first.`;
  if (state === 'queued' || state === 'checking' || state === 'landing')
    return `${key} is queued to land on ${target}. Reject it first.`;
  if (undoing !== undefined) return `The landing of ${key} is being undone, so it is kept.`;
  if (replaying !== undefined) return `${key} is being replayed onto ${target}. Try again in a moment.`;
  if (hasStrangeBranch(instance)) return `${branchName} is another branch, not that of ${key}, so it is kept.`;
  if (state === 'cleaned' || removed !== undefined || base === null)
    return `${key} has neither a worktree nor a branch any more.`;
  return null;
}

/** Removes worktree and branch of what has landed, and of runs that hold nothing; git proves both. Without ids: of what has landed. */
export function cleanUp(
  transition: Transition,
  ids: readonly string[],
  confirmedLoss: Readonly<Record<RunId, readonly string[]>>,
): CommandAnswer {
  const landed = transition.state.instances.filter(instance => instance.state === 'merged');
  const chosen = ids.length === 0 ? landed : ids.map(id => findInstance(transition.state, id));
  const runs: RunId[] = [];
  for (const [index, instance] of chosen.entries()) {
    if (instance === undefined) return refused(`Unknown run "${ids[index]}".`);
    if (instance.state === 'cleaned' || instance.removed !== undefined) continue;
    const why = whyNotRemovable(instance);
    if (why !== null) return refused(why);
    if (transition.isRemoving(instance.runId)) continue;
    const loss = confirmedLoss[instance.runId] ?? [];
    transition.record({ type: 'cleanup-started', runId: instance.runId, confirmedLoss: loss });
    transition.start({ type: 'git.clean', runId: instance.runId, confirmedLoss: loss });
    runs.push(instance.runId);
  }
  return runs.length === 0
    ? done('No landed work to clean up.')
    : done(`Cleaning up ${runs.length} ${runs.length === 1 ? 'worktree' : 'worktrees'}.`, runs);
}

/** What git made of removing a run's worktree and branch, or of bringing them back. */
export function removalAnswered(
  transition: Transition,
  outcome: Extract<Outcome, { readonly type: 'cleaned' | 'discarded' | 'restored' }>,
): void {
  const instance = transition.instance(outcome.runId);
  if (instance === undefined) return;
  switch (outcome.type) {
    case 'cleaned':
      return cleaned(transition, instance, outcome.result);
    case 'discarded':
      return discarded(transition, instance, outcome.result);
    case 'restored':
      return restored(transition, instance, outcome.result);
  }
}

function whatWent({ rescued, bytes }: Extract<CleanResult, { readonly outcome: 'removed' }>) {
  return { rescued, ...(bytes === undefined ? {} : { bytes }) };
}

function cleaned(transition: Transition, { runId, priorityId, state, head, base }: Instance, result: CleanResult) {
  if (result.outcome === 'kept') return kept(transition, runId, result.reasons);
  if (state === 'merged')
    return transition.record({ type: 'instance-cleaned', runId, priorityId, ...whatWent(result) });
  transition.record({ type: 'run-removed', runId, priorityId, head: head ?? base, saved: null, discarded: false });
}

/** Removes worktrees and branches of named runs whatever they hold. What they hold is pinned for 30 days. */
export function discard(transition: Transition, ids: readonly string[]): CommandAnswer {
  const chosen: Instance[] = [];
  for (const id of ids) {
    const instance = findInstance(transition.state, id);
    if (instance === undefined) return refused(`Unknown run "${id}". Run "cm-tui status" for a list.`);
    const why = whyNotRemovable(instance);
    if (why !== null) return refused(why);
    if (transition.busy('git.clean', instance.runId)) return refused(`${instance.key} is being cleaned up right now.`);
    chosen.push(instance);
  }
  if (chosen.length === 0) return refused('Name at least one run to discard.');
  for (const { runId } of chosen) {
    if (transition.busy('git.discard', runId)) continue;
    transition.abandon('git.judge', runId);
    transition.record({ type: 'cleanup-started', runId, confirmedLoss: [] });
    transition.start({ type: 'git.discard', runId });
  }
  const keys = chosen.map(({ key }) => key).join(', ');
  return done(
    `Discarding ${keys}.`,
    chosen.map(({ runId }) => runId),
  );
}

function discarded(transition: Transition, { runId, priorityId, base, state }: Instance, result: DiscardResult): void {
  if (result.outcome === 'kept') return kept(transition, runId, result.reasons);
  if (result.outcome === 'failed') return kept(transition, runId, [result.message]);
  const { head, saved } = result;
  if (state === 'merged') return transition.record({ type: 'instance-cleaned', runId, priorityId, rescued: [] });
  transition.record({ type: 'run-removed', runId, priorityId, head: head ?? base, saved, discarded: true });
}

function kept(transition: Transition, runId: RunId, reasons: readonly string[]): void {
  const priorityId = transition.instance(runId)?.priorityId ?? '';
  transition.record({ type: 'cleanup-stopped', runId, priorityId, reasons: reasons.map(sanitizeReason) });
}

/** Brings back worktree and branch of a run that was discarded, or whose landing was undone after it was cleaned up. */
export function restore(transition: Transition, instance: Instance): CommandAnswer {
  const { key, runId, state, removed, branchName } = instance;
  if (removed === undefined || removed.head === null)
    return refused(`${key} was not discarded: it ${describeState(state, null)}. Nothing to restore.`);
  if (transition.busy('git.restore', runId)) return refused(`${key} is already being restored.`);
  startRestore(transition, runId, removed.head, removed.saved);
  return done(`Restoring ${key} on ${branchName}.`, [runId]);
}

export function startRestore(transition: Transition, runId: RunId, head: Oid, saved: Oid | null): void {
  transition.start({ type: 'git.restore', runId, head, saved });
}

function restored(transition: Transition, { runId, priorityId, key }: Instance, result: RestoreResult): void {
  if (result.outcome === 'failed') return transition.notice('error', `${key} not restored: ${result.message}`, runId);
  transition.record({ type: 'run-restored', runId, priorityId, head: result.head });
  if (transition.instance(runId)?.state === 'needs-attention') judge(transition, runId);
}
