import type { Oid, RunId } from '../domain/ids.ts';
import type { UserChange } from '../domain/user-work/changes.ts';
import type { RunNames, StashEntry, UserWork } from '../domain/user-work/look.ts';

/** Worktree → uncommitted path, raw → what tells whether it changes (mode, size, time). One that git cannot tell is not in it. */
export type TreesLook = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** The repository's own settings and hooks, and the user's as far as they matter to git, as they are at one moment. */
export interface SettingsLook {
  /** What of the repository's configuration and hooks can run programs → a digest of it. */
  readonly executables: Readonly<Record<string, string>>;
  /** What else changes what git shows of the repository → a digest of it. Missing in what earlier versions kept: unknown. */
  readonly settings?: Readonly<Record<string, string>> | undefined;
}

/**
 * Worktree of the user's → a commit that holds what was uncommitted in it. Null: it could not be kept; missing: nothing was uncommitted.
 */
export type SavedTrees = Readonly<Record<string, Oid | null>>;

/** What stands outside a run's own worktree, as it is at one moment. */
export interface OutsideLook extends SettingsLook {
  /** Null: nobody knows. */
  readonly trees: TreesLook | null;
  /** Missing in what earlier versions kept. */
  readonly saved?: SavedTrees | undefined;
}

/** How everything was before a run. Null: nobody knows. */
export interface LookBefore {
  readonly work: UserWork | null;
  readonly outside: OutsideLook | null;
  /** Entries that came into the stash since, by whomever. */
  readonly seen?: readonly StashEntry[] | undefined;
}

/** A run that has ended, as far as the user's work is compared with what was there before it. */
export interface EndedRun {
  readonly branchName: string;
  readonly target: string;
  readonly base: Oid | null;
  /** Worktree of the user's → what was uncommitted in it before the run, raw. */
  readonly dirty: Readonly<Record<string, readonly string[]>>;
  readonly saved: SavedTrees;
  /** Entries that came into the stash while it ran. */
  readonly seen: readonly StashEntry[];
}

/** The escape watch asks what agents were not to touch: before they start, and when they have ended. */
export interface OutsidePort {
  /**
   * Reads everything that names the user's work, and keeps all of it from being collected until the run is released. Throws where that
   * cannot be: then the run must not begin.
   */
  writeDownWork(runId: RunId): Promise<UserWork>;
  /** Calls back with all entries of the stash whenever it has changed. Returns the stop function. */
  watchStash(onChange: (stash: readonly StashEntry[]) => void): () => void;
  /** Keeps entries too that came into the stash while the run was at work. */
  keepEntries(runId: RunId, entries: readonly StashEntry[]): Promise<void>;
  /** What has become of it, after the run. What is lost is pinned. Throws where git cannot tell. */
  workChanges(before: UserWork, run: EndedRun, runs: RunNames): Promise<readonly UserChange[]>;
  /** Lets go of what was kept for all runs but these. */
  releaseWork(except: ReadonlySet<RunId>): Promise<void>;
  /** What makes git run programs or show something else than it stores. Throws where git cannot tell. */
  readSettings(): Promise<SettingsLook>;
  /**
   * What is uncommitted in the main worktree and in `others`. Null: of the main worktree git cannot tell. `settled`: not while a landing
   * brings the user's tree forward, which waits for it; otherwise what is on its way there may show as uncommitted.
   */
  readTrees(others: readonly string[], settled: boolean): Promise<TreesLook | null>;
  /** Keeps what is uncommitted in these worktrees of the user's, new files up to 64 MiB too. Throws where it cannot be pinned. */
  saveTrees(runId: RunId, trees: readonly string[]): Promise<SavedTrees>;
  /** Keeps the look from before a run until it has ended, so that a restart of ours does not lose it; null: forgets it. */
  keepOutside(runId: RunId, look: LookBefore | null): void;
  keptOutside(runId: RunId): LookBefore | null;
  /** Forgets the looks of all runs but these: runs that ended unseen, or never began. */
  forgetOutside(except: ReadonlySet<RunId>): void;
}
