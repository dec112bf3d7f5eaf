import type { AgentUsage } from '../domain/cost/agent-usage.ts';
import type { RunId } from '../domain/ids.ts';
import type { Permissions } from '../domain/permission/permission.ts';
import type { AgentSettings } from '../domain/settings.ts';
import type { Committer } from './git.ts';
import type { LogKind } from './logs.ts';

/** Values for placeholders and the `CM_*` environment (docs/contract.md). */
export interface LaunchContext {
  readonly runId: string;
  readonly id: string;
  readonly key: string;
  readonly title: string;
  readonly branch: string;
  readonly base: string;
  readonly worktree: string;
  /** Its number among the runs that are at work or wait to land, from 1. */
  readonly slot: number;
  /** The first of twenty ports that no other run has. */
  readonly portBase: number;
  readonly promptFile: string;
  readonly prompt: string;
  /** Who commits; null if unknown. */
  readonly committer: Committer | null;
  /** Session to resume, with the message in `prompt`; null: a fresh run. */
  readonly session: string | null;
}

/** A command ready to start without a shell. */
export interface Launch {
  readonly file: string;
  readonly args: readonly string[];
  /** What the profile and the run add to the environment; `agentEnvironment` makes the whole of it. */
  readonly env: Readonly<Record<string, string>>;
  /** Text for stdin, which then ends; null: nothing. */
  readonly stdin: string | null;
  /** Session id that we chose in advance, if the program allows it. */
  readonly sessionId: string | null;
}

/** What a reader makes of one line of output. Text is raw here; the log adapter sanitises and caps it. */
export type ReaderEvent =
  | { readonly type: 'line'; readonly kind: LogKind; readonly text: string }
  | { readonly type: 'session'; readonly id: string }
  /** The program does not know the session that it should resume. */
  | { readonly type: 'session-lost' }
  /**
   * Totals of this start of the program (or of its whole session) as far as known, not increments: the last one counts; null: not
   * reported.
   */
  | ({ readonly type: 'usage' } & AgentUsage)
  /** Current activity, e.g. `editing source/app.ts`; null if unknown. */
  | { readonly type: 'activity'; readonly text: string | null }
  /** The program's own verdict. Never enough for success, always enough for failure. */
  | {
      readonly type: 'result';
      readonly ok: boolean;
      readonly message: string;
      /** Its last words ask something. */
      readonly asks?: true;
    }
  /** The agent asks whether it may do something, and waits for the answer. `detail`: all of it, several lines. */
  | {
      readonly type: 'asked';
      readonly ask: number;
      readonly words: string;
      readonly detail: string;
      /** The command that it wants to run; missing: none, or its program does not say which. */
      readonly command?: string;
    }
  | {
      readonly type: 'answered';
      readonly ask: number;
      readonly allow: boolean;
      readonly by: 'person' | 'time' | 'cancel';
    }
  /** A message reached it while it works. */
  | { readonly type: 'message'; readonly text: string; readonly now: boolean }
  | { readonly type: 'interrupted' }
  /** How far it is with its own plan. */
  | { readonly type: 'plan'; readonly done: number; readonly total: number; readonly current: string | null }
  /** A command, or the use of a tool, that the program was not permitted; in its own words. */
  | { readonly type: 'refused'; readonly words: string }
  | { readonly type: 'rate-limited'; readonly retryAfterMs: number | null };

/** What a reader reports beside its lines. */
export type RunSignal = Exclude<ReaderEvent, { readonly type: 'line' }>;

/** Stateful only as far as one stream needs; never throws, whatever the line. */
export interface AgentReader {
  read(line: string, stream: 'out' | 'err'): readonly ReaderEvent[];
  /** Called once when the stream has ended, for what only the end can tell (held-back text, a verdict). */
  end?(): readonly ReaderEvent[];
}

/** One agent program: how to start it and how to read its output. One file each in this folder. */
export interface AgentProfile {
  readonly name: string;
  readonly settings: AgentSettings;
  launch(context: LaunchContext): Launch;
  createReader(): AgentReader;
  /** One sentence: how to install the program, for `doctor`. */
  readonly install: string;
  /** The newest version that was run from the prompt to the landing; absent: none was. */
  readonly tried?: string;
  /**
   * Names from the caller's environment that the program needs beside the common ones; a trailing `*` stands for any ending.
   * Absent: the names that every program with a network connection gets (proxies, certificates).
   */
  readonly passEnv?: readonly string[];
  /** Where the program keeps its login and sessions, below the user's home. */
  readonly stateFolders?: readonly string[];
  /** One sentence for an exit code that the program documents, else null. */
  explainExit?(exitCode: number): string | null;
}

/** What can be said to an agent while it works. */
export type Saying =
  | { readonly type: 'answer'; readonly ask: number; readonly allow: boolean }
  /** `now`: what it does is interrupted first. */
  | { readonly type: 'message'; readonly text: string; readonly now: boolean }
  | { readonly type: 'interrupt' };

/** Speaks with agents that listen while they work. Rejects with a sentence where nobody listens, or it is refused. */
export interface ConversationPort {
  say(runId: RunId, runName: string, saying: Saying): Promise<void>;
}

/** What the profile tells the host, beside the prompt on its stdin. */
export interface HostConfig {
  /** The program that speaks the protocol, with its arguments. */
  readonly command: readonly string[];
  readonly runFolder: string;
  readonly session: string | null;
  readonly mode: string | null;
  readonly model: string | null;
  readonly effort: string | null;
  readonly authMethod: string | null;
  readonly permissions: Permissions;
  readonly checks: readonly string[];
  readonly askTimeoutSeconds: number;
}
