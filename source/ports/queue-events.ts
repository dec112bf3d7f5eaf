import type { Oid, ProcessIdentity, RunId } from '../domain/ids.ts';
import type { FoundLanding } from '../domain/queue/landed-as.ts';
import type { Candidate, CheckResult, CheckRun } from '../domain/queue/merge-entry.ts';
import type { QueueClass } from '../domain/queue/order.ts';
import type { PullRequest } from '../domain/queue/pull-request.ts';
import type { ReviewComment } from '../domain/review/review.ts';

/** What happens to a branch from its first trial merge to its landing, and to the undo of that. */
export type QueueEvent =
  /** A trial merge of the branch with the target was made. */
  | {
      readonly type: 'merge-predicted';
      readonly runId: RunId;
      readonly prediction: 'unknown' | 'clean' | 'conflict' | 'empty';
      readonly head: Oid;
      readonly base: Oid | null;
      readonly paths: readonly string[];
    }
  /** A person (or `--approve clean`) said yes to this head. */
  | {
      readonly type: 'merge-approved';
      readonly runId: RunId;
      readonly priorityId: string;
      readonly head: Oid;
      readonly by: 'user' | 'policy';
      readonly accepted: readonly string[];
    }
  | { readonly type: 'merge-rejected'; readonly runId: RunId; readonly priorityId: string; readonly reason: string }
  /** A person undid a rejection: the branch is judged again. */
  | { readonly type: 'rejection-withdrawn'; readonly runId: RunId; readonly priorityId: string }
  | { readonly type: 'approval-voided'; readonly runId: RunId; readonly priorityId: string; readonly reason: string }
  /**
   * * It lands on another target: it is judged, and has to be approved, for that one. A person wants it so; `unstacked`: or what it was begun
   * from has landed or will not.
   */
  | {
      readonly type: 'retargeted';
      readonly runId: RunId;
      readonly priorityId: string;
      readonly target: string;
      readonly unstacked?: true;
    }
  /** A person put it on top of the queue. */
  | { readonly type: 'queue-jumped'; readonly runId: RunId }
  | { readonly type: 'queue-held'; readonly runId: RunId; readonly held: boolean }
  /** A person sent it to the end of its class, or of another one. */
  | { readonly type: 'queue-requeued'; readonly runId: RunId; readonly class: QueueClass | null }
  | { readonly type: 'candidate-prepared'; readonly runId: RunId; readonly candidate: Candidate }
  /** * Checks start on the candidate. */
  | {
      readonly type: 'checks-started';
      readonly runId: RunId;
      readonly candidate: Oid;
      readonly check?: Pick<CheckRun, 'commandHash' | 'number' | 'slot' | 'tree'>;
      /** Its turn has not come: it keeps its place in the queue. */
      readonly ahead?: boolean;
      /** Runs whose candidates this one is built on: they are checked with it, and land with it. */
      readonly with?: readonly RunId[];
    }
  /** Checks of several branches failed: they are checked again in smaller batches, until it is known which of them is the reason. */
  | {
      readonly type: 'batch-failed';
      /** The last of them, on whose candidate the checks ran. */
      readonly runId: RunId;
      readonly runs: readonly RunId[];
      /** What failed, one sentence. */
      readonly detail: string;
    }
  /** What was built and checked ahead of its turn is of no use any more. */
  | { readonly type: 'speculation-dropped'; readonly runId: RunId }
  /** The process of a run of the checks is known; `up` is the monotonic time of its start. */
  | {
      readonly type: 'check-running';
      readonly runId: RunId;
      readonly number: number;
      readonly process: ProcessIdentity;
      readonly up: number;
    }
  | { readonly type: 'checks-finished'; readonly runId: RunId; readonly result: CheckResult }
  /** * The target is to be moved from `base` to `candidate`. */
  | {
      readonly type: 'landing-started';
      readonly runId: RunId;
      readonly base: Oid;
      readonly candidate: Oid;
      /** Runs that land with it, by the same move. */
      readonly with?: readonly RunId[];
    }
  | {
      readonly type: 'landed';
      readonly runId: RunId;
      readonly priorityId: string;
      /** The commit of the target by which it landed. */
      readonly candidate: Oid;
      readonly statusWritten: boolean;
      /** Somebody else has landed it so; missing: cm-tui did. */
      readonly found?: Pick<FoundLanding, 'style' | 'from'>;
    }
  | {
      readonly type: 'landing-stopped';
      readonly runId: RunId;
      readonly priorityId: string;
      readonly state: 'conflict' | 'blocked' | 'checks-failed' | 'queued' | 'no-work' | 'awaiting-approval';
      readonly reason: string;
      readonly paths: readonly string[];
    }
  /** * The target is to be moved from `landed` to `base`. */
  | { readonly type: 'undo-started'; readonly runId: RunId; readonly landed: Oid; readonly base: Oid }
  /** `builtOn`: other branches hold what landed, so it takes a revert. */
  | {
      readonly type: 'undo-stopped';
      readonly runId: RunId;
      readonly priorityId: string;
      readonly reason: string;
      readonly builtOn?: boolean;
    }
  /** A landing was undone: the target moved to where it was before, or `commit` reverts it. */
  | {
      readonly type: 'landing-undone';
      readonly runId: RunId;
      readonly priorityId: string;
      readonly by: 'move' | 'revert';
      readonly commit: Oid | null;
    }
  /** * The run's own commits are to be replayed onto its target; its branch stands at `head`. */
  | {
      readonly type: 'replay-started';
      readonly runId: RunId;
      readonly priorityId: string;
      readonly head: Oid;
      /** To bring the branch up to date, although nothing was removed from the target. */
      readonly update?: true;
      /** The head of the run that it is stacked on. */
      readonly onto?: Oid;
    }
  /** They were: the branch moved from `from`, which stays pinned, to `head`. */
  | {
      readonly type: 'branch-replayed';
      readonly runId: RunId;
      readonly priorityId: string;
      readonly from: Oid;
      readonly head: Oid;
    }
  /** They were not, and the branch is where it was; `paths` are those that conflict. */
  | {
      readonly type: 'replay-stopped';
      readonly runId: RunId;
      readonly priorityId: string;
      readonly reason: string;
      readonly paths: readonly string[];
    }
  /** What would land was put on a branch for somebody else; `commit` null: it was not, and `reason` says why. */
  | {
      readonly type: 'branch-exported';
      readonly runId: RunId;
      readonly priorityId: string;
      readonly branchName: string;
      readonly commit: Oid | null;
      readonly reason: string | null;
    }
  /** A commit was put on a branch of the remote; `reason`: why the remote did not take it. */
  | {
      readonly type: 'branch-pushed';
      readonly runId: RunId;
      readonly priorityId: string;
      readonly branch: string;
      readonly commit: Oid;
      readonly reason: string | null;
    }
  /** The pull request of a branch is open on the forge, for this commit of the branch. */
  | {
      readonly type: 'pr-opened';
      readonly runId: RunId;
      readonly priorityId: string;
      readonly head: Oid;
      readonly pr: PullRequest;
    }
  | { readonly type: 'pr-failed'; readonly runId: RunId; readonly priorityId: string; readonly reason: string }
  /** The forge says something else of it than before. */
  | { readonly type: 'pr-changed'; readonly runId: RunId; readonly priorityId: string; readonly pr: PullRequest }
  | { readonly type: 'status-written'; readonly runId: RunId; readonly priorityId: string };

/** What a person does while reviewing a run; it changes nothing about the branch. */
export type ReviewEvent =
  /** A comment was written, or written again under its id. */
  | { readonly type: 'comment-written'; readonly runId: RunId; readonly comment: ReviewComment }
  | { readonly type: 'comment-removed'; readonly runId: RunId; readonly id: string }
  /** They were part of a message to the agent. */
  | { readonly type: 'comments-sent'; readonly runId: RunId; readonly ids: readonly string[] }
  /** A file was marked as viewed, or (`mark` null) not viewed any more. */
  | { readonly type: 'file-viewed'; readonly runId: RunId; readonly path: string; readonly mark: string | null };
