import { hasStrangeBranch } from '../../domain/fleet/strange-branch.ts';
import type { AgentResult, Instance, InstanceState } from '../../domain/instance.ts';
import { findViolations, findWarnings, type GateInput } from '../../domain/queue/gate.ts';
import type { Violation } from '../../domain/queue/merge-entry.ts';
import { noWords } from '../../domain/text/last-words.ts';
import { fixFor, httpStatusOf } from '../../domain/trouble/trouble.ts';
import type { BranchFacts } from '../../ports/git.ts';
import {
  astrayReason,
  describeViolations,
  describeWarnings,
  returningReason,
  sanitizeReason,
  somePaths,
} from '../state/sentences.ts';
import type { State } from '../state/state.ts';
import { endingVerdict } from './limits.ts';

/** Why the branch may not land as it is: what it changes, and what was seen beside it while it ran. */
export function judgeViolations(state: State, instance: Instance, facts: BranchFacts): readonly Violation[] {
  const found = findViolations(gateInput(state, instance, facts));
  return [...found.filter(one => !isOwnStatus(state, instance, one)), ...(instance.heldFor ?? [])];
}

/** What a person should see before the branch lands, though nothing of it holds the branch up. */
export function judgeWarnings(state: State, instance: Instance, facts: BranchFacts): readonly Violation[] {
  return findWarnings(gateInput(state, instance, facts)).filter(one => !isOwnStatus(state, instance, one));
}

/** What reverts a landing sets back the status line that cm-tui wrote with it, whoever owns the ROADMAP. */
function isOwnStatus({ roadmap }: State, { reverts }: Instance, { code, path }: Violation): boolean {
  return reverts !== undefined && code === 'ownership' && path === roadmap.path;
}

function gateInput(state: State, instance: Instance, { files, escapingLinks, bySetup = [] }: BranchFacts): GateInput {
  // What the user's own setup made, and nobody has changed since, says nothing against the agent.
  return { files: files.filter(({ path }) => !bySetup.includes(path)), escapingLinks, ...rulesFor(state, instance) };
}

/** What the run is allowed to change. */
export function rulesFor(state: State, instance: Instance): Omit<GateInput, 'files' | 'escapingLinks'> {
  return {
    scope: instance.scope,
    agentType: instance.agentType,
    ownership: state.ownership,
    settings: state.settings,
    roadmapPath: state.roadmap.items.find(({ id }) => id === instance.priorityId)?.path ?? state.roadmap.path,
  };
}

/** What a program said of its own work, as far as it counts at its end. */
export type Ended = Pick<AgentResult, 'ok' | 'message' | 'asks'>;

export interface RunVerdict {
  readonly state: InstanceState;
  readonly reason: string | null;
  /** What it left uncommitted is not known: a person has to say that its commits are enough. */
  readonly treeGone?: true;
}

/** What a run amounts to: its end first, then its own program's verdict, then what git shows (docs/contract.md). */
export function verdict(
  instance: Instance,
  facts: BranchFacts,
  { violations, warnings }: { readonly violations: readonly Violation[]; readonly warnings: readonly Violation[] },
  result: Ended | null,
): RunVerdict {
  if (facts.head === null && hasStrangeBranch(instance))
    return { state: 'needs-attention', reason: strangeReason(instance) };
  const byEnd = endVerdict(instance, result);
  const isAstray = instance.astray === true && commitsOf(instance, facts) > 0;
  if (byEnd !== null && !isAstray && !isConflictedRevert(instance, facts, byEnd)) return byEnd;
  if (facts.head === null) return { state: 'needs-attention', reason: goneReason(instance, facts) };
  const unclear = unclearReason(instance, facts);
  if (unclear !== null)
    return {
      state: 'needs-attention',
      reason: instance.reverts === undefined ? withLastWords(unclear, instance, result) : unclear,
    };
  if (facts.commits === 0) return withoutWork(instance, facts, result);
  if (facts.files.length === 0) return { state: 'no-work', reason: 'its commits change nothing' };
  if (facts.returning !== undefined)
    return { state: 'needs-attention', reason: returningReason(instance, facts.returning, facts.head) };
  if (violations.length > 0) return { state: 'blocked', reason: describeViolations(violations) };
  if (facts.worktreeExists) return { state: 'awaiting-approval', reason: describeWarnings(warnings) };
  const why = instance.astray === true ? `${astrayReason}, so it was stopped` : 'its worktree is gone';
  return {
    state: 'awaiting-approval',
    reason: `${why}: only what it committed can be reviewed and landed`,
    treeGone: true,
  };
}

