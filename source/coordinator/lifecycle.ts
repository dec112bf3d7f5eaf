import { findViolations } from '../domain/gate.ts';
import type { Instance, InstanceState, RunId, Violation } from '../domain/instance.ts';
import type { BranchFacts, CreateWorktreeResult } from '../ports/git.ts';
import type { RunStatus } from '../ports/processes.ts';
import { createWorktree, renameInstance } from './spawning.ts';
import type { State } from './state.ts';
import type { Turn } from './turn.ts';

/** The worktree is made, its names were taken, or it failed. */
export function worktreeAnswered(turn: Turn, runId: RunId, result: CreateWorktreeResult): void {
  const instance = turn.instance(runId);
  if (instance === undefined) return;
  switch (result.outcome) {
    case 'created':
      turn.record({ type: 'worktree-created', runId, base: result.base });
      if (instance.state === 'stopping') return judgeCancelled(turn, instance);
      return prepareProcess(turn, runId);
    case 'taken':
      if (instance.state === 'stopping') return judgeCancelled(turn, instance);
      return renameInstance(turn, runId, result.message);
    case 'failed':
      turn.record({ type: 'instance-failed', runId, priorityId: instance.priorityId, reason: result.message });
  }
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
  if (instance === undefined) return;
  if (instance.state === 'stopping') return judgeCancelled(turn, instance);
  if (!ok) {
    turn.record({ type: 'instance-failed', runId, priorityId: instance.priorityId, reason: message });
    return;
  }
  if (message !== '') turn.notice('warning', `${instance.key} ${message}`, runId);
  turn.start({ type: 'process.start', runId });
}

export function processStarted(
  turn: Turn,
  runId: RunId,
  process: NonNullable<Instance['process']>,
  sessionId: string | null,
): void {
  const instance = turn.instance(runId);
  if (instance === undefined) return;
  turn.record({ type: 'instance-started', runId, priorityId: instance.priorityId, process });
  if (sessionId !== null) turn.record({ type: 'session-known', runId, sessionId });
  turn.emit({ type: 'process.watch', runId, process });
  if (instance.state === 'stopping') turn.start({ type: 'process.kill', runId });
}

/** The process has ended (or was found ended): the exit is a fact of its own, what it left behind is asked of git. */
export function processEnded(turn: Turn, runId: RunId, status: RunStatus): void {
  const instance = turn.instance(runId);
  if (
    instance === undefined ||
    (instance.state !== 'running' && instance.state !== 'stopping' && instance.state !== 'preparing')
  )
    return;
  if (status.status !== 'exited' && status.status !== 'lost') return;
  turn.record({
    type: 'instance-exited',
    runId,
    priorityId: instance.priorityId,
    exitCode: status.status === 'exited' ? status.exitCode : null,
    endTime: (status.status === 'exited' ? status.endTime : null) ?? turn.at,
    lost: status.status === 'lost' ? status.why : null,
  });
  judge(turn, runId);
}

export function judge(turn: Turn, runId: RunId): void {
  if (!turn.busy('git.judge', runId)) turn.start({ type: 'git.judge', runId });
}

/** What a finished run amounts to, from exit, the program's own verdict and git, in that order of trust (CONTRACT §4). */
export function branchJudged(
  turn: Turn,
  runId: RunId,
  facts: BranchFacts,
  result: { readonly ok: boolean; readonly message: string } | null,
): void {
  const instance = turn.instance(runId);
  if (instance === undefined) return;
  const violations = violationsOf(turn.state, instance, facts);
  const { state, reason } = verdict(instance, facts, violations, result);
  turn.record({
    type: 'instance-judged',
    runId,
    priorityId: instance.priorityId,
    state,
    reason,
    head: facts.head,
    commits: facts.commits,
    files: facts.files,
    violations,
  });
}

function violationsOf(state: State, instance: Instance, facts: BranchFacts): readonly Violation[] {
  return findViolations({
    files: facts.files,
    escapingLinks: facts.escapingLinks,
    scope: instance.scope,
    agentType: instance.agentType,
    ownership: state.ownership,
    settings: state.settings,
    roadmapPath: state.roadmap.path,
  });
}

function verdict(
  instance: Instance,
  facts: BranchFacts,
  violations: readonly Violation[],
  result: { readonly ok: boolean; readonly message: string } | null,
): { readonly state: InstanceState; readonly reason: string | null } {
  if (instance.state === 'stopping') return { state: 'cancelled', reason: instance.reason ?? 'cancelled' };
  if (instance.lost !== null) return { state: 'interrupted', reason: lostReason(instance.lost) };
  if (instance.exitCode !== null && instance.exitCode !== 0)
    return { state: 'failed', reason: exitReason(instance, result) };
  if (result?.ok === false) return { state: 'failed', reason: result.message };
  if (!facts.worktreeExists) return { state: 'needs-attention', reason: 'its worktree is gone' };
  if (facts.operation !== null)
    return { state: 'needs-attention', reason: `a ${facts.operation} is in progress in its worktree` };
  if (facts.checkedOut !== instance.branchName) {
    const where = facts.checkedOut === null ? 'a detached HEAD' : `the branch ${facts.checkedOut}`;
    return { state: 'needs-attention', reason: `its worktree is on ${where} instead of ${instance.branchName}` };
  }
  if (facts.dirty.length > 0) return { state: 'needs-attention', reason: `left uncommitted: ${someOf(facts.dirty)}` };
  if (facts.commits === 0) return { state: 'no-work', reason: 'ended without a commit' };
  if (facts.files.length === 0) return { state: 'no-work', reason: 'its commits change nothing' };
  if (violations.length > 0) return { state: 'blocked', reason: someOf(violations.map(v => v.message)) };
  return { state: 'awaiting-approval', reason: null };
}

function lostReason(lost: NonNullable<Instance['lost']>): string {
  switch (lost) {
    case 'killed':
      return 'killed by something unknown (out of memory?); its work so far is kept';
    case 'reboot':
      return 'the machine restarted while it ran; its work so far is kept';
    case 'pid-reused':
      return 'its process vanished without an exit code; its work so far is kept';
  }
}

function exitReason(instance: Instance, result: { readonly message: string } | null): string {
  const code = instance.exitCode;
  const hint =
    code === 127
      ? ` (the command of agent "${instance.agent}" was not found)`
      : code === 126
        ? ' (the command could not be run)'
        : '';
  return `exit code ${code}${hint}${result === null ? '' : `: ${result.message}`}`;
}

/** First three of a list, and how many more. */
function someOf(list: readonly string[]): string {
  const more = list.length - 3;
  return list.slice(0, 3).join(', ') + (more > 0 ? ` and ${more} more` : '');
}

function judgeCancelled(turn: Turn, instance: Instance): void {
  turn.record({
    type: 'instance-judged',
    runId: instance.runId,
    priorityId: instance.priorityId,
    state: 'cancelled',
    reason: instance.reason,
    head: null,
    commits: 0,
    files: [],
    violations: [],
  });
}

/** Ends an instance that is alive; what it did so far is kept on its branch. */
export function cancel(turn: Turn, instance: Instance, reason: string): void {
  if (instance.state !== 'stopping') turn.record({ type: 'cancel-requested', runId: instance.runId, reason });
  if (instance.process !== null) {
    if (!turn.busy('process.kill', instance.runId)) turn.start({ type: 'process.kill', runId: instance.runId });
  } else if (!isBeingMade(turn, instance.runId)) {
    judgeCancelled(turn, turn.instance(instance.runId) ?? instance);
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
  else prepareProcess(turn, instance.runId);
}
