import { existsSync, lstatSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { readRegularText } from '../../regular-file.ts';
import type { RepositoryLocation } from './locate.ts';

/**
 * Finds an ordinary repository (its main worktree around `folder`, with its own `.git` folder) without starting git, so that a screen can
 * be drawn at once. Null for everything else (linked worktrees, bare and unusual ones, a git environment), which git finds. Whether git
 * itself agrees (ownership, versions) is part of the facts that are read later.
 */
export function quickLocation(folder: string, environment: NodeJS.ProcessEnv = process.env): RepositoryLocation | null {
  if (environment.GIT_DIR !== undefined || environment.GIT_WORK_TREE !== undefined) return null;
  try {
    const root = worktreeAround(realpathSync(folder));
    if (root === null) return null;
    const commonDir = join(root, '.git');
    // Git may refuse to work in it, and says so best itself.
    if (lstatSync(commonDir).uid !== process.geteuid?.()) return null;
    const config = readRegularText(join(commonDir, 'config'), { followLinks: true }) ?? '';
    if (/^\s*(worktree|bare\s*=\s*(true|yes|on|1)|bare\s*$|\[include)/im.test(config)) return null;
    if (!existsSync(join(commonDir, 'HEAD')) || !existsSync(join(commonDir, 'objects'))) return null;
    return { root, mainTree: root, commonDir, bare: false, shallow: existsSync(join(commonDir, 'shallow')) };
  } catch {
    return null;
  }
}

function worktreeAround(folder: string): string | null {
  for (let here = folder; ; here = dirname(here)) {
    const found = lstatSync(join(here, '.git'), { throwIfNoEntry: false });
    if (found !== undefined) return found.isDirectory() ? here : null;
    // Inside a bare repository or a git folder: git decides what that is.
    if (existsSync(join(here, 'HEAD')) && existsSync(join(here, 'objects'))) return null;
    if (here === dirname(here)) return null;
  }
}
