import { existsSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { RunId } from '../../../domain/ids.ts';
import { readRegularText } from '../../regular-file.ts';
import type { GitContext } from '../context.ts';
import { lockReason } from '../plumbing/refs.ts';
import { gitHasLeft } from '../plumbing/running-git.ts';

/**
 * Removes git's record of a worktree that was killed while it was made. Git never prunes such a record, since it is locked, and one
 * that is half written makes `git worktree list` fail for the whole repository. The lock's reason names the run, so it is ours.
 */
export function removeBrokenRecord(context: GitContext, runId: RunId): void {
  const folder = join(context.place.commonDir, 'worktrees');
  for (const name of namesIn(folder)) {
    const record = join(folder, name);
    if (read(join(record, 'locked')) !== lockReason(runId)) continue;
    const isWhole =
      existsSync(read(join(record, 'gitdir'))) &&
      read(join(record, 'commondir')) !== '' &&
      read(join(record, 'HEAD')) !== '';
    if (!isWhole) rmSync(record, { recursive: true });
  }
}

/** As above for every run that was being made when we died; not for one that may be made at this very moment. */
export async function removeBrokenRecords(context: GitContext): Promise<void> {
  const folder = join(context.runtimeDir, 'creating');
  const old = namesIn(folder).filter(
    name => (statSync(join(folder, name), { throwIfNoEntry: false })?.mtimeMs ?? 0) < Date.now() - 5000,
  );
  if (old.length === 0 || !(await gitHasLeft(context.home, 0))) return;
  for (const name of old) {
    const runId = /^([a-z0-9]{16})\.json$/.exec(name)?.[1];
    if (runId !== undefined) removeBrokenRecord(context, runId);
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function read(file: string): string {
  try {
    return readRegularText(file)?.trim() ?? '';
  } catch {
    return '';
  }
}
