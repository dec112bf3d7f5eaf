import type { RunId } from '../domain/ids.ts';

/** What stands outside a run's own worktree, as it is at one moment. */
export interface OutsideLook {
  /** Worktree → uncommitted path, raw → what tells whether it changes (mode, size, time). */
  readonly trees: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** What of the repository's configuration and hooks can run programs → a digest of it. */
  readonly executables: Readonly<Record<string, string>>;
}

/** The escape watch asks what agents were not to touch: before they start, and when they have ended. */
export interface OutsidePort {
  /**
   * The main worktree, `others`, and the repository's own settings. Null: they cannot all be told. `settled`: not while a landing brings
   * the user's tree forward, which waits for it; otherwise what is on its way there may show as uncommitted.
   */
  readOutside(others: readonly string[], settled: boolean): Promise<OutsideLook | null>;
  /** Keeps the look from before a run until it has ended, so that a restart of ours does not lose it; null: forgets it. */
  keepOutside(runId: RunId, look: OutsideLook | null): void;
  keptOutside(runId: RunId): OutsideLook | null;
  /** Forgets the looks of all runs but these: runs that ended unseen, or never began. */
  forgetOutside(except: ReadonlySet<RunId>): void;
}
