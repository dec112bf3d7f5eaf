import type { Oid } from '../domain/ids.ts';
import type { SetupFiles } from '../domain/instance.ts';

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
}
