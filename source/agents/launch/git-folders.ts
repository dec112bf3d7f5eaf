import { dirname, join, resolve } from 'node:path';
import { readRegularText } from '../../adapters/regular-file.ts';

/** Where a linked worktree's git data is: a sandbox must leave writable what a commit needs. */
export interface GitFolders {
  /** `<common>/worktrees/<name>`: its HEAD and index. */
  readonly gitDir: string;
  /** The folder that all worktrees share: objects, refs and logs, but also configuration and hooks, which run as the user. */
  readonly commonDir: string;
}

/** The folders of a linked worktree, as its `.git` file names them; null if it is not one. */
export function gitFoldersOf(worktree: string): GitFolders | null {
  try {
    const found = /^gitdir: (.+)$/m.exec(readRegularText(join(worktree, '.git')) ?? '');
    if (found?.[1] === undefined) return null;
    const gitDir = resolve(worktree, found[1].trim());
    return dirname(gitDir).endsWith('worktrees') ? { gitDir, commonDir: dirname(dirname(gitDir)) } : null;
  } catch {
    return null;
  }
}
