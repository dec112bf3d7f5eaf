import type { AgentUsage } from '../../domain/cost/agent-usage.ts';
import type { OutsideChange } from '../../domain/escape.ts';
import type { Oid, ProcessIdentity, RunId } from '../../domain/ids.ts';
import type { AgentResult, EndCause, SetupFiles } from '../../domain/instance.ts';
import type { FoundLanding } from '../../domain/queue/landed-as.ts';
import type { CheckResult } from '../../domain/queue/merge-entry.ts';
import type { PullRequest } from '../../domain/queue/pull-request.ts';
import type { ReadingPurpose } from '../../domain/review/reading.ts';
import type { Settings } from '../../domain/settings.ts';
import type { UserChange } from '../../domain/user-work/changes.ts';
import type {
  BranchResult,
  CommitLeftResult,
  DiscardResult,
  ReplayResult,
  RestoreResult,
  UndoResult,
} from '../../ports/branches.ts';
import type { Command } from '../../ports/commands.ts';
import type { CoordinatorEvent } from '../../ports/events.ts';
import type { CancelResult, FleetObservation, FleetReport } from '../../ports/fleet/fleet.ts';
import type {
  BranchFacts,
  CleanResult,
  CreateWorktreeResult,
  GitObservation,
  LandResult,
  Prediction,
  PrepareResult,
  RepositoryFacts,
} from '../../ports/git.ts';
import type { MachineReading } from '../../ports/machine.ts';
import type { RunStatus, Stray } from '../../ports/processes.ts';
import type { ReadingResult } from '../../ports/reading/reading-result.ts';
import type { OpenResult } from '../../ports/remote/forge.ts';
import type { PushResult, Upstream } from '../../ports/remote/upstream.ts';
import type { SourcesReading } from '../../ports/sources.ts';
import type { WrittenScopes } from '../../ports/work.ts';
import type { EffectKind } from './effects.ts';
import type { RadarPair, State } from './state.ts';

/** What is not as it was before a run that has ended. */
export interface OutsideReport {
  readonly changes: readonly OutsideChange[];
  /** What has become of what names the user's work: refs, stash, worktrees. */
  readonly work: readonly UserChange[];
  /** Its commits are part of the target. */
  readonly onTarget: boolean;
  /** Why nobody can tell what has changed; null: it was compared. */
  readonly unknown: string | null;
}

