import type { AgentUsage } from '../domain/instance.ts';
import type { AgentSettings } from '../domain/settings.ts';
import type { Committer } from './git.ts';
import type { LogKind } from './logs.ts';

/** Values that fill placeholders and the `CM_*` environment (CONTRACT §9). */
export interface LaunchContext {
  readonly runId: string;
  readonly id: string;
  readonly key: string;
  readonly title: string;
  readonly branch: string;
  readonly base: string;
  readonly worktree: string;
  readonly promptFile: string;
  readonly prompt: string;
  /** Who commits; null: not known. */
  readonly committer: Committer | null;
  /** Session to resume, with the message in `prompt`; null: a fresh run. */
  readonly session: string | null;
}

/** A command ready to be started without a shell. */
export interface Launch {
  readonly file: string;
  readonly args: readonly string[];
  /** What the profile and the run add to the environment; `agentEnvironment` makes the whole of it. */
  readonly env: Readonly<Record<string, string>>;
  /** Text for stdin, which then ends; null: nothing. */
  readonly stdin: string | null;
  /** Session id chosen by us up front, where the program allows it. */
  readonly sessionId: string | null;
}

/** What a reader makes of one line of output. Text is raw here; the log adapter sanitises and caps it. */
export type ReaderEvent =
  | { readonly type: 'line'; readonly kind: LogKind; readonly text: string }
  | { readonly type: 'session'; readonly id: string }
  /** The program does not know the session that it was to go on with. */
  | { readonly type: 'session-lost' }
  /** Totals of this start of the program (or of its whole session) as far as known, not increments: the last one counts; null: not told. */
  | ({ readonly type: 'usage' } & AgentUsage)
  /** What it does now, e.g. `editing source/app.ts`; null: nothing known. */
  | { readonly type: 'activity'; readonly text: string | null }
  /** The program's own verdict. Never enough for success, always enough for failure. */
  | { readonly type: 'result'; readonly ok: boolean; readonly message: string }
  | { readonly type: 'rate-limited'; readonly retryAfterMs: number | null };

/** What a reader says beside its lines. */
export type RunSignal = Exclude<ReaderEvent, { readonly type: 'line' }>;

/** Stateful only in what one stream needs; never throws, whatever the line. */
export interface AgentReader {
  read(line: string, stream: 'out' | 'err'): readonly ReaderEvent[];
  /** Called once when the stream has ended, for what only the end can tell (held-back text, a verdict). */
  end?(): readonly ReaderEvent[];
}

/** One agent program: how it is started and how its output is read. One file each in this folder. */
export interface AgentProfile {
  readonly name: string;
  readonly settings: AgentSettings;
  launch(context: LaunchContext): Launch;
  createReader(): AgentReader;
  /** One sentence: how to get the program, for `doctor`. */
  readonly install: string;
  /**
   * Names of the caller's environment that the program needs beside the common ones; a trailing `*` stands for any ending.
   * Absent: the names that every program with a network connection gets (proxies, certificates).
   */
  readonly passEnv?: readonly string[];
  /** One sentence for an exit code that the program documents, else null. */
  explainExit?(exitCode: number): string | null;
}
