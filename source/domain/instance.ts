import type { AgentUsage } from './cost/agent-usage.ts';
import type { RemoteRun } from './fleet/remote-run.ts';
import type { Oid, ProcessIdentity, Revert, RunId } from './ids.ts';
import type { Scope } from './item.ts';

import type { RunTalk } from './permission/run-talk.ts';
import type { LandedAs, RemovedRun } from './queue/landed-as.ts';

import type { MergeEntry, Violation } from './queue/merge-entry.ts';
import type { RunPullRequest } from './queue/pull-request.ts';
import type { AgentReadings } from './review/reading.ts';
import type { Review } from './review/review.ts';
import type { Stack } from './stack/stack.ts';

/** States of an instance; the first line is the agent's life, the second the merge queue's, the third what needs a person. */
export type InstanceState =
  | 'pending'
  | 'preparing'
  | 'running'
  | 'stopping'
  | 'completed'
  | 'failed'
  | 'cancelled'
  | 'interrupted'
  | 'awaiting-approval'
  | 'queued'
  | 'checking'
  | 'landing'
  | 'merged'
  | 'cleaned'
  | 'conflict'
  | 'checks-failed'
  | 'blocked'
  | 'no-work'
  | 'asks'
  | 'waiting'
  | 'needs-attention'
  | 'rejected';

/** The four names of the original system, to which `getParallelStatus()` maps. */
export type OriginalStatus = 'pending' | 'running' | 'completed' | 'failed';

export interface ChangedFile {
  readonly path: string;
  /** A added, M modified, D deleted, T type changed, R renamed (its old path stands as a D). */
  readonly change: 'A' | 'M' | 'D' | 'T' | 'R';
  /** File modes in octal as git prints them, `000000` for none; 120000 is a symlink, 160000 a submodule. */
  readonly oldMode: string;
  readonly newMode: string;
  readonly insertions: number;
  readonly deletions: number;
  readonly binary: boolean;
}

/** Commits that somebody removed from the target and that a branch still holds. */
export interface ReturningCommits {
  readonly count: number;
  /** The newest of them; subjects are sanitised. */
  readonly commits: readonly { readonly oid: Oid; readonly subject: string }[];
  /** The newest of them, behind which the run's own commits stand. */
  readonly last?: Oid;
}

/** How a run was lost; `unreachable`: nothing was heard of the machine it ran on. */
export type LostCause = 'killed' | 'reboot' | 'pid-reused' | 'unreachable';

/** Why we end a run ourselves though nobody cancelled it. */
export type EndCause = 'result' | 'silence' | 'time' | 'cost';

/** The program's own verdict on its work. Never enough for success, always enough for failure. */
export interface AgentResult {
  readonly ok: boolean;
  /** Sanitised. */
  readonly message: string;
  /** Its last words ask something. */
  readonly asks?: true;
  /** Milliseconds of the monotonic clock when it was heard. */
  readonly up: number;
}

/** Path, raw → the blob that git would store for it; null: it was removed. */
export type SetupFiles = Readonly<Record<string, Oid | null>>;

