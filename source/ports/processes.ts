import type { ProcessIdentity, RunId } from '../domain/ids.ts';

export interface StartRequest {
  readonly runId: RunId;
  /** Names the run folder: a slug, or `check-<slug>`. */
  readonly runName: string;
  readonly file: string;
  readonly args: readonly string[];
  readonly cwd: string;
  /** The whole environment of the child, nothing is inherited beside it. */
  readonly env: Readonly<Record<string, string>>;
  /** Text the child reads on stdin, which then ends; null: /dev/null. */
  readonly stdin: string | null;
  /** A further part of the same run: its logs are continued. */
  readonly continues?: boolean;
  /** It gets a terminal of its own, to which a person can attach, in place of stdin and of separate logs. */
  readonly terminal?: boolean;
  /** Whatever is left in its process group when it has ended is ended too. */
  readonly endsGroup?: boolean;
}

/** What is known of a run's process; `unknown` means the probe failed, never "dead" (docs/contract.md, I6). */
export type RunStatus =
  | { readonly status: 'not-started' }
  | { readonly status: 'alive'; readonly process: ProcessIdentity }
  | { readonly status: 'exited'; readonly exitCode: number; readonly endTime: number | null }
  /** The process is gone (or its pid now belongs to somebody else, or the machine restarted) and left no exit code. */
  | { readonly status: 'lost'; readonly why: 'killed' | 'reboot' | 'pid-reused' }
  | { readonly status: 'unknown'; readonly message: string };

/** A process of which it is not proven whose it is. */
export interface Stray {
  readonly pid: number;
  /** Name of its program, sanitised. */
  readonly name: string;
}

export interface TreeUsage {
  readonly cpuPercent: number;
  readonly memoryBytes: number;
  readonly count: number;
}

/** Everything the core needs from processes. Runs are named by our ids, never by local pids. */
export interface ProcessesPort {
  start(request: StartRequest): Promise<ProcessIdentity>;
  /** Looks at pid file, exit file and process table. `identity` is what the journal knows, if anything. */
  probe(runId: RunId, runName: string, identity: ProcessIdentity | null): Promise<RunStatus>;
  /** Calls back once when the run has ended, whoever started it (child event or poll of the exit file). Returns a stop function. */
  watch(runId: RunId, runName: string, identity: ProcessIdentity, onEnd: (status: RunStatus) => void): () => void;
  /** INT, TERM, KILL on the group, then the cookie sweep. Resolves with the number of survivors (0: all gone). */
  killTree(
    runId: RunId,
    runName: string,
    identity: ProcessIdentity | null,
    options?: { readonly graceMs?: readonly [number, number] },
  ): Promise<number>;
  /** Processes of the run that are still alive after its leader has ended. */
  leftovers(runId: RunId): Promise<number>;
  /**
   * Processes that began while the run was at work, are at work in `folder` and may be the run's, though nothing proves it: they are named,
   * and never signalled. Those in a terminal are a person's. Null: nobody can tell. Missing: nobody looks.
   */
  strays?(runId: RunId, identity: ProcessIdentity | null, folder: string): Promise<readonly Stray[] | null>;
  /** Names of the run folders that hold a run, whoever made them. Missing where there are no folders. */
  runNames?(): Promise<readonly string[]>;
  usage(runIds: readonly RunId[]): Promise<Readonly<Record<RunId, TreeUsage>>>;
  /** A short helper command, waited for: `setup`, version probes. No shell unless `command` is a string. */
  run(
    command: string | readonly string[],
    options: {
      readonly cwd: string;
      readonly env: Readonly<Record<string, string>>;
      readonly timeoutMs: number;
      readonly signal?: AbortSignal;
    },
  ): Promise<{ readonly exitCode: number | null; readonly output: string; readonly timedOut: boolean }>;
}
