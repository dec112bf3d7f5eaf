import type { AgentUsage } from '../../domain/cost/agent-usage.ts';
import type { Oid, ProcessIdentity, RunId } from '../../domain/ids.ts';
import type { Command } from '../commands.ts';

/** What a worker is asked to do. It is signed by the adapter. */
export interface Dispatch {
  readonly runId: RunId;
  readonly epoch: number;
  readonly pool: string;
  readonly base: Oid;
  readonly slug: string;
  readonly branchName: string;
  readonly item: string;
  readonly key: string;
  readonly title: string;
  /** A name: what it starts is the worker's own affair. */
  readonly agent: string;
  readonly prompt: string;
  readonly setup: readonly (string | readonly string[])[];
  /** Seconds; 0: no limit. */
  readonly limits: {
    readonly agentTimeout: number;
    readonly noOutputTimeout: number;
    readonly resultGraceSeconds: number;
  };
  readonly committer: { readonly name: string; readonly email: string } | null;
}

/** What a worker says of a run; foreign text in it is sanitised by the core. */
export type Said =
  | { readonly what: 'claimed' }
  | { readonly what: 'started'; readonly process: ProcessIdentity }
  | { readonly what: 'session'; readonly sessionId: string }
  | { readonly what: 'result'; readonly ok: boolean; readonly message: string; readonly asks?: true }
  | { readonly what: 'usage'; readonly usage: AgentUsage }
  | { readonly what: 'cooldown'; readonly agent: string; readonly until: number | null }
  | {
      readonly what: 'ended';
      readonly exitCode: number | null;
      readonly lost: 'killed' | 'reboot' | 'pid-reused' | null;
      /** It was ended for this limit. */
      readonly limit: string | null;
      readonly head: Oid | null;
      readonly dirty: readonly string[];
      readonly operation: string | null;
      /** The end of its output, raw. */
      readonly tail: string;
    }
  | { readonly what: 'refused'; readonly why: string };

/** `key`: the public key that the report was proven to be signed with. */
export interface FleetReport {
  readonly runId: RunId;
  readonly epoch: number;
  readonly worker: string;
  readonly key: string;
  readonly said: Said;
}

/** A worker that was heard of since we began to listen. */
export interface WorkerSeen {
  readonly name: string;
  readonly key: string;
  /** Short words for the key, for a person to compare; empty: not heard yet. */
  readonly fingerprint: string;
  readonly pools: readonly string[];
  readonly slots: number;
  /** Dispatches that it holds, at work or ended and not forgotten yet, by `<run>.<epoch>`. */
  readonly running: readonly string[];
  readonly draining: boolean;
  /** It knows that it was accepted. */
  readonly welcome: boolean;
  readonly version: string;
  readonly cpuPercent: number | null;
  readonly memoryPercent: number | null;
  /** Milliseconds since its last sign, by our own monotonic clock. */
  readonly silentMs: number;
}

/** One look at everything outside; null: not known, which never means none. */
export interface FleetObservation {
  /** For how long we have listened without a break, in milliseconds. Null: we are not connected. */
  readonly listeningMs: number | null;
  readonly workers: readonly WorkerSeen[];
  /** `<run>.<epoch>` → milliseconds since a worker last said that it holds it; missing: not since we began to listen. */
  readonly heard: Readonly<Record<string, number>>;
  /** Runs with reports that nobody has read. */
  readonly unread: readonly RunId[] | null;
  /** `<run>.<epoch>` → who created its ref in the depot. */
  readonly claims: Readonly<Record<string, Claim>> | null;
  /** `<run>.<epoch>` of the jobs that wait for a worker, or are with one. */
  readonly jobs: readonly string[] | null;
  /** What came in and was dropped since we began to listen, each once. */
  readonly refused: readonly Refused[];
}

/** `worker`: empty: its result is there already. `key`: the public key that has signed the claim; null: none has. */
export interface Claim {
  readonly worker: string;
  readonly key: string | null;
}

/** Words that do not count: signed by nobody, in no known form, or heard before. `worker`: who is named in them, where that is known. */
export interface Refused {
  readonly why: 'forged' | 'malformed' | 'replayed';
  readonly worker: string | null;
}

/** What becomes of a request to end a run: nobody had it and nobody can take it any more, or its worker was asked. */
export type CancelResult = 'nobody-has-it' | 'asked';

/** A result in the depot. */
export interface RunRef {
  readonly runId: RunId;
  readonly epoch: number;
  readonly slug: string;
  /** What its worker has said under its signature that it made: whatever else stands in the depot is not taken. */
  readonly head: Oid;
  /** It had been given up: it is pinned elsewhere. */
  readonly late?: true;
}

/** Agents on other machines. Messages may come twice, late, or in another order; git decides whose a run is. */
export interface FleetPort {
  /** Idempotent by run and epoch. */
  dispatch(dispatch: Dispatch): Promise<void>;
  cancel(runId: RunId, epoch: number, pool: string, worker: string | null): Promise<CancelResult>;
  observe(): Promise<FleetObservation>;
  /** A report is acknowledged once `on` has resolved, which is when it is in the journal, on disk. Returns the stop function. */
  listen(on: (report: FleetReport) => Promise<void>): () => void;
  /**
   * Brings a result from the depot and pins it here; those that are asked for together come with one fetch. Null: the depot holds none.
   * Rejects where the depot could not be asked.
   */
  bringHome(ref: RunRef): Promise<Oid | null>;
  /** Creates a branch at a commit, or finds it there already; false: the name is taken by something else. */
  createBranch(branchName: string, head: Oid): Promise<boolean>;
  /** The worker may clean up. */
  forget(runId: RunId, epoch: number, worker: string): Promise<void>;
  /** A word to a worker. */
  tell(worker: string, word: 'welcome' | 'drain' | 'work' | 'leave'): Promise<void>;
  /** The end of a run's output becomes its log here. */
  keepLog(slug: string, tail: string): void;
  close(): Promise<void>;
}

/** Commands of a person about workers. `key`: the public key whose fingerprint was shown. */
export type FleetCommand = Extract<Command, { readonly type: 'accept-worker' | 'drain-worker' | 'forget-worker' }>;