/** Outcome of an effect; `id` is the effect's, a stale one is dropped. */
export type Outcome =
  | { readonly type: 'worktree'; readonly runId: RunId; readonly result: CreateWorktreeResult }
  | {
      readonly type: 'setup';
      readonly runId: RunId;
      readonly ok: boolean;
      readonly message: string;
      /** What it has changed in the worktree; missing: nothing, or nobody looked. */
      readonly files?: SetupFiles;
    }
  | {
      readonly type: 'started';
      readonly runId: RunId;
      readonly process: ProcessIdentity;
      readonly sessionId: string | null;
      /** Monotonic time. */
      readonly up?: number;
    }
  | { readonly type: 'checked'; readonly runId: RunId; readonly result: CheckResult }
  | {
      readonly type: 'read';
      readonly runId: RunId;
      readonly purpose: ReadingPurpose;
      readonly number: number;
      readonly result: ReadingResult;
    }
  /** The effect itself could not be performed; `message` is one sentence. */
  | {
      readonly type: 'failed';
      readonly runId: RunId;
      readonly kind: EffectKind;
      readonly message: string;
      /** Of a run that is over though git could not tell what it left. */
      readonly outside?: OutsideReport;
    }
  /** `result` is the agent program's own verdict, where its output held one. */
  | {
      readonly type: 'judged';
      readonly runId: RunId;
      readonly facts: BranchFacts;
      readonly result: Pick<AgentResult, 'ok' | 'message' | 'asks'> | null;
      /** Missing: nobody looked. */
      readonly outside?: OutsideReport;
      /** Processes in its worktree that may be its own, at its end; null: nobody can tell. */
      readonly strays?: readonly Stray[] | null;
    }
  | { readonly type: 'predicted'; readonly runId: RunId; readonly head: Oid; readonly result: Prediction }
  | { readonly type: 'prepared'; readonly runId: RunId; readonly head: Oid; readonly result: PrepareResult }
  | {
      readonly type: 'batch-prepared';
      readonly runId: RunId;
      readonly head: Oid;
      readonly onto: Oid;
      readonly result: PrepareResult;
    }
  | {
      readonly type: 'speculated';
      readonly runId: RunId;
      readonly head: Oid;
      readonly onto: Oid;
      readonly result: PrepareResult;
    }
  | { readonly type: 'landed'; readonly runId: RunId; readonly result: LandResult }
  | { readonly type: 'undone'; readonly runId: RunId; readonly result: UndoResult }
  | { readonly type: 'replayed'; readonly runId: RunId; readonly result: ReplayResult }
  | { readonly type: 'exported'; readonly runId: RunId; readonly branchName: string; readonly result: BranchResult }
  | {
      readonly type: 'pr-answered';
      readonly runId: RunId;
      readonly head: Oid;
      /** The branch is on the remote. */
      readonly pushed: boolean;
      readonly result: OpenResult;
    }
  /** Null: the forge gave no answer. */
  | { readonly type: 'commented'; readonly runId: RunId; readonly comments: readonly string[] | null }
  | {
      readonly type: 'pushed';
      readonly runId: RunId;
      readonly branch: string;
      readonly commit: Oid;
      readonly result: PushResult;
    }
  /** Something was said to an agent at work; `problem`: why it was not. */
  | { readonly type: 'said'; readonly runId: RunId; readonly problem: string | null }
  | { readonly type: 'status-written'; readonly runId: RunId; readonly ok: boolean }
  | { readonly type: 'discarded'; readonly runId: RunId; readonly result: DiscardResult }
  /** `problem`: why it could not be offered. */
  | { readonly type: 'dispatched'; readonly runId: RunId; readonly epoch: number; readonly problem: string | null }
  | { readonly type: 'fleet-cancelled'; readonly runId: RunId; readonly epoch: number; readonly result: CancelResult }
  /** `taken`: its branch name is; the commits are pinned. */
  | {
      readonly type: 'came-home';
      readonly runId: RunId;
      readonly epoch: number;
      readonly head: Oid | null;
      readonly taken: boolean;
    }
  | { readonly type: 'left-committed'; readonly runId: RunId; readonly result: CommitLeftResult }
  | { readonly type: 'restored'; readonly runId: RunId; readonly result: RestoreResult }
  | { readonly type: 'cleaned'; readonly runId: RunId; readonly result: CleanResult }
  | {
      readonly type: 'kill-finished';
      readonly runId: RunId;
      readonly survivors: number;
      /** What may be the run's too, though nothing proves it; null: nobody can tell. */
      readonly strays?: readonly Stray[] | null;
    };

/** What a look at work in progress found. */
export interface RadarReading {
  readonly radar: readonly RadarPair[];
  /** Paths, raw, that each run at work has changed so far, committed or not; a run of which nobody can tell is not in it. */
  readonly changed?: Readonly<Record<RunId, readonly string[]>>;
}

/** One look at the world for reconciling it with the journal; null or a missing key means "not known", never "gone". */
export interface Observation {
  readonly runs: Readonly<Record<RunId, RunStatus>>;
  readonly git: GitObservation;
  /** For each run whose landing was under way, awaits its turn or was recorded: is its candidate part of the target now? */
  readonly landed: Readonly<Record<RunId, boolean | null>>;
  /** For each run that waits for a person: how somebody else brought its work to the target; false: nothing proves that. */
  readonly merged?: Readonly<Record<RunId, FoundLanding | false | null>>;
  /** For each run that waits to land: is the commit of the target that it is built on still part of the target? */
  readonly grounded?: Readonly<Record<RunId, boolean | null>>;
  /** Processes that outlived the run they belong to. */
  readonly leftovers?: Readonly<Record<RunId, number | null>>;
  /** Names of run folders that belong to no run; null where that could not be read. */
  readonly unknownRuns?: readonly string[] | null;
  /** The state that was inspected: what has changed since is left for the next inspection. Missing: nothing has. */
  readonly asOf?: Pick<State, 'instances' | 'targetTip'>;
}

