import type { Oid, RunId } from '../domain/ids.ts';
import type { ChangedFile, ReturningCommits, SetupFiles } from '../domain/instance.ts';
import type { FoundLanding } from '../domain/queue/landed-as.ts';
import type { LandingStyle, TrailerName } from '../domain/queue/landing-style.ts';
import type { BranchCommit } from '../domain/review/material.ts';

/** Who commits here, as git would write it. */
export interface Committer {
  readonly name: string;
  readonly email: string;
}

/** Facts about the repository, read once at start and again on reconcile. */
export interface RepositoryFacts {
  /** Real path of the main worktree (or of the bare repository). */
  readonly root: string;
  /** Last component of root: names worktrees. */
  readonly name: string;
  /** The folder for worktrees by default, where that is not the one around `root`. */
  readonly beside?: string;
  readonly commonDir: string;
  readonly bare: boolean;
  readonly shallow: boolean;
  readonly gitVersion: string;
  /** Branch checked out in the main worktree; null when detached, bare or unborn. */
  readonly currentBranch: string | null;
  /** Null: git does not know, which is one of the problems. */
  readonly committer: Committer | null;
  /** Reasons why nothing may be spawned here, each one sentence with the fix (docs/contract.md). Empty: all is well. */
  readonly problems: readonly string[];
  /** Things to know that stop nothing: submodules, LFS, sparse checkout. */
  readonly remarks: readonly string[];
}

/** Answer to a request for a worktree. `taken`: the path or branch exists and is not ours; nothing was touched. */
export type CreateWorktreeResult =
  | { readonly outcome: 'created'; readonly base: Oid }
  | { readonly outcome: 'taken'; readonly what: 'branch' | 'path'; readonly message: string }
  | { readonly outcome: 'failed'; readonly message: string };

/** What a branch and its worktree look like now. Every field is read from git, never from what an agent says. */
export interface BranchFacts {
  /** Null: the branch does not exist. */
  readonly head: Oid | null;
  /** Where the worktree stood last, of a branch that was deleted under it; missing: that is not known. */
  readonly lastHead?: Oid;
  /** The run's own commits: not what came to the branch from the target, as by a merge, a rebase, a fast-forward or a copy of its commits. */
  readonly commits: number;
  /** Paths that the branch changes and that differ from the target; renames split into D and A (type R unused unless detected). */
  readonly files: readonly ChangedFile[];
  /** The latest commit of the target that the branch is built on, where that is not the base it was asked for. */
  readonly base?: Oid;
  /** Changed paths that are on the target already just as they are here: not the run's work. Missing: none. */
  readonly sameAsTarget?: readonly string[];
  /** What landing the branch would bring back; missing: nothing. */
  readonly returning?: ReturningCommits;
  /** Changed paths that the branch holds just as the setup left them; missing: none. */
  readonly bySetup?: readonly string[];
  /** Uncommitted paths (tracked changes and untracked files), raw from git, not yet sanitised; what the setup left is not among them. */
  readonly dirty: readonly string[];
  /** Of them: those with a conflict that is not resolved. Missing: none. */
  readonly unmerged?: readonly string[];
  /** `merge`, `rebase`, `cherry-pick`, `revert`, `bisect`, or null. */
  readonly operation: string | null;
  /** Branch the worktree has checked out; null when detached. */
  readonly checkedOut: string | null;
  readonly worktreeExists: boolean;
  /** Paths of new or changed symlinks whose target leaves the repository. */
  readonly escapingLinks: readonly string[];
}

/** Where a branch came from, which decides what it would bring back to the target. */
export interface Lineage {
  readonly worktreePath: string;
  /** The commit of the target that it was started from, or last brought up to. */
  readonly base: Oid | null;
  /** Commits that the target is known to have held. */
  readonly former: readonly Oid[];
}

export type Prediction =
  | { readonly outcome: 'clean'; readonly base: Oid; readonly head: Oid; readonly tree: Oid }
  | { readonly outcome: 'empty'; readonly base: Oid; readonly head: Oid }
  | { readonly outcome: 'conflict'; readonly base: Oid; readonly head: Oid; readonly paths: readonly string[] }
  | { readonly outcome: 'unknown'; readonly message: string };

