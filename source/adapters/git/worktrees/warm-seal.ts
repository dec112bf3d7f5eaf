import { createHash } from 'node:crypto';
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { readRegular, readRegularText, writeDurably } from '../../regular-file.ts';
import { type GitContext, privateFolder } from '../context.ts';
import { type LinkedWorktree, linkedGitDir } from '../plumbing/branch-usage.ts';
import { parseStatus } from '../plumbing/parse.ts';

/** What git keeps of a worktree that decides what its files are: what else lies there would have been put there by somebody. */
const kept = ['HEAD', 'commondir', 'gitdir', 'index'] as const;
/** Written as worktrees are made and moved, and of no weight for their files. */
const ignored = new Set(['locked', 'logs', 'ORIG_HEAD', 'refs', 'index.lock']);

/** Remembers how git knows a worktree of the pool whose every byte has just been proven. */
export function seal(context: GitContext, worktree: LinkedWorktree): void {
  const found = describe(worktree);
  if (found !== null) writeDurably(sealFile(context, worktree), found);
}

/** True for one that was proven and has not been passed over since. */
export function isSealed(context: GitContext, worktree: LinkedWorktree): boolean {
  return existsSync(sealFile(context, worktree));
}

/** Forgets what was remembered of one that is gone, or a run's. */
export function unseal(context: GitContext, worktree: LinkedWorktree): void {
  rmSync(sealFile(context, worktree), { force: true });
}

/**
 * True where a worktree of the pool is still what was proven when it was made: git knows it by the same index and HEAD, and by that index no
 * file was changed, added or removed since. The index is the one that the proof left, so that it holds no flags, and a file that was written
 * in place shows by its change time. Not being able to tell is false.
 */
export async function isAsSealed(context: GitContext, worktree: LinkedWorktree): Promise<boolean> {
  const { path, gitDir } = worktree;
  try {
    const sealed = readRegularText(sealFile(context, worktree));
    if (sealed === null || sealed !== describe(worktree) || linkedGitDir(context, path) !== gitDir) return false;
    const ask = ['status', '--porcelain=v2', '-z', '--branch', '--no-renames'];
    const args = [...ask, '--untracked-files=all', '--ignored=matching'];
    const found = parseStatus(await context.git.text({ cwd: path, args }));
    const changed = [...found.tracked, ...found.untracked, ...found.ignored];
    return found.branch === null && changed.length === 0 && sealed === describe(worktree);
  } catch {
    return false;
  }
}

/** Names and digests of what git keeps of it; null: something of it is not there. */
function describe({ gitDir }: LinkedWorktree): string | null {
  const names = readdirSync(gitDir).filter(name => !ignored.has(name));
  if (names.sort().join() !== [...kept].sort().join()) return null;
  const lines = kept.map(name => {
    const content = readRegular(join(gitDir, name));
    return content === null ? null : `${name} ${createHash('sha256').update(content).digest('hex')}\n`;
  });
  return lines.includes(null) ? null : lines.join('');
}

function sealFile(context: GitContext, { gitDir }: LinkedWorktree): string {
  return join(privateFolder(join(context.runtimeDir, 'warm')), basename(gitDir));
}
