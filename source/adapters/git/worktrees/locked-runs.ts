import { join } from 'node:path';
import type { RunId } from '../../../domain/ids.ts';
import { readFolder, readRegularText } from '../../regular-file.ts';

/** A worktree that was locked in the name of a run. */
export interface LockedRun {
  readonly runId: RunId;
  /** Where git says that it stands; empty where it does not say. */
  readonly path: string;
}

/**
 * Runs that have a worktree here, by the locks that git keeps in its own folder: whatever became of the state folder, they tell of what
 * was begun. Read from the files, which costs no start of git. Throws a `CmError` where they cannot be read.
 */
export function lockedRuns(commonDir: string): readonly LockedRun[] {
  const folder = join(commonDir, 'worktrees');
  return (readFolder(folder) ?? []).flatMap(name => {
    const runId = /^cm-tui ([a-z0-9]{16})\s*$/.exec(readRegularText(join(folder, name, 'locked')) ?? '')?.[1];
    if (runId === undefined) return [];
    const path = (readRegularText(join(folder, name, 'gitdir')) ?? '').trim().replace(/\/\.git$/, '');
    return [{ runId, path }];
  });
}
