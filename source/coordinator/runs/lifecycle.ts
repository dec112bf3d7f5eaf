import { hasStrangeBranch } from '../../domain/fleet/strange-branch.ts';
import type { RunId } from '../../domain/ids.ts';
import { type Instance, isAlive } from '../../domain/instance.ts';
import { withoutFullStop } from '../../domain/text/clause.ts';
import type { BranchFacts, CreateWorktreeResult } from '../../ports/git.ts';
import type { RunStatus, Stray } from '../../ports/processes.ts';
import { isGivenUp } from '../fleet/lost.ts';
import { cancelThere } from '../fleet/offer.ts';
import { pushBranch } from '../remote/upstream.ts';
import { stackReason } from '../stack/words.ts';
import type { Outcome } from '../state/messages.ts';
import { sanitizeReason, strayText, unknownStrays } from '../state/sentences.ts';
import type { Transition } from '../transition.ts';
import { isLatestRun, renameInstance, requestWorktree } from './spawning.ts';
import { type Ended, endVerdict, judgeViolations, judgeWarnings, type RunVerdict, verdict } from './verdict.ts';
import { waitInstead } from './waiting.ts';

/** The worktree is made, its names were taken, or it failed. */
export function worktreeAnswered(transition: Transition, runId: RunId, result: CreateWorktreeResult): void {
  const instance = transition.instance(runId);
  if (instance === undefined || !isUnstarted(instance)) return;
  if (result.outcome === 'created') transition.record({ type: 'worktree-created', runId, base: result.base });
  if (instance.state === 'stopping') return judgeCancelled(transition, instance);
  switch (result.outcome) {
    case 'created':
      return prepareProcess(transition, runId);
    case 'taken':
      return renameInstance(transition, runId, sanitizeReason(result.message));
    case 'failed':
      return makingFailed(transition, instance, result.message);
  }
}

/** An instance could not be made. */
export function makingFailed(transition: Transition, instance: Instance, message: string): void {
  if (!isUnstarted(instance)) return;
  if (instance.state === 'stopping') return judgeCancelled(transition, instance);
  const { runId, priorityId } = instance;
  transition.record({ type: 'instance-failed', runId, priorityId, reason: sanitizeReason(message) });
}

/** Its start was answered with an error. It may run all the same, so what can be found of it is ended. */
export function startFailed(transition: Transition, instance: Instance, message: string): void {
  if (!isUnstarted(instance)) return;
  if (instance.state !== 'stopping') makingFailed(transition, instance, message);
  if (!transition.busy('process.kill', instance.runId))
    transition.start({ type: 'process.kill', runId: instance.runId });
}

/** True before its process is known: what answers the steps of its making counts only then. */
function isUnstarted({ state, process }: Instance): boolean {
  return process === null && (state === 'preparing' || state === 'pending' || state === 'stopping');
}

/** Continues once the worktree exists: `copy` and `setup` if there are any, then the agent. */
export function prepareProcess(transition: Transition, runId: RunId): void {
  const instance = transition.instance(runId);
  if (instance === undefined) return;
  const { setup, copy } = transition.state.settings;
  if (setup.length > 0 || copy.length > 0) {
    if (!transition.busy('worktree.setup', runId)) transition.start({ type: 'worktree.setup', runId });
  } else if (!transition.busy('process.start', runId)) {
    transition.start({ type: 'process.start', runId });
  }
}

export function setupAnswered(
  transition: Transition,
  { runId, ok, message, files }: Extract<Outcome, { readonly type: 'setup' }>,
): void {
  const instance = transition.instance(runId);
  if (instance === undefined || !isUnstarted(instance)) return;
  if (instance.state === 'stopping') return judgeCancelled(transition, instance);
  if (!ok) return makingFailed(transition, instance, message);
  if (message !== '') transition.notice('warning', `${instance.key}: ${message}`, runId);
  if (files !== undefined) transition.record({ type: 'setup-changed', runId, files });
  transition.start({ type: 'process.start', runId });
}

export function processStarted(
  transition: Transition,
  runId: RunId,
  process: NonNullable<Instance['process']>,
  sessionId: string | null,
  up: number | undefined,
): void {
  const instance = transition.instance(runId);
  if (instance === undefined) return;
  const { priorityId } = instance;
  transition.record({ type: 'instance-started', runId, priorityId, process, ...(up === undefined ? {} : { up }) });
  if (sessionId !== null) transition.record({ type: 'session-known', runId, sessionId });
  transition.emit({ type: 'process.watch', runId, process });
  if (instance.state === 'stopping') transition.start({ type: 'process.kill', runId });
}

