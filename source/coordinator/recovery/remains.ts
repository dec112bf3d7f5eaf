import type { Oid, ProcessIdentity, RunId } from '../../domain/ids.ts';
import type { Item } from '../../domain/item.ts';
import type { CoordinatorEvent } from '../../ports/events.ts';
import type { GitObservation } from '../../ports/git.ts';
import type { DurableState } from '../state/state.ts';

/** A run folder, by the record in it. */
export interface FoundRun {
  readonly runId: RunId;
  readonly slug: string;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  /** Null where the record does not say what the run was for. */
  readonly item: {
    readonly priorityId: string;
    readonly key: string;
    readonly title: string;
    readonly branch: string;
    readonly base: Oid;
    readonly worktree: string;
  } | null;
  /** Its leader, where only living processes tell of it: without a folder nobody hears how it ends. */
  readonly process?: ProcessIdentity;
}

/** Everything that is left of the state when the journal is damaged. */
export interface Remains {
  /** The fold of what stands before the damage. */
  readonly before: DurableState;
  /** Whole records behind it. */
  readonly later: readonly CoordinatorEvent[];
  readonly runs: readonly FoundRun[];
  readonly git: GitObservation;
  /** Branch → the commit at which it left the target. */
  readonly bases: Readonly<Record<string, Oid>>;
  /** Those of `commitsInQuestion` that are part of the target now. */
  readonly onTarget: ReadonlySet<Oid>;
  readonly items: readonly Item[];
  readonly target: string;
  readonly branchPrefix: string;
  /** For runs of which nobody knows any more which program they ran. */
  readonly agent: string;
  /** Where a run of that slug has its worktree, should git not list it any more. */
  readonly worktreeOf: (slug: string) => string;
  /** Milliseconds since 1970. */
  readonly at: number;
}
