import { existsSync, statSync } from 'node:fs';
import { delimiter, isAbsolute, join, sep } from 'node:path';
import { CmError } from '../../../domain/errors.ts';

/** What git may inherit of the caller's `GIT_*`: who the user is and which configuration is theirs. Nothing that names a repository. */
const inherited = new Set([
  'GIT_AUTHOR_NAME',
  'GIT_AUTHOR_EMAIL',
  'GIT_COMMITTER_NAME',
  'GIT_COMMITTER_EMAIL',
  'GIT_CONFIG_NOSYSTEM',
  'GIT_CONFIG_SYSTEM',
  'GIT_CONFIG_GLOBAL',
  'GIT_CEILING_DIRECTORIES',
  'GIT_LFS_SKIP_SMUDGE',
]);

/**
 * Programs that git would start for us; replaced or dropped. `PREFIX` is refused by the library and means nothing to git. By `GPG_TTY` a
 * signer would ask for a passphrase on a terminal that the screen draws on.
 */
const dropped = new Set(['EDITOR', 'VISUAL', 'PAGER', 'PREFIX', 'SSH_ASKPASS', 'GPG_TTY']);

const constantEnvironment = {
  LC_ALL: 'C',
  GIT_TERMINAL_PROMPT: '0',
  GIT_ASKPASS: '/bin/false',
  SSH_ASKPASS: '/bin/false',
  SSH_ASKPASS_REQUIRE: 'force',
  // As the user has set it (a key, a wrapper); ssh itself never asks anything.
  GIT_SSH_COMMAND:
    'cm_ssh() { c=$(git config --get core.sshCommand) || c="ssh -oBatchMode=yes"; eval "$c \\"\\$@\\""; }; cm_ssh',
  GIT_OPTIONAL_LOCKS: '0',
  // What is stored is what is shown: no object stands in for another, and no commit has other parents than its own. A file that cannot
  // exist, since git would warn of an empty list of grafts each time.
  GIT_NO_REPLACE_OBJECTS: '1',
  GIT_GRAFT_FILE: '/dev/null/none',
} as const;

/** The repository that calls are about, as it was found at the start; files in it that lead git elsewhere later are not followed. */
export interface RepositoryView {
  readonly commonDir: string;
  /** Its history is cut off where the user's clone ends. */
  readonly shallow: boolean;
}

/**
 * Environment of a call in the common folder or at the root of a worktree. It outranks `core.worktree` and `core.bare`, and in a complete
 * repository a `shallow` file hides nothing. Throws where all of git would act on another repository.
 */
export function viewEnvironment(
  { commonDir, shallow }: RepositoryView,
  { cwd, args }: { readonly cwd: string; readonly args: readonly string[] },
): Record<string, string> {
  const file = join(commonDir, 'commondir');
  if (existsSync(file)) {
    throw new CmError(`${file} makes git use another repository in place of this one; remove that file.`, 3);
  }
  return {
    ...(cwd === commonDir ? {} : { GIT_WORK_TREE: cwd }),
    // `read-tree` asks nothing of history, and dies of a bug when both are set.
    ...(shallow || args[0] === 'read-tree' ? {} : { GIT_SHALLOW_FILE: '' }),
  };
}

export function baseEnvironment(environment: NodeJS.ProcessEnv, path: string): Record<string, string> {
  const env: Record<string, string> = {};
  for (const [name, value] of Object.entries(environment)) {
    if (value === undefined || dropped.has(name.toUpperCase())) continue;
    if (name.toUpperCase().startsWith('GIT_') && !inherited.has(name)) continue;
    env[name] = value;
  }
  return { ...env, ...constantEnvironment, PATH: path };
}

/** Folders of `PATH` that are absolute and not inside the repository. */
export function safePath(path: string, outside: string | null): string[] {
  return path
    .split(delimiter)
    .filter(folder => isAbsolute(folder) && (outside === null || !`${folder}${sep}`.startsWith(`${outside}${sep}`)));
}

/** Throws where no folder of the path has a `git`. */
export function assertGit(path: readonly string[]): void {
  if (path.some(folder => isProgram(join(folder, 'git')))) return;
  throw new CmError('git is not installed or not on the PATH; install git 2.38 or newer.', 3);
}

/** A folder of the PATH that this user may not look into holds no program for them. */
function isProgram(file: string): boolean {
  try {
    const stats = statSync(file, { throwIfNoEntry: false });
    return stats?.isFile() === true && (stats.mode & 0o111) !== 0;
  } catch {
    return false;
  }
}
