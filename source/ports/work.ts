import type { Oid } from '../domain/ids.ts';
import type { SetupFiles } from '../domain/instance.ts';
import type { ScopeText } from '../domain/roadmap/scope-line.ts';
import type { NameUse } from '../domain/scope/guess/features.ts';
import type { PastChange } from '../domain/scope/guess/history.ts';

/** Work in progress as a commit for trial merges. Nothing refers to it, and it never enters the repository. */
export interface WorkSnapshot {
  /** Tip of what is checked out there. */
  readonly head: Oid;
  /** `head` itself where nothing is uncommitted, else a commit on top of it that holds the uncommitted work too. */
  readonly commit: Oid;
  /** Uncommitted paths, raw from git. */
  readonly paths: readonly string[];
}

/** What the conflict radar asks of git while agents are at work. Everything here only looks. */
export interface WorkPort {
  /**
   * Changes whenever work in a worktree may have moved, and costs no start of git: its branch, its index, its root folder and the
   * `paths` that were uncommitted at the last look. Edits of other existing files can pass it by. Null: nobody can tell.
   */
  workStamp(worktreePath: string, paths: readonly string[]): string | null;
  /** Work in progress of a worktree as a commit, without touching it; null: it cannot be read. */
  snapshotWork(worktreePath: string): Promise<WorkSnapshot | null>;
  /** Paths, raw, that `head` has changed since it left `target`; null: git cannot tell. One start of git at most. */
  changedPaths(target: Oid, head: Oid): Promise<readonly string[] | null>;
  /**
   * Paths on which two commits, snapshots too, conflict with each other; null: git cannot tell. With the `target` that both are to land on,
   * what only conflicts because the target changed it between their starts is left out. One start of git if they do not conflict.
   */
  predictPair(one: Oid, other: Oid, target?: Oid | null): Promise<readonly string[] | null>;
  /** What is uncommitted in a worktree, as the setup has just left it. Throws where git cannot tell. */
  uncommittedFiles(worktreePath: string): Promise<SetupFiles>;
  /** Drops every snapshot that was made. */
  forgetWork(): Promise<void>;
  /** Makes worktrees ahead, or removes those beyond the number; the next runs take them. Fails by itself where one cannot be made. */
  keepWarm?(request: WarmRequest): Promise<void>;
}

/** Worktrees that are to be ready before a run needs them. */
export interface WarmRequest {
  readonly count: number;
  /** A private folder on the disk of the worktrees of runs. */
  readonly folder: string;
  readonly target: string;
  /** Asked before each: false where something else is more urgent, or we leave. */
  mayGoOn(): boolean;
}

/** What the guess of scopes asks of git. Everything here only reads, and reads commits, not the work tree. */
export interface SearchPort {
  /** Paths of every file of a commit. */
  trackedFiles(commit: Oid): Promise<readonly string[]>;
  /** The latest commits that `commit` is built on, merges left out, newest first: message and changed paths. */
  pastChanges(commit: Oid, limit: number): Promise<readonly PastChange[]>;
  /** Which files of a commit hold these names as whole words, in the order of the names. */
  usesOf(commit: Oid, names: readonly string[]): Promise<readonly NameUse[]>;
}

/** What became of scopes that were to be written into a file. */
export interface WrittenScopes {
  /** Keys of the items that the file on the target now tells the scope of. */
  readonly written: readonly string[];
  /** Why nothing was written, as a clause; null: it was. */
  readonly problem: string | null;
}

/** Writes scopes where their source has a place for them. */
export interface ScopesPort {
  /** In one commit on the target. Items that cannot be found for sure, or whose form is not understood, are left out. */
  writeScopes(request: {
    readonly target: string;
    /** Of the ROADMAP, relative to the repository. */
    readonly path: string;
    readonly items: readonly ScopeText[];
  }): Promise<WrittenScopes>;
}
