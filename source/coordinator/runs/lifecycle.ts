import { type Instance, isAlive, type RunId } from '../../domain/instance.ts';
import { clause } from '../../domain/text/clause.ts';
import type { BranchFacts, CreateWorktreeResult } from '../../ports/git.ts';
import type { RunStatus } from '../../ports/processes.ts';
import { harmless } from '../state/sentences.ts';
import type { Turn } from '../transition.ts';
import { createWorktree, isLatestRun, renameInstance } from './spawning.ts';
import { endVerdict, verdict, violationsOf } from './verdict.ts';

/** The worktree is made, its names were taken, or it failed. */
export function worktreeAnswered(turn: Turn, runId: RunId, result: CreateWorktreeResult): void {
  const instance = turn.instance(runId);
  if (instance === undefined || !isUnstarted(instance)) return;
  if (result.outcome === 'created') turn.record({ type: 'worktree-created', runId, base: result.base });
  if (instance.state === 'stopping') return judgeCancelled(turn, instance);
  switch (result.outcome) {
    case 'created':
      return prepareProcess(turn, runId);
    case 'taken':
      return renameInstance(turn, runId, harmless(result.message));
    case 'failed':
      return makingFailed(turn, instance, result.message);
  }
}

/** An instance could not be made. */
export function makingFailed(turn: Turn, instance: Instance, message: string): void {
  if (!isUnstarted(instance)) return;
  if (instance.state === 'stopping') return judgeCancelled(turn, instance);
  const { runId, priorityId } = instance;
  turn.record({ type: 'instance-failed', runId, priorityId, reason: harmless(message) });
}

/** Its start was answered with an error. It may run all the same, so what can be found of it is ended. */
export function startFailed(turn: Turn, instance: Instance, message: string): void {
  if (!isUnstarted(instance)) return;
  if (instance.state !== 'stopping') makingFailed(turn, instance, message);
  if (!turn.busy('process.kill', instance.runId)) turn.start({ type: 'process.kill', runId: instance.runId });
}

/** True before its process is known: what answers the steps of its making counts only then. */
function isUnstarted({ state, process }: Instance): boolean {
  return process === null && (state === 'preparing' || state === 'pending' || state === 'stopping');
}

/** Goes on once the worktree stands: `copy` and `setup` where there are any, then the agent. */
export function prepareProcess(turn: Turn, runId: RunId): void {
  const instance = turn.instance(runId);
  if (instance === undefined) return;
  const { setup, copy } = turn.state.settings;
  if (setup.length > 0 || copy.length > 0) {
    if (!turn.busy('worktree.setup', runId)) turn.start({ type: 'worktree.setup', runId });
  } else if (!turn.busy('process.start', runId)) {
    turn.start({ type: 'process.start', runId });
  }
}

export function setupAnswered(turn: Turn, runId: RunId, ok: boolean, message: string): void {
  const instance = turn.instance(runId);
  if (instance === undefined || !isUnstarted(instance)) return;
  if (instance.state === 'stopping') return judgeCancelled(turn, instance);
  if (!ok) return makingFailed(turn, instance, message);
  if (message !== '') turn.notice('warning', `${instance.key}: ${message}`, runId);
  turn.start({ type: 'process.start', runId });
}

export function processStarted(
  turn: Turn,
  runId: RunId,
  process: NonNullable<Instance['process']>,
  sessionId: string | null,
  up: number | undefined,
): void {
  const instance = turn.instance(runId);
  if (instance === undefined) return;
  const { priorityId } = instance;
  turn.record({ type: 'instance-started', runId, priorityId, process, ...(up === undefined ? {} : { up }) });
  if (sessionId !== null) turn.record({ type: 'session-known', runId, sessionId });
  turn.emit({ type: 'process.watch', runId, process });
  if (instance.state === 'stopping') turn.start({ type: 'process.kill', runId });
}

/** The process has ended (or was found ended): the exit is a fact of its own, what it left behind is asked of git. */
export function processEnded(turn: Turn, runId: RunId, status: RunStatus): void {
  const instance = turn.instance(runId);
  if (instance === undefined || !isAlive(instance.state) || instance.endTime !== null) return;
  if (status.status !== 'exited' && status.status !== 'lost') return;
  turn.record({
    type: 'instance-exited',
    runId,
    priorityId: instance.priorityId,
    exitCode: status.status === 'exited' ? status.exitCode : null,
    endTime: (status.status === 'exited' ? status.endTime : null) ?? turn.at,
    lost: status.status === 'lost' ? status.why : null,
  });
  judgeAnew(turn, runId);
}

/** Asks git what the run amounts to, unless that is under way. */
export function judge(turn: Turn, runId: RunId): void {
  if (!turn.busy('git.judge', runId)) turn.start({ type: 'git.judge', runId });
}

/** An answer under way may have been read before it ended: it counts no more. */
function judgeAnew(turn: Turn, runId: RunId): void {
  turn.abandon('git.judge', runId);
  turn.start({ type: 'git.judge', runId });
}

