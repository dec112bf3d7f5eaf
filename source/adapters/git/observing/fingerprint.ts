import { lstatSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { readRegularText } from '../../regular-file.ts';
import type { GitContext } from '../context.ts';
import { linkedGitDir } from '../plumbing/branch-usage.ts';
import { branchRef } from '../plumbing/refs.ts';

/** Uncommitted paths that are looked at; of more the rest is left to the look that comes anyway. */
const pathLimit = 300;

/** See `WorkPort.workStamp`. */
export function workStamp(context: GitContext, worktreePath: string, paths: readonly string[]): string | null {
  const gitDir = linkedGitDir(context, worktreePath);
  if (gitDir === null) return null;
  const files = new Set([join(gitDir, 'index'), worktreePath]);
  for (const path of paths.slice(0, pathLimit)) {
    const file = join(worktreePath, path);
    files.add(file).add(dirname(file));
  }
  return [headStamp(context, gitDir), ...[...files].map(stampOf)].join('|');
}

function headStamp(context: GitContext, gitDir: string): string {
  const branch = context.refFiles.head(gitDir);
  const tip = typeof branch === 'string' ? context.refFiles.read(branchRef(branch)) : undefined;
  if (typeof tip === 'string') return `${branch} ${tip}`;
  try {
    return readRegularText(join(gitDir, 'HEAD')) ?? '?';
  } catch {
    return '?';
  }
}

function stampOf(file: string): string {
  try {
    const stats = lstatSync(file, { throwIfNoEntry: false, bigint: true });
    return stats === undefined ? '-' : `${stats.ino} ${stats.size} ${stats.mtimeNs}`;
  } catch {
    return '?';
  }
}