/** Nothing to land: the words that the agent ended with say why, and may be a question. */
function withoutWork(instance: Instance, facts: BranchFacts, result: Ended | null): RunVerdict {
  if (result !== null && errorAnswer.test(result.message))
    return { state: 'failed', reason: withFix(sanitizeReason(result.message)) };
  if (result?.asks !== true)
    return { state: 'no-work', reason: withLastWords(noWorkReason(instance, facts), instance, result) };
  return { state: 'asks', reason: [sanitizeReason(result.message), ...refusedWords(instance)].join('; ') };
}

/** Some programs pass on the error of their service as if it were an answer, copilot after what it says of its tries. */
const errorAnswer = /^\W{0,3}(?:info: request failed.{0,600}?)?(?:api )?\berror\b/is;

/** A reason with what else is known of why a run left no work, or not all of it: what it was not permitted, and its last words. */
function withLastWords(reason: string, instance: Instance, result: Ended | null): string {
  const words = result === null || result.message === noWords || result.message === '' ? null : result.message;
  const said = words === null ? [] : [`${result?.asks === true ? 'it asks' : 'it said'}: ${sanitizeReason(words)}`];
  return [reason, ...refusedWords(instance), ...said].join('; ');
}

/** `2 commands refused, first: $ npm test`. */
function refusedWords({ refused }: Instance): readonly string[] {
  if (refused === undefined) return [];
  const { count, first } = refused;
  return [count === 1 ? `1 command refused: ${first[0]}` : `${count} commands refused, first: ${first[0]}`];
}

/** A failure that somebody has to do something about names what. */
function withFix(reason: string): string {
  const fix = fixFor(reason);
  return fix === null || reason.includes(fix) ? reason : `${reason}; ${fix}`;
}

/** A branch that was only brought up to the target holds commits too, but none of the run. */
function noWorkReason({ base, target }: Instance, { head }: BranchFacts): string {
  return head === base
    ? 'ended without a commit'
    : `ended without a commit of its own; all it holds came from ${target}`;
}

/** What its end and its own program say against a run, whatever git shows; null: nothing. */
export function endVerdict(instance: Instance, result: Ended | null): RunVerdict | null {
  const byExit = instance.ending === undefined ? exitVerdict(instance, result) : endingVerdict(instance.ending, result);
  if (byExit !== null || result === null || result.ok) return byExit;
  return { state: 'failed', reason: withFix(sanitizeReason(result.message)) };
}

/** What the exit says of the run; null: nothing against it. */
function exitVerdict(instance: Instance, result: { readonly message: string } | null): RunVerdict | null {
  if (instance.state === 'stopping') return { state: 'cancelled', reason: instance.reason ?? 'cancelled' };
  if (instance.lost !== null) return { state: 'interrupted', reason: lostReason(instance.lost) };
  if (instance.exitCode === null) return { state: 'interrupted', reason: 'ended with an unknown exit code' };
  const signal = endingSignals[instance.exitCode];
  if (signal !== undefined) return { state: 'interrupted', reason: signalReason(signal) };
  return instance.exitCode === 0 ? null : { state: 'failed', reason: withFix(exitReason(instance, result)) };
}

/**
 * Exit codes of programs that somebody else ended. Crashes of their own (SIGSEGV, SIGABRT …) are failures, and so is SIGINT, by which a
 * person leaves an agent in its terminal: neither is to be repeated unasked.
 */
