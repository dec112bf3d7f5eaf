import type { AgentUsage } from '../../domain/cost/agent-usage.ts';
import type { Oid, RunId } from '../../domain/ids.ts';
import type { ReviewMaterial } from '../../domain/review/material.ts';
import type { Command, CommandAnswer } from '../../ports/commands.ts';
import type { CleanProbe } from '../../ports/git.ts';
import type { LogsPort } from '../../ports/logs.ts';
import type { TreeUsage } from '../../ports/processes.ts';
import type { State } from './state.ts';

/** How far an agent is with a plan of its own. */
export interface RunPlan {
  readonly done: number;
  readonly total: number;
  /** The step that it is at, sanitised; null: none. */
  readonly current: string | null;
}

/** What is known of a run at this moment only; the journal holds what counts later. */
export interface RunSignals {
  /** What it does now, e.g. `editing source/app.ts`, sanitised; null: not known. */
  readonly activity: string | null;
  /** Milliseconds since 1970 of the last byte of its log; null before the first. */
  readonly lastOutput: number | null;
  /** So far; null: its program does not tell. */
  readonly usage: AgentUsage | null;
  /** Bytes that its worktree took on disk at the last look; missing: not measured. */
  readonly diskBytes?: number;
  /** Missing: it has none, or its program does not tell. */
  readonly plan?: RunPlan;
}

/** Which diff of a run. `head`: at that commit, default where the run stands now. */
export interface DiffOptions {
  readonly ignoreWhitespace?: boolean;
  readonly head?: Oid;
}

/** What the screen, the headless mode, the socket and the one-shot commands see of a coordinator, local or remote. */
export interface CoordinatorHandle {
  /** `owner`: it acts itself. `viewer`: commands go to the owner. */
  readonly role: 'owner' | 'viewer';
  /** The same object until something changed. */
  state(): State;
  /** Calls back after a batch of changes. Returns the unsubscribe function. */
  subscribe(listener: () => void): () => void;
  send(command: Command): Promise<CommandAnswer>;
  readonly logs: LogsPort;
  /** Unified diff of an instance's branch against its merge base, raw bytes as text: sanitise before showing. */
  diff(runId: RunId, options?: DiffOptions): Promise<string>;
  /** What a reviewer reads beside the state and the diff. */
  review(runId: RunId): Promise<ReviewMaterial>;
  /** What cleaning would remove and lose, for the confirmation. */
  probeClean(): Promise<readonly CleanProbe[]>;
  usage(): Readonly<Record<RunId, TreeUsage>>;
  /** Live signals of the runs that are or were at work under this coordinator. */
  signals?(): Readonly<Record<RunId, RunSignals>>;
}
