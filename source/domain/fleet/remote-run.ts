import type { Oid, ProcessIdentity } from '../ids.ts';

/** What a worker tells of a run's worktree at its end; the commits themselves are read from git, here. */
export interface EndedThere {
  /** Null: it made none, or could not tell. */
  readonly head: Oid | null;
  /** Uncommitted paths; sanitised. */
  readonly dirty: readonly string[];
  /** `merge`, `rebase`, …; null: none. */
  readonly operation: string | null;
}

/** A run that another machine works on. Its process is never ours to signal, so it stands here and not in the run. */
export interface RemoteRun {
  readonly pool: string;
  /** Counts the times that it was dispatched, from 1: what carries another number is of an earlier one. */
  readonly epoch: number;
  readonly base: Oid;
  /** Who has claimed it; null: nobody is known to. */
  readonly worker: string | null;
  readonly process: ProcessIdentity | null;
  /** Its worker has not been heard of for a while. */
  readonly noContact?: true;
  /** Why workers gave it back, one sentence for each time. */
  readonly refusals: readonly string[];
  readonly ended?: EndedThere;
  /** Its commits are here, on its branch or pinned. */
  readonly home?: true;
  /** What it made, where the name of its branch was somebody else's: until the branch stands there, it is not the run's. */
  readonly besideBranch?: Oid;
  /** It came back after it had been given up; pinned under `refs/cm/late/`. */
  readonly late?: { readonly epoch: number; readonly worker: string; readonly head: Oid };
}

/** Workers that a person has accepted, and those of them that take no more runs. */
export interface FleetMembers {
  /** Name → public key. */
  readonly accepted: Readonly<Record<string, string>>;
  readonly drained: readonly string[];
}

/** How many times a run may be given back before it has failed. */
export const refusalLimit = 3;

/** A worker that has not been heard of for this long counts as out of contact: its runs continue, new ones go elsewhere. */
export const contactMs = 20_000;

/** Names one dispatch of a run on the wire. */
export function dispatchId(runId: string, epoch: number): string {
  return `${runId}.${epoch}`;
}