const endingSignals: Readonly<Record<number, string>> = {
  129: 'SIGHUP',
  131: 'SIGQUIT',
  137: 'SIGKILL',
  143: 'SIGTERM',
};

/** Git ends a revert that conflicts with a failure. It is finished in its worktree, and what is committed there counts. */
function isConflictedRevert(instance: Instance, facts: BranchFacts, { state }: RunVerdict): boolean {
  return (
    instance.reverts !== undefined && state === 'failed' && (facts.operation !== null || commitsOf(instance, facts) > 0)
  );
}

/** A branch that somebody deleted tells nothing of what was on it: what was seen of it before counts. */
function commitsOf(instance: Instance, { head, commits }: BranchFacts): number {
  return head === null && instance.head !== null ? instance.commits : commits;
}

/** What a person has to look at before it is known what the run amounts to; null: nothing. */
function unclearReason({ branchName, reverts, worktreePath, remote }: Instance, facts: BranchFacts): string | null {
  if (!facts.worktreeExists) return null;
  if (reverts !== undefined && facts.operation !== null) {
    const { unmerged = [] } = facts;
    const what = unmerged.length === 0 ? 'its conflicts are resolved' : `it conflicts in ${somePaths(unmerged)}`;
    return `${what}; resolve it in ${worktreePath} and commit there, with "git ${facts.operation} --continue"`;
  }
  if (facts.operation !== null) return `a ${facts.operation} is in progress in its worktree`;
  if (remote === undefined && facts.checkedOut !== branchName) {
    const where = facts.checkedOut === null ? 'a detached HEAD' : `the branch ${sanitizeReason(facts.checkedOut)}`;
    return `its worktree is on ${where} instead of ${branchName}`;
  }
  return facts.dirty.length > 0 ? `${leftWords}${somePaths(facts.dirty)}` : null;
}

/** How the reason of a run begins that left work uncommitted. */
export const leftWords = 'left uncommitted: ';

function goneReason({ branchName, head: known }: Instance, { lastHead }: BranchFacts): string {
  const head = lastHead ?? known;
  const fix = head === null ? '' : `; restore it with "git branch ${branchName} ${head}"`;
  return `its branch ${branchName} is gone${fix}`;
}

function strangeReason({ branchName, slug, remote }: Instance): string {
  const pin = `refs/cm/fleet/${slug}/${remote?.epoch}`;
  return remote?.ended?.head == null
    ? `there is another branch ${branchName}, and it made no commit`
    : `there is another branch ${branchName}; rename that, and bring its commits back with "git branch ${branchName} ${pin}"`;
}

function lostReason(lost: NonNullable<Instance['lost']>): string {
  switch (lost) {
    case 'killed':
      return 'killed by something unknown (out of memory?); its work so far is kept';
    case 'reboot':
      return 'the machine rebooted during the run; its work so far is kept';
    case 'unreachable':
      return 'nothing was heard any more of the machine it ran on';
    case 'pid-reused':
      return 'its process disappeared without an exit code; its work so far is kept';
  }
}

function signalReason(signal: string): string {
  const perhaps = signal === 'SIGKILL' ? ' (out of memory?)' : '';
  return `ended by ${signal}, which cm-tui did not send${perhaps}; its work so far is kept`;
}

function exitReason({ agent, exitCode }: Instance, result: { readonly message: string } | null): string {
  const words = result === null ? '' : `: ${sanitizeReason(result.message)}`;
  switch (exitCode) {
    case 127:
      return `exit code 127 (the command of agent "${sanitizeReason(agent)}" was not found)${words}`;
    case 126:
      return `exit code 126 (the command could not be run)${words}`;
    default: {
      const http = exitCode === null ? null : httpStatusOf(exitCode);
      return `exit code ${exitCode}${http === null ? '' : ` (perhaps ${http})`}${words}`;
    }
  }
}
