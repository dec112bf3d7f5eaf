import type { AgentUsage } from '../domain/cost/agent-usage.ts';
import type { EndedThere } from '../domain/fleet/remote-run.ts';
import type { Oid, ProcessIdentity, Revert, RunId } from '../domain/ids.ts';
import type {
  ChangedFile,
  EndCause,
  InstanceState,
  LostCause,
  ReturningCommits,
  SetupFiles,
} from '../domain/instance.ts';
import type { Item, Scope } from '../domain/item.ts';
import type { Violation } from '../domain/queue/merge-entry.ts';
import type { SetScope } from '../domain/scope/set-scopes.ts';
import type { Stack } from '../domain/stack/stack.ts';
import type { FleetEvent } from './fleet/fleet-events.ts';
import type { QueueEvent, ReviewEvent } from './queue-events.ts';
import type { ReadingEvent } from './reading/reading-events.ts';
import type { TalkEvent } from './talking/talk-events.ts';

/**
 * Facts: what has happened. They are the journal's records and the headless events, and the durable state is their fold.
 * `at` is milliseconds since 1970. Intents (marked *) are on disk before anything acts on them.
 */
export type CoordinatorEvent = { readonly at: number } & (
  | {
      readonly type: 'coordinator-started';
      readonly pid: number;
      readonly target: string;
      readonly mode: 'auto' | 'manual';
      readonly version: string;
    }
  | { readonly type: 'coordinator-stopped'; readonly reason: string }
  | { readonly type: 'loop-changed'; readonly mode: 'auto' | 'manual' }
  | { readonly type: 'spawns-paused'; readonly paused: boolean }
  | { readonly type: 'queue-paused'; readonly paused: boolean; readonly reason: string | null }
  /** An ad-hoc item was created, or changed before it started. */
  | { readonly type: 'item-added'; readonly item: Item }
  /** An ad-hoc item was removed before it started. */
  | { readonly type: 'item-removed'; readonly priorityId: string }
  /** * The work loop starts only items of this group; null: of all. */
  | { readonly type: 'group-chosen'; readonly group: string | null }
  /** * A person has set the scopes of items. They count until the items' source says anything else than `replaces`. */
  | { readonly type: 'scopes-set'; readonly scopes: readonly SetScope[] }
  /** Their source says something else by now, or they are not wanted any more. */
  | { readonly type: 'scopes-dropped'; readonly priorityIds: readonly string[] }
  | { readonly type: 'item-pinned'; readonly priorityId: string; readonly pinned: boolean }
  /** * An instance is to be made: the names it will use. */
  | {
      readonly type: 'instance-requested';
      readonly runId: RunId;
      readonly priorityId: string;
      readonly key: string;
      readonly title: string;
      readonly slug: string;
      readonly attempt: number;
      readonly agent: string;
      readonly agentType: string;
      readonly scope: Scope;
      readonly branchName: string;
      readonly worktreePath: string;
      readonly target: string;
      /** Its number among the runs that are at work or wait to land, from 1. */
      readonly slot?: number;
      /** It works beside other runs of its item, of which at most one lands: the id that they share. */
      readonly race?: RunId;
      /** It begins from the branch of a run that has not landed, which is its target until then. */
      readonly stack?: Stack;
      /** It reverts a landing. */
      readonly reverts?: Revert;
    }
  /** * Its names were taken by something that is not ours; the next attempt's names are used. */
  | {
      readonly type: 'instance-renamed';
      readonly runId: RunId;
      readonly slug: string;
      readonly attempt: number;
      readonly branchName: string;
      readonly worktreePath: string;
      readonly reason: string;
    }
  | { readonly type: 'worktree-created'; readonly runId: RunId; readonly base: Oid }
  /** What the user's `setup` changed in the worktree, before the agent began. */
  | { readonly type: 'setup-changed'; readonly runId: RunId; readonly files: SetupFiles }
  | {
      readonly type: 'instance-started';
      readonly runId: RunId;
      readonly priorityId: string;
      readonly process: ProcessIdentity;
      /** Monotonic time of the start. */
      readonly up?: number;
      /** The worker on whose machine it is; missing: here. */
      readonly host?: string;
    }
  | {
      readonly type: 'instance-adopted';
      readonly runId: RunId;
      readonly priorityId: string;
      readonly process: ProcessIdentity;
    }
  /** `sessionId` null: the program knows it no longer. */
  | { readonly type: 'session-known'; readonly runId: RunId; readonly sessionId: string | null }
  /** * The agent is to be resumed in its worktree with this message. */
  | {
      readonly type: 'instance-resumed';
      readonly runId: RunId;
      readonly priorityId: string;
      readonly message: string;
      /** It should fix what could not land. */
      readonly handBack?: boolean;
      /** It gets what a review by another agent found, without a person having sent that. */
      readonly round?: true;
      /** Another run has its number now. */
      readonly slot?: number;
    }
  /** The agent reported its own result; it may continue all the same. `up` is monotonic time. */
  | {
      readonly type: 'result-reported';
      readonly runId: RunId;
      readonly ok: boolean;
      readonly message: string;
      /** Its last words ask something. */
      readonly asks?: true;
      readonly up: number;
    }
  | TalkEvent
  /** The agent was not permitted to run a command, or to use a tool; sanitised. */
  | { readonly type: 'command-refused'; readonly runId: RunId; readonly words: string }
  /** What a run has used, reported at its end. */
  | ({ readonly type: 'usage-reported'; readonly runId: RunId } & AgentUsage)
  /** * Its process tree is to be ended by a limit, and its end counts as `cause` says. */
  | { readonly type: 'end-requested'; readonly runId: RunId; readonly cause: EndCause; readonly reason: string }
  /** An agent program reported a rate limit: nothing new is started with it until then (milliseconds since 1970). */
  | {
      readonly type: 'cooldown-started';
      readonly agent: string;
      readonly until: number;
      readonly runId: RunId;
      /** Its service is in trouble that passes; missing: a rate limit. */
      readonly cause?: 'trouble';
      /** An agent that reads the run's work met it, not the run's own. */
      readonly beside?: true;
    }
  /** * Its process tree is to be ended. */
  | { readonly type: 'cancel-requested'; readonly runId: RunId; readonly reason: string }
  /** The process has ended; `exitCode` null: nobody knows it. */
  | {
      readonly type: 'instance-exited';
      readonly runId: RunId;
      readonly priorityId: string;
      readonly exitCode: number | null;
      readonly endTime: number;
      readonly lost: LostCause | null;
      /** What another machine reported of its worktree; missing: it ran here. */
      readonly there?: EndedThere;
    }
  /** Git has been asked what the run left behind. */
  | {
      readonly type: 'instance-judged';
      readonly runId: RunId;
      readonly priorityId: string;
      readonly state: InstanceState;
      readonly reason: string | null;
      readonly head: Oid | null;
      readonly commits: number;
      readonly files: readonly ChangedFile[];
      readonly violations: readonly Violation[];
      /** Files of other owners where `ownershipPolicy` is `warn`; missing: none. */
      readonly warnings?: readonly Violation[];
      /** Its worktree is gone: whether it left anything uncommitted is not known. */
      readonly treeGone?: true;
      /** The commit of the target that its branch is built on, where that has changed. */
      readonly base?: Oid;
      /** Landing it would bring back what was removed from the target. */
      readonly returning?: ReturningCommits;
      /** Paths that its branch changes just as they are on the target already. */
      readonly sameAsTarget?: readonly string[];
      /** It continues by itself at that time, after so many pauses that brought nothing. */
      readonly waits?: { readonly until: number; readonly tries: number; readonly head: Oid | null };
    }
  /** Something outside a run's worktree changed while it ran: where (sanitised), and what of it was reported as an alarm. */
  | {
      readonly type: 'outside-changed';
      readonly runId: RunId;
      readonly priorityId: string;
      readonly places: readonly string[];
      readonly told: Readonly<Record<string, string>>;
      /** Why its branch may not land unseen. */
      readonly violations?: readonly Violation[];
    }
  /** Settings files outside of the tracked tree as a person is known to have written or accepted them: name → digest. */
  | { readonly type: 'settings-sealed'; readonly sealed: Readonly<Record<string, string>> }
  | { readonly type: 'instance-failed'; readonly runId: RunId; readonly priorityId: string; readonly reason: string }
  /** A person put it away, or back among what is shown. Nothing is removed. */
  | { readonly type: 'instance-dismissed'; readonly runId: RunId; readonly dismissed: boolean }
  | QueueEvent
  | ReviewEvent
  | FleetEvent
  | ReadingEvent
  /** * Worktree and branch are to be removed. */
  | { readonly type: 'cleanup-started'; readonly runId: RunId; readonly confirmedLoss: readonly string[] }
  | {
      readonly type: 'instance-cleaned';
      readonly runId: RunId;
      readonly priorityId: string;
      readonly rescued: readonly string[];
      /** Bytes that its worktree took on disk; missing: not measured. */
      readonly bytes?: number;
    }
  /** Worktree and branch of a run that has not landed are gone. `head` and `saved` (what was not committed) stay pinned. */
  | {
      readonly type: 'run-removed';
      readonly runId: RunId;
      readonly priorityId: string;
      readonly head: Oid | null;
      readonly saved: Oid | null;
      /** A person discarded what it held; false: it held nothing. */
      readonly discarded: boolean;
    }
  /** They are back. */
  | { readonly type: 'run-restored'; readonly runId: RunId; readonly priorityId: string; readonly head: Oid }
  | {
      readonly type: 'cleanup-stopped';
      readonly runId: RunId;
      readonly priorityId: string;
      readonly reasons: readonly string[];
    }
  | {
      readonly type: 'notice-raised';
      readonly level: 'info' | 'warning' | 'error';
      readonly text: string;
      readonly runId: RunId | null;
    }
);

export type EventOf<T extends CoordinatorEvent['type']> = Extract<CoordinatorEvent, { readonly type: T }>;