/** One run of an agent on one priority: a worktree, a branch, a process, a log. Times are milliseconds since 1970. */
export interface Instance extends RunTalk {
  readonly runId: RunId;
  readonly priorityId: string;
  readonly key: string;
  readonly title: string;
  readonly slug: string;
  readonly attempt: number;
  readonly agent: string;
  readonly agentType: string;
  readonly scope: Scope;
  /** The scope that it was requested with, where a person has widened it since. */
  readonly firstScope?: Scope;
  readonly branchName: string;
  readonly worktreePath: string;
  readonly target: string;
  /** The target's tip at the time the worktree was made; of a branch that was brought up to the target since, the commit it is built on. */
  readonly base: Oid | null;
  readonly state: InstanceState;
  /** One sentence: why it is in this state; null while there is nothing to say. */
  readonly reason: string | null;
  readonly process: ProcessIdentity | null;
  readonly requestedAt: number;
  readonly startTime: number | null;
  readonly endTime: number | null;
  readonly exitCode: number | null;
  /** How it was lost, when its process vanished without leaving an exit code. */
  readonly lost: LostCause | null;
  readonly head: Oid | null;
  readonly commits: number;
  readonly files: readonly ChangedFile[];
  readonly sessionId: string | null;
  readonly merge: MergeEntry;
  /** Another machine works on it; missing: it runs here. */
  readonly remote?: RemoteRun;
  /** Monotonic time of its start: limits count from here, whatever the wall clock does. */
  readonly startedUp?: number;
  /** What the program said of its work, once it has. */
  readonly result?: AgentResult;
  /** We end it ourselves, and its end counts as this says rather than by its exit code. */
  readonly ending?: { readonly cause: EndCause; readonly reason: string };
  /** It ran into a limit of its service; the work loop tries the item again by itself. */
  readonly limited?: true;
  /** Its number among the runs that are at work or wait to land, from 1; missing: an earlier version started it. */
  readonly slot?: number;
  /** Other runs of its item work beside it, and at most one of them lands: the id that they share. Missing: it is alone. */
  readonly race?: RunId;
  /** It was begun from the branch of a run that had not landed. */
  readonly stack?: Stack;
  /** No agent works in it: it reverts a landing. */
  readonly reverts?: Revert;
  /** Its landing is being undone: the target is moving from one to the other. */
  readonly undoing?: { readonly landed: Oid; readonly base: Oid };
  /** How its work came to the target; missing: it has not, or an earlier version of cm-tui wrote nothing of it. */
  readonly landedAs?: LandedAs;
  /** Its worktree and branch were removed though it has not landed: what was pinned then, and what it was before. */
  readonly removed?: RemovedRun & { readonly from: Pick<Instance, 'state' | 'reason'> };
  /** The commit that reverted its landing. */
  readonly takenBack?: Oid;
  /** Other branches hold its landing: the target can not simply go back, it takes a revert. */
  readonly builtOn?: true;
  /** The branch that what would land was last put on; `reason`: why that was not possible. */
  readonly exported?: {
    readonly at: number;
    readonly branchName: string;
    readonly commit: Oid | null;
    readonly reason: string | null;
  };
  /** It was stopped because its worktree was removed under it: its end says nothing against what it committed. */
  readonly astray?: true;
  /** Its worktree was gone when it was judged: no policy approves it, since what it left uncommitted is not known. */
  readonly treeGone?: true;
  /** Landing it would bring back commits that were removed from the target. */
  readonly returning?: ReturningCommits;
  /** Its own commits are being replayed onto its target, from this head; or they were, or could not be, and it is about to be judged. */
  readonly replaying?: { readonly head: Oid; readonly answered?: true; readonly update?: true };
  /** Why that was not possible the last time, while the branch stood at this head. `paths`: those that conflict, raw. */
  readonly replayStopped?: { readonly head: Oid; readonly reason: string; readonly paths: readonly string[] };
  /** Paths that its branch changes just as they are on the target already; nobody has looked at them. */
  readonly sameAsTarget?: readonly string[];
  /** What its branch on the remote was last put at by us. */
  readonly pushed?: { readonly commit: Oid };
  readonly pr?: RunPullRequest;
  /** Why none could be opened, the last time that was tried. */
  readonly prFailed?: { readonly at: number; readonly reason: string };
  /** What the user's `setup` changed in its worktree before its agent began: as long as it is so, it is not the agent's. */
  readonly setupFiles?: SetupFiles;
  /** What changed outside its worktree while it ran, whoever did it; sanitised. */
  readonly outside?: readonly string[];
  /** A person put it away; it is kept in every way. */
  readonly dismissed?: true;
  /** Violations that its branch does not show, as the loss of something of the user's while it ran. */
  readonly heldFor?: readonly Violation[];
  /** What it was when it was rejected, so that the rejection can be undone; missing: an older version rejected it. */
  readonly rejectedFrom?: { readonly state: InstanceState; readonly reason: string | null };
  /** How often its agent was asked to fix what could not land. */
  readonly handBacks?: number;
  /** What was noted while reviewing it; missing: nothing. */
  readonly review?: Review;
  /** Agents that read its work without changing it; missing: none has. */
  readonly readings?: AgentReadings;
  /** What it used, known once it has ended: all its parts together. */
  readonly usage?: AgentUsage;
  /**
   * It was resumed after an end: when that was requested, with which message, what its earlier parts had used, and how much of that before
   * its present session began (absent: the session is as old as the run).
   */
  readonly continued?: {
    readonly at: number;
    readonly message: string;
    readonly usage: AgentUsage;
    readonly beforeSession?: AgentUsage;
  };
}