/** What a finished run amounts to, from exit, the program's own verdict and git, in that order of trust (CONTRACT §4). */
export function branchJudged(
  turn: Turn,
  runId: RunId,
  facts: BranchFacts,
  result: { readonly ok: boolean; readonly message: string } | null,
): void {
  const instance = turn.instance(runId);
  if (instance === undefined || !mayBeJudged(instance, facts) || isStillThere(turn, instance)) return;
  if (instance.state === 'no-work' && !isLatestRun(turn.state, instance)) return;
  const { priorityId, merge } = instance;
  if (merge.approvedHead !== null && instance.state === 'queued') {
    turn.record({ type: 'approval-voided', runId, priorityId, reason: 'its branch moved after it was approved' });
  }
  const violations = violationsOf(turn.state, instance, facts);
  const { state, reason } = verdict(instance, facts, violations, result ?? instance.result ?? null);
  // A branch that somebody deleted tells nothing of what was on it: what was known of it stays known.
  const work = facts.head === null ? instance : facts;
  const { head, commits, files } = work;
  const unchanged = state === instance.state && reason === instance.reason && head === instance.head;
  if (unchanged && commits === instance.commits) return;
  turn.record({ type: 'instance-judged', runId, priorityId, state, reason, head, commits, files, violations });
}

/**
 * Git could not tell what a run has left. One that is over is judged by its end alone, and where nothing speaks against it, it waits for
 * a person instead of holding up everything that waits for its end; without a known head the next look asks again.
 */
export function judgementFailed(turn: Turn, instance: Instance, message: string): void {
  const { runId, priorityId, state, commits, files, head } = instance;
  const reason = `what it left could not be looked through: ${harmless(clause(message))}`;
  if (instance.reason === reason) return;
  turn.notice('error', `${instance.key}: ${message}`, runId);
  const isOver = state === 'completed' || (state === 'stopping' && !isStillThere(turn, instance));
  if (!isOver) return;
  const judged = { type: 'instance-judged', runId, priorityId, commits, files, violations: [] } as const;
  const byEnd = endVerdict(instance, instance.result ?? null);
  turn.record(
    byEnd === null ? { ...judged, state: 'needs-attention', reason, head: null } : { ...judged, ...byEnd, head },
  );
}

/** It is being ended, and nobody has seen that it is over. */
function isStillThere(turn: Turn, { state, endTime, process, runId }: Instance): boolean {
  if (state !== 'stopping' || endTime !== null) return false;
  return process !== null || isBeingMade(turn, runId) || turn.busy('process.kill', runId);
}

/** What is at work, on its way into the target, landed or given up is not judged by an answer that comes late. */
function mayBeJudged({ state, merge }: Instance, facts: BranchFacts): boolean {
  switch (state) {
    case 'completed':
    case 'stopping':
    case 'awaiting-approval':
    case 'conflict':
    case 'blocked':
    case 'checks-failed':
    case 'needs-attention':
    case 'no-work':
      return true;
    case 'queued':
      return facts.head !== merge.approvedHead;
    case 'pending':
    case 'preparing':
    case 'running':
    case 'checking':
    case 'landing':
    case 'merged':
    case 'cleaned':
    case 'failed':
    case 'cancelled':
    case 'interrupted':
    case 'rejected':
      return false;
  }
}

/** It ends before it was started; what an earlier part of it did is still known. */
function judgeCancelled(turn: Turn, instance: Instance): void {
  const { runId, priorityId, reason, head, commits, files } = instance;
  const work = { head, commits, files, violations: [] };
  turn.record({ type: 'instance-judged', runId, priorityId, state: 'cancelled', reason, ...work });
}

/** Ends an instance that is alive; what it did so far is kept on its branch. */
export function cancel(turn: Turn, instance: Instance, reason: string): void {
  const { runId } = instance;
  if (instance.state !== 'stopping') turn.record({ type: 'cancel-requested', runId, reason });
  if (isBeingMade(turn, runId)) return;
  // Without a worktree nothing can have been started. Otherwise something may run of which no identity is known.
  if (instance.base === null && instance.process === null) {
    return judgeCancelled(turn, turn.instance(runId) ?? instance);
  }
  if (!turn.busy('process.kill', runId)) turn.start({ type: 'process.kill', runId });
}

/** The tree is ended. The end of a known process is told by whoever watches it. */
export function killFinished(turn: Turn, runId: RunId, survivors: number): void {
  const instance = turn.instance(runId);
  if (survivors > 0) {
    const whose = instance?.key ?? 'a run';
    turn.notice('warning', `${survivors} processes of ${whose} could not be ended`, runId);
  } else if (instance?.state === 'stopping' && instance.process === null && !isBeingMade(turn, runId)) {
    judgeAnew(turn, runId);
  }
}

function isBeingMade(turn: Turn, runId: RunId): boolean {
  return (
    turn.busy('git.createWorktree', runId) || turn.busy('worktree.setup', runId) || turn.busy('process.start', runId)
  );
}

/** Picks up an instance whose making was cut off by a crash, at the step that is known not to have happened. */
export function resumePreparing(turn: Turn, instance: Instance): void {
  if (isBeingMade(turn, instance.runId)) return;
  if (instance.base === null) createWorktree(turn, instance.runId);
  // Its worktree is as its agent left it: it is not set up again.
  else if (instance.continued !== undefined) turn.start({ type: 'process.start', runId: instance.runId });
  else prepareProcess(turn, instance.runId);
}