export interface PrepareRequest {
  /** It is only checked and never lands: a merge without signature and hooks, whatever lands. */
  readonly draft?: true;
  readonly runId: RunId;
  readonly slug: string;
  readonly target: string;
  readonly branchName: string;
  /** The head that was approved; another one on the branch gives `moved`. */
  readonly head: Oid;
  /** The commit that the candidate is built on; missing: the target's tip. */
  readonly onto?: Oid;
  /** Missing: nobody asks whether it brings anything back. */
  readonly lineage?: Lineage;
  /** Paths of the branch that nobody has looked at, since they were on the target just as they are here. */
  readonly unseen?: readonly string[];
  readonly message: string;
  /** Trailers `Cm-Task` …; the adapter adds `Cm-Head` and `Cm-Base`. */
  readonly trailers: Readonly<Record<string, string>>;
  /** How what would land is built; missing: as a merge. */
  readonly style?: LandingStyle;
  /** Trailers that the adapter makes up: who signs off, and an id of the change that stays the same when it is built again. */
  readonly addTrailers?: readonly TrailerName[];
  /** Set this item's status line within the candidate's tree; skipped (and reported) when the file is not there or the user has it dirty. */
  readonly status: {
    readonly path: string;
    readonly itemKey: string;
    readonly line: number;
    readonly heading: string;
    /** The form of the file and the item's name in it; absent: our ROADMAP. */
    readonly source?: string;
    readonly name?: string;
    /** `complete` by default; `planned` (for a revert) changes nothing if it is not complete. */
    readonly to?: 'complete' | 'planned';
  } | null;
}

export type PrepareResult =
  | {
      readonly outcome: 'prepared';
      readonly candidate: Oid;
      readonly base: Oid;
      readonly statusWritten: boolean;
      /** What the candidate holds; missing: not known. */
      readonly tree?: Oid;
    }
  | { readonly outcome: 'empty' }
  | { readonly outcome: 'conflict'; readonly paths: readonly string[] }
  | { readonly outcome: 'moved'; readonly head: Oid | null }
  /** It would bring back commits that were removed from the target. */
  | { readonly outcome: 'returning'; readonly returning: ReturningCommits }
  /** It would change paths that nobody has looked at. */
  | { readonly outcome: 'unseen'; readonly paths: readonly string[] }
  /** `base`: trying again gives the same for as long as the target stands there and the branch lands in the same way. */
  | { readonly outcome: 'failed'; readonly message: string; readonly base?: Oid };

export interface LandRequest {
  readonly runId: RunId;
  readonly slug: string;
  readonly target: string;
  readonly base: Oid;
  readonly candidate: Oid;
  /** The branch and the head of it that was approved: where it stands elsewhere now, nothing lands. */
  readonly approved?: { readonly branchName: string; readonly head: Oid };
  /** What lands by the same move: commits between `base` and `candidate`. */
  readonly with?: readonly {
    readonly slug: string;
    readonly candidate: Oid;
    readonly approved: { readonly branchName: string; readonly head: Oid };
  }[];
}

export type LandResult =
  /** `remark`: a sentence each about files that somebody saved at that very moment, kept elsewhere, and about new ones that were left out. */
  | { readonly outcome: 'landed'; readonly remark?: string }
  /** The target is no longer at `base`; build a new candidate. */
  | { readonly outcome: 'target-moved'; readonly tip: Oid | null; readonly rewound: boolean }
  /** A branch (missing: the one that was asked for) is no longer where it was approved; nothing was changed. Null: it is gone. */
  | { readonly outcome: 'head-moved'; readonly head: Oid | null; readonly branchName?: string }
  /** Nothing was changed; `paths` are the user's files (or worktree) in the way. */
  | { readonly outcome: 'blocked'; readonly message: string; readonly paths: readonly string[] }
  | { readonly outcome: 'failed'; readonly message: string };

export type CleanProbe = {
  readonly runId: RunId;
  /** Bytes of the worktree on disk. */
  readonly size: number;
  /** Untracked and ignored files that removal would lose. */
  readonly untracked: readonly string[];
  readonly ignored: readonly string[];
  /** Why it may not be removed at all (not landed, dirty, operation in progress, in use …); empty: may go. */
  readonly obstacles: readonly string[];
  /** Those of them that stand against discarding it too: it is in use, or not ours. */
  readonly binding?: readonly string[];
};

export type CleanResult =
  /** `bytes`: what the worktree took on disk. */
  | { readonly outcome: 'removed'; readonly rescued: readonly string[]; readonly bytes?: number }
  | { readonly outcome: 'kept'; readonly reasons: readonly string[] };

export interface WorktreeObservation {
  readonly path: string;
  readonly branchName: string | null;
  readonly head: Oid | null;
  readonly lockedReason: string | null;
  readonly prunable: boolean;
  readonly exists: boolean;
}

