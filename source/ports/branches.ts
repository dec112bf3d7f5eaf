import type { Oid, RunId } from '../domain/ids.ts';
import type { SetupFiles } from '../domain/instance.ts';
import type { Lineage } from './git.ts';

/** What became of taking a landing back. */
export type UndoResult =
  /** `remark`: see `LandResult` in git.ts. */
  | { readonly outcome: 'moved'; readonly remark?: string }
  /** The target is no longer at what landed; nothing was changed. */
  | { readonly outcome: 'elsewhere'; readonly tip: Oid | null }
  /** Other branches hold what landed and would bring it back; nothing was changed. */
  | { readonly outcome: 'built-on'; readonly branches: readonly string[] }
  | { readonly outcome: 'blocked'; readonly message: string; readonly paths: readonly string[] }
  | { readonly outcome: 'failed'; readonly message: string };

export type BranchResult =
  | { readonly outcome: 'created'; readonly head: Oid }
  | { readonly outcome: 'taken' }
  | { readonly outcome: 'failed'; readonly message: string };

/** What became of discarding a run. `head`: where its branch stood; `saved`: a commit of what was not committed, on top of it. */
export type DiscardResult =
  | { readonly outcome: 'removed'; readonly head: Oid | null; readonly saved: Oid | null }
  | { readonly outcome: 'kept'; readonly reasons: readonly string[] }
  | { readonly outcome: 'failed'; readonly message: string };

export type RestoreResult =
  /** `head`: where its branch stands now. */
  { readonly outcome: 'restored'; readonly head: Oid } | { readonly outcome: 'failed'; readonly message: string };

/** The names of a run in git. */
export interface RunPlace {
  readonly runId: RunId;
  readonly slug: string;
  readonly branchName: string;
  readonly worktreePath: string;
}

export interface ReplayRequest {
  readonly runId: RunId;
  readonly slug: string;
  readonly branchName: string;
  readonly target: string;
  /** Where the branch stood when it was asked for; the new commits take its place. */
  readonly head: Oid;
  readonly lineage: Lineage;
  /** Though nothing was removed from the target: the branch is to stand on its tip, or to hold it where its commits cannot be replayed. */
  readonly update?: boolean;
}

/** The result of replaying a run's own commits onto its target. */
export type ReplayResult =
  /** `head`: the new tip of the branch. `remark`: what a person should know of it. */
  | { readonly outcome: 'replayed'; readonly head: Oid; readonly remark?: string }
  /** The first commit that conflicts with the target; nothing was changed. The subject is sanitised, the paths are raw. */
  | { readonly outcome: 'conflict'; readonly oid: Oid; readonly subject: string; readonly paths: readonly string[] }
  /** The branch stands elsewhere (null: it is gone); nothing was changed. */
  | { readonly outcome: 'moved'; readonly head: Oid | null }
  /** The target holds everything that the branch is built on; nothing was changed. */
  | { readonly outcome: 'not-needed' }
  | { readonly outcome: 'blocked'; readonly message: string }
  | { readonly outcome: 'failed'; readonly message: string };

/** What a run left uncommitted is to be committed on its branch, which stands at `head`. */
export interface CommitLeftRequest extends Pick<RunPlace, 'branchName' | 'worktreePath'> {
  readonly head: Oid;
  /** Left out where they are as the user's setup made them. */
  readonly setupFiles: SetupFiles;
  readonly message: string;
  readonly trailers: Readonly<Record<string, string>>;
}

export type CommitLeftResult =
  | { readonly outcome: 'committed'; readonly head: Oid; readonly paths: readonly string[] }
  /** Nothing of its own is uncommitted. */
  | { readonly outcome: 'nothing' }
  | { readonly outcome: 'failed'; readonly message: string };

/** What the merge queue asks of git when a person undoes or exports a landing. */
export interface BranchesPort {
  /** Moves the target from its tip `landed` to `base`; what landed stays pinned. */
  undoLanding(request: {
    readonly slug: string;
    readonly target: string;
    readonly landed: Oid;
    readonly base: Oid;
    /** Branches that may land later: none of them may hold what landed. */
    readonly branches: readonly string[];
  }): Promise<UndoResult>;
  /** Moves a run's branch, and its worktree, to its own commits replayed onto the target's tip; the old ones stay pinned. */
  replayBranch(request: ReplayRequest): Promise<ReplayResult>;
  /** Removes worktree and branch of a run, whatever they hold; that stays pinned for 30 days. */
  discardRun(request: RunPlace & { readonly target: string; readonly head: Oid | null }): Promise<DiscardResult>;
  /** Brings them back. `saved`: a commit of what was not committed there. */
  restoreRun(request: RunPlace & { readonly head: Oid; readonly saved: Oid | null }): Promise<RestoreResult>;
  /** Commits what a run left uncommitted. */
  commitLeft(request: CommitLeftRequest): Promise<CommitLeftResult>;
  /** A new branch at a commit; one of that name is never moved. */
  createBranch(request: {
    readonly slug: string;
    readonly branchName: string;
    readonly head: Oid;
  }): Promise<BranchResult>;
  /**
   * Removes the files that landings replaced in the user's tree ten minutes before `now` (milliseconds since 1970) or earlier, as far as git
   * has them. One sentence for each landing of which something is not in git: somebody had it open and saved it.
   */
  releaseReplaced(now: number): Promise<readonly string[]>;
  /**
   * Drops what was kept for longer than is of use: copies of the user's uncommitted work, and pins of what has landed and still is on
   * `target`, made before a time (milliseconds since 1970). What is nowhere else stays pinned. Returns how many.
   */
  expirePins(olderThan: number, target: string | null): Promise<number>;
}