/** The process has ended (or was found ended): the exit is a fact of its own, what it left behind is asked of git. */
export function processEnded(transition: Transition, runId: RunId, status: RunStatus): void {
  const instance = transition.instance(runId);
  if (instance === undefined || !isAlive(instance.state) || instance.endTime !== null) return;
  if (status.status !== 'exited' && status.status !== 'lost') return;
  transition.record({
    type: 'instance-exited',
    runId,
    priorityId: instance.priorityId,
    exitCode: status.status === 'exited' ? status.exitCode : null,
    endTime: (status.status === 'exited' ? status.endTime : null) ?? transition.at,
    lost: status.status === 'lost' ? status.why : null,
  });
  judgeAgain(transition, runId);
}

/** Asks git what the run amounts to, unless that is under way. */
export function judge(transition: Transition, runId: RunId): void {
  if (!transition.busy('git.judge', runId)) transition.start({ type: 'git.judge', runId });
}

/** An answer under way may have been read before it ended: it counts no more. */
function judgeAgain(transition: Transition, runId: RunId): void {
  transition.abandon('git.judge', runId);
  transition.start({ type: 'git.judge', runId });
}

/** What a finished run amounts to, from exit, the program's own verdict and git, in that order of trust (docs/contract.md). */
export function branchJudged(transition: Transition, runId: RunId, found: BranchFacts, result: Ended | null): void {
  const instance = transition.instance(runId);
  const facts = withWordsFrom(instance?.remote, instance === undefined ? found : ofItsOwn(instance, found));
  if (
    instance === undefined ||
    isGivenUp(instance) ||
    !mayBeJudged(instance, facts) ||
    isStillThere(transition, instance)
  )
    return;
  if ((instance.state === 'no-work' || instance.state === 'asks') && !isLatestRun(transition.state, instance)) return;
  const { priorityId, merge } = instance;
  if (merge.approvedHead !== null && instance.state === 'queued') {
    transition.record({ type: 'approval-voided', runId, priorityId, reason: 'its branch moved after it was approved' });
  }
  const violations = judgeViolations(transition.state, instance, facts);
  const warnings = judgeWarnings(transition.state, instance, facts);
  const judgement = verdict(instance, facts, { violations, warnings }, result ?? instance.result ?? null);
  const finding =
    waitInstead(transition, instance, judgement, facts.head) ?? heldByStack(transition, instance, judgement);
  const { state, reason } = finding;
  // A branch that somebody deleted tells nothing of what was on it: what was known of it stays known.
  const work = facts.head === null ? instance : facts;
  const { head, commits, files } = work;
  const unchanged = state === instance.state && reason === instance.reason && head === instance.head;
  if (unchanged && commits === instance.commits) return;
  const judged = { runId, priorityId, head, commits, files, violations };
  const warned = warnings.length === 0 ? {} : { warnings };
  transition.record({ type: 'instance-judged', ...judged, ...warned, ...finding, ...lineageOf(facts) });
  pushBranch(transition, runId);
}

/** What stands on work that will not land waits for a person, however good it is. */
function heldByStack({ state }: Transition, instance: Instance, judgement: RunVerdict): RunVerdict {
  const reason = judgement.state === 'awaiting-approval' ? stackReason(state, instance) : null;
  return reason === null ? judgement : { ...judgement, state: 'blocked', reason };
}

/** A branch of somebody else's that has its name tells nothing of the run. */
function ofItsOwn(instance: Instance, facts: BranchFacts): BranchFacts {
  return facts.head === instance.remote?.besideBranch || !hasStrangeBranch(instance)
    ? facts
    : { ...facts, head: null, commits: 0, files: [] };
}

/** Of a worktree on another machine only its worker can tell; one that somebody has made here since tells for itself. */
function withWordsFrom(remote: Instance['remote'], facts: BranchFacts): BranchFacts {
  if (remote?.ended === undefined || facts.worktreeExists || facts.head === null) return facts;
  const { dirty, operation } = remote.ended;
  return { ...facts, dirty, operation, checkedOut: null, worktreeExists: true };
}