/** One look at the repository; `null` anywhere means the probe failed and nothing may be concluded (docs/contract.md, I6). */
export interface GitObservation {
  readonly worktrees: readonly WorktreeObservation[] | null;
  /** Short branch name → tip, for branches under the prefix and the target. */
  readonly branches: Readonly<Record<string, Oid>> | null;
  /** Full ref name → oid under `refs/cm/`. */
  readonly pins: Readonly<Record<string, Oid>> | null;
  readonly targetTip: Oid | null;
  /** Folders that were asked for and that are certainly not there. */
  readonly missing?: readonly string[];
}

/** Everything the core needs from git. Runs are named by our ids. Only `adapters/git` implements it for real. */
export interface GitPort {
  facts(): Promise<RepositoryFacts>;
  targetTip(target: string): Promise<Oid | null>;
  isAncestor(ancestor: Oid, descendant: Oid): Promise<boolean>;
  /**
   * The commit of the target (its tip is `tip`) by which the work of a branch at `head` reached it, by whomever and however that was done.
   * `isOwn`: the run is known to have made commits; otherwise copies of the target's own commits are not its work. Null: nothing proves it.
   */
  findLanded(request: { readonly head: Oid; readonly tip: Oid; readonly isOwn: boolean }): Promise<FoundLanding | null>;
  /** Without a target its tip is null. `folders`: paths whose existence is to be reported. */
  observe(target: string | null, branchPrefix: string, folders?: readonly string[]): Promise<GitObservation>;
  createWorktree(request: {
    readonly runId: RunId;
    readonly slug: string;
    readonly branchName: string;
    readonly path: string;
    readonly target: string;
    /** Folders that it holds beside the files of the top folder; missing: all files. */
    readonly sparse?: readonly string[];
  }): Promise<CreateWorktreeResult>;
  /** Copies the listed ignored files from the main worktree; returns one sentence for each that was refused or missing. */
  copyFiles(worktreePath: string, patterns: readonly string[]): Promise<readonly string[]>;
  /** Moves aside the lock files that the git of an ended run left in its worktree and on its branch. Returns their paths. */
  freeRunLocks(request: { readonly worktreePath: string; readonly branchName: string }): Promise<readonly string[]>;
  inspect(request: {
    readonly branchName: string;
    readonly worktreePath: string;
    readonly base: Oid | null;
    readonly target: string;
    /** Commits that the target is known to have held beside those that its log tells of. */
    readonly former?: readonly Oid[];
    /** What the setup left in the worktree: as long as it is so, it is none of the agent's. */
    readonly setupFiles?: SetupFiles;
  }): Promise<BranchFacts>;
  predict(target: string, head: Oid): Promise<Prediction>;
  prepare(request: PrepareRequest): Promise<PrepareResult>;
  /** Makes the integration worktree of that number (0 by default) stand at `candidate` and returns its path. */
  checkoutCandidate(candidate: Oid, keep: readonly string[], slot?: number): Promise<string>;
  /** True where that integration worktree still stands clean at `candidate` after the checks. */
  candidateIntact(candidate: Oid, slot?: number): Promise<boolean>;
  land(request: LandRequest): Promise<LandResult>;
  /** Writes a status line in a commit of its own when it could not be part of the candidate; false: not possible now. */
  writeStatus(request: {
    readonly target: string;
    readonly status: NonNullable<PrepareRequest['status']>;
  }): Promise<boolean>;
  diff(request: {
    readonly branchName: string;
    readonly worktreePath: string;
    readonly base: Oid | null;
    readonly head: Oid | null;
    readonly ignoreWhitespace?: boolean;
  }): Promise<string>;
  /** The commits of a branch since the commit of the target that it is built on, oldest first; at most the newest 200. */
  branchCommits(request: {
    readonly branchName: string;
    readonly base: Oid | null;
    readonly head: Oid | null;
  }): Promise<readonly BranchCommit[]>;
  probeClean(request: {
    readonly runId: RunId;
    readonly slug: string;
    readonly branchName: string;
    readonly worktreePath: string;
    readonly target: string;
    readonly landed: Oid | null;
    readonly head: Oid | null;
    readonly setupFiles?: SetupFiles;
  }): Promise<CleanProbe>;
  /** Removes worktree and branch of what has provably landed; `confirmedLoss` are the files the user agreed to lose. */
  clean(request: {
    readonly runId: RunId;
    readonly slug: string;
    readonly branchName: string;
    readonly worktreePath: string;
    readonly target: string;
    readonly landed: Oid | null;
    readonly head: Oid | null;
    readonly setupFiles?: SetupFiles;
    readonly confirmedLoss: readonly string[];
  }): Promise<CleanResult>;
}
