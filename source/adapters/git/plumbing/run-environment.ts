import { statSync } from 'node:fs';
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
]);

/** Programs that git would start for us; replaced or dropped. `PREFIX` is refused by the library and means nothing to git. */
const dropped = new Set(['EDITOR', 'VISUAL', 'PAGER', 'PREFIX', 'SSH_ASKPASS']);

const constantEnvironment = {
  LC_ALL: 'C',
  GIT_TERMINAL_PROMPT: '0',
  GIT_ASKPASS: '/bin/false',
  SSH_ASKPASS: '/bin/false',
  SSH_ASKPASS_REQUIRE: 'force',
  GIT_SSH_COMMAND: 'ssh -oBatchMode=yes',
  GIT_EDITOR: ':',
  GIT_SEQUENCE_EDITOR: ':',
  GIT_PAGER: 'cat',
  GIT_OPTIONAL_LOCKS: '0',
} as const;

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

export function findGit(path: readonly string[]): string {
  const found = path.map(folder => join(folder, 'git')).find(isProgram);
  if (found !== undefined) return found;
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