/** What its branch has of the target, as far as there is anything to say. */
function lineageOf({ base, returning, sameAsTarget }: BranchFacts) {
  return {
    ...(base === undefined ? {} : { base }),
    ...(returning === undefined ? {} : { returning }),
    ...(sameAsTarget === undefined ? {} : { sameAsTarget }),
  };
}

/**
 * Git could not tell what a run has left. One that is over is judged by its end alone, and where nothing speaks against it, it waits for
 * a person instead of holding up everything that waits for its end; without a known head the next look asks again.
 */
export function judgementFailed(transition: Transition, instance: Instance, message: string): void {
  const { runId, priorityId, state, commits, files, head } = instance;
  const reason = `could not inspect its worktree: ${sanitizeReason(withoutFullStop(message))}`;
  if (instance.reason === reason) return;
  transition.notice('error', `${instance.key}: ${message}`, runId);
  const isOver = state === 'completed' || (state === 'stopping' && !isStillThere(transition, instance));
  if (!isOver) return;
  const judged = { type: 'instance-judged', runId, priorityId, commits, files, violations: [] } as const;
  const byEnd = endVerdict(instance, instance.result ?? null);
  transition.record(
    byEnd === null ? { ...judged, state: 'needs-attention', reason, head: null } : { ...judged, ...byEnd, head },
  );
}

/** It is being ended, and nobody has seen that it is over. */
function isStillThere(transition: Transition, { state, endTime, process, runId }: Instance): boolean {
  if (state !== 'stopping' || endTime !== null) return false;
  return process !== null || isBeingMade(transition, runId) || transition.busy('process.kill', runId);
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
    case 'asks':
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
    case 'waiting':
      return false;
  }
}

/** It ends before it was started; what an earlier part of it did is still known. */
function judgeCancelled(transition: Transition, instance: Instance): void {
  const { runId, priorityId, reason, head, commits, files } = instance;
  const work = { head, commits, files, violations: [] };
  transition.record({ type: 'instance-judged', runId, priorityId, state: 'cancelled', reason, ...work });
}

/** Ends an instance that is alive; what it did so far is kept on its branch. */
export function cancel(transition: Transition, instance: Instance, reason: string): void {
  const { runId } = instance;
  if (instance.state !== 'stopping') transition.record({ type: 'cancel-requested', runId, reason });
  if (instance.remote !== undefined) return cancelThere(transition, instance);
  if (isBeingMade(transition, runId)) return;
  // Without a worktree nothing can have been started. Otherwise something may run of which no identity is known.
  if (instance.base === null && instance.process === null) {
    return judgeCancelled(transition, transition.instance(runId) ?? instance);
  }
  if (!transition.busy('process.kill', runId)) transition.start({ type: 'process.kill', runId });
}

/** The tree has been stopped. The end of a known process is reported by whoever watches it. */
export function killFinished(transition: Transition, runId: RunId, survivors: number): void {
  const instance = transition.instance(runId);
  if (survivors > 0) {
    const whose = instance?.key ?? 'a run';
    transition.notice('warning', `${survivors} processes of ${whose} could not be stopped`, runId);
  } else if (instance?.state === 'stopping' && instance.process === null && !isBeingMade(transition, runId)) {
    judgeAgain(transition, runId);
  }
}

/** A process that may be the run's is named with its number, once: whose it is, only a person can tell. */
export function straysSeen(transition: Transition, runId: RunId, strays: readonly Stray[] | null): void {
  const key = transition.instance(runId)?.key;
  if (key === undefined) return;
  const reported = new Set(transition.state.notices.map(({ text }) => text));
  const texts = strays?.map(({ pid, name }) => strayText(key, pid, name)) ?? [unknownStrays(key)];
  for (const text of texts) {
    if (!reported.has(text)) transition.notice('warning', text, runId);
  }
}

function isBeingMade(transition: Transition, runId: RunId): boolean {
  return (
    transition.busy('git.createWorktree', runId) ||
    transition.busy('worktree.setup', runId) ||
    transition.busy('process.start', runId)
  );
}

/** Picks up an instance whose making was cut off by a crash, at the step that is known not to have happened. */
export function resumePreparing(transition: Transition, instance: Instance): void {
  if (isBeingMade(transition, instance.runId)) return;
  if (instance.base === null) requestWorktree(transition, instance.runId);
  // Its worktree is as its agent left it: it is not set up again.
  else if (instance.continued !== undefined) transition.start({ type: 'process.start', runId: instance.runId });
  else prepareProcess(transition, instance.runId);
}