/** Everything that `update` hears. Only `fact` is journaled; the rest are observations, commands and outcomes. */
export type Message = { readonly at: number; readonly entropy: string } & (
  | { readonly type: 'fact'; readonly event: CoordinatorEvent }
  | { readonly type: 'command'; readonly command: Command; readonly requestId: string }
  | { readonly type: 'outcome'; readonly effectId: number; readonly outcome: Outcome }
  /** The process of a run of the checks is known; `up` is monotonic time. */
  | {
      readonly type: 'check-running';
      readonly runId: RunId;
      readonly number: number;
      readonly process: ProcessIdentity;
      readonly up: number;
    }
  /** The process of an agent that reads a run's work is known; `up` is monotonic time. */
  | {
      readonly type: 'reading-running';
      readonly runId: RunId;
      readonly purpose: ReadingPurpose;
      readonly number: number;
      readonly process: ProcessIdentity;
      readonly up: number;
    }
  /** Somebody else had written so many records into the journal; they are removed and count for nothing. */
  | { readonly type: 'journal-changed'; readonly count: number }
  | ({ readonly type: 'radar-read' } & RadarReading)
  | { readonly type: 'process-ended'; readonly runId: RunId; readonly status: RunStatus }
  /** Seen beside a run that is still at work. */
  | { readonly type: 'outside-seen'; readonly runId: RunId; readonly report: OutsideReport }
  | { readonly type: 'repository-read'; readonly facts: RepositoryFacts }
  | { readonly type: 'observed'; readonly observation: Observation }
  | { readonly type: 'target-moved'; readonly tip: Oid | null }
  /** What became of `scopes.write`. */
  | { readonly type: 'scopes-written'; readonly priorityIds: readonly string[]; readonly result: WrittenScopes }
  | { readonly type: 'pr-read'; readonly runId: RunId; readonly pr: PullRequest }
  | { readonly type: 'upstream-read'; readonly upstream: Upstream | null }
  | { readonly type: 'sources-read'; readonly sources: SourcesReading }
  | { readonly type: 'machine-read'; readonly reading: MachineReading }
  | { readonly type: 'session'; readonly runId: RunId; readonly sessionId: string | null }
  /** The agent reported its result; `up` is monotonic time. */
  | {
      readonly type: 'reported';
      readonly runId: RunId;
      readonly ok: boolean;
      readonly message: string;
      readonly asks?: true;
      readonly up: number;
    }
  | {
      readonly type: 'asked';
      readonly runId: RunId;
      readonly ask: number;
      readonly words: string;
      readonly detail: string;
      readonly command?: string;
    }
  | {
      readonly type: 'answered';
      readonly runId: RunId;
      readonly ask: number;
      readonly allow: boolean;
      readonly by: 'person' | 'time' | 'cancel';
    }
  /** A message has reached the agent, or with `text` null an interruption; `number` counts them from 1. */
  | {
      readonly type: 'said';
      readonly runId: RunId;
      readonly text: string | null;
      readonly now: boolean;
      readonly number: number;
    }
  /** The program was not permitted to run this; `number` counts what was refused in this part of the run, from 1. */
  | { readonly type: 'refused'; readonly runId: RunId; readonly words: string; readonly number: number }
  /** What a run that has ended had used. */
  | { readonly type: 'usage'; readonly runId: RunId; readonly usage: AgentUsage }
  /** A limit of the settings is over for a run that is at work. */
  | { readonly type: 'limit-reached'; readonly runId: RunId; readonly cause: EndCause; readonly seconds: number }
  /** A rate limit; `until` null: it was not said when it ends. */
  | { readonly type: 'cooldown'; readonly agent: string; readonly until: number | null; readonly runId: RunId }
  /** The runs that have printed nothing for as long as `holdSilent` says. */
  | { readonly type: 'silent'; readonly runIds: readonly RunId[] }
  /** They were changed while cm-tui runs, and count from now on. */
  | { readonly type: 'settings-changed'; readonly settings: Settings }
  /** The repository could not be read at the start. */
  | { readonly type: 'start-failed'; readonly message: string }
  | { readonly type: 'fleet-report'; readonly report: FleetReport }
  | { readonly type: 'fleet-observed'; readonly seen: FleetObservation; readonly asOf: State['instances'] }
  | { readonly type: 'tick' }
);

/** A message as it is posted: the runtime adds when it came, and what chance it brings. */
export type Timeless = Message extends infer M ? (M extends Message ? Omit<M, 'at' | 'entropy'> : never) : never;