/** The original's name for an instance as others see it (docs/contract.md): `process` is an identity, never a live handle. */
export interface WorktreeConfig {
  readonly priorityId: string;
  readonly worktreePath: string;
  readonly branchName: string;
  readonly status: OriginalStatus;
  readonly startTime: string | null;
  readonly endTime: string | null;
  readonly pid: number | null;
  readonly process: ProcessIdentity | null;
}

const originals: Readonly<Record<InstanceState, OriginalStatus>> = {
  pending: 'pending',
  preparing: 'pending',
  running: 'running',
  stopping: 'running',
  completed: 'completed',
  'awaiting-approval': 'completed',
  queued: 'completed',
  checking: 'completed',
  landing: 'completed',
  merged: 'completed',
  cleaned: 'completed',
  conflict: 'completed',
  'checks-failed': 'completed',
  blocked: 'completed',
  rejected: 'completed',
  failed: 'failed',
  cancelled: 'failed',
  interrupted: 'failed',
  'no-work': 'failed',
  asks: 'failed',
  waiting: 'pending',
  'needs-attention': 'failed',
};

/** Maps a full state to one of the original four (docs/contract.md). */
export function originalStatus(state: InstanceState): OriginalStatus {
  return originals[state];
}

/** An agent's process is, or is about to be, at work. */
export function isAlive(state: InstanceState): boolean {
  return state === 'pending' || state === 'preparing' || state === 'running' || state === 'stopping';
}

/** Work that has ended and waits to land: its scope is still taken, since landing it later must stay possible. */
export function waitsToLand(state: InstanceState): boolean {
  return (
    state === 'completed' ||
    state === 'awaiting-approval' ||
    state === 'queued' ||
    state === 'checking' ||
    state === 'landing' ||
    state === 'conflict' ||
    state === 'checks-failed' ||
    state === 'blocked'
  );
}

/** It has ended for a limit or a passing trouble of its service and continues by itself; its place and its scope are still taken. */
export function continuesByItself(state: InstanceState): boolean {
  return state === 'waiting';
}

/** Ended, not landed, and not given up yet: a person may reject it. `landing` ends by itself: git says what became of it. */
export function canBeRejected(state: InstanceState): boolean {
  if (state === 'completed' || state === 'landing') return false;
  return waitsToLand(state) || state === 'waiting' || ['needs-attention', 'no-work', 'asks'].includes(state);
}

/** It has come to its end, and nothing of it is on its way any more. */
export function canBeDismissed(state: InstanceState): boolean {
  return !isAlive(state) && !waitsToLand(state) && !continuesByItself(state);
}

/** Put away by a person, and nothing has happened to it since. */
export function isDismissed({ state, dismissed }: Instance): boolean {
  return dismissed === true && canBeDismissed(state);
}

/** When its present part began: when it was requested, or last resumed. The latest run of an item is the one that began last. */
export function begunAt({ requestedAt, continued }: Instance): number {
  return continued?.at ?? requestedAt;
}

/** Landed and not reverted: what needs it may rely on it. */
export function stillLanded({ state, takenBack }: Pick<Instance, 'state' | 'takenBack'>): boolean {
  return hasLanded(state) && takenBack === undefined;
}

/** Landed on the target, cleaned up or not; it may have been reverted since. */
export function hasLanded(state: InstanceState): boolean {
  return state === 'merged' || state === 'cleaned';
}
