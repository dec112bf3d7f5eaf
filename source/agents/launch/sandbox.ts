import { existsSync, statSync } from 'node:fs';
import { homedir, tmpdir, userInfo } from 'node:os';
import { dirname, isAbsolute, join, sep } from 'node:path';
import { CmError } from '../../domain/errors.ts';
import type { SandboxOptions } from '../../domain/settings.ts';
import { escapePath } from '../../domain/text/sanitize.ts';
import type { AgentProfile, LaunchContext } from '../../ports/agents.ts';
import { type GitFolders, gitFoldersOf } from './git-folders.ts';

/** A command that needs no shell, with its whole environment. */
export interface Started {
  readonly file: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** Where other programs keep what opens doors: no agent needs them to change files and commit. */
const credentials = [
  '.ssh',
  '.gnupg',
  '.aws',
  '.azure',
  '.kube',
  '.docker',
  '.netrc',
  '.git-credentials',
  '.password-store',
  '.config/gcloud',
  '.config/gh',
  '.config/glab-cli',
  '.local/share/keyrings',
  '.mozilla',
] as const;

/** Variables that name a socket or folder which is not there inside. */
const hiddenVariables = new Set(['SSH_AUTH_SOCK', 'XDG_RUNTIME_DIR', 'TMPDIR']);

/**
 * The command of an agent inside the sandbox that its settings ask for, or as it is. It can write to its worktree, to what a commit needs of
 * the git folder, and to its own login and sessions; cm-tui's state folder and the credentials of other programs are not there.
 * @throws CmError where the worktree, or the settings, do not allow it
 */
export function sandboxed(profile: AgentProfile, command: Started, context: LaunchContext): Started {
  const { sandbox, sandboxOptions } = profile.settings;
  if (sandbox === 'off') return command;
  const folders = gitFoldersOf(context.worktree);
  if (folders === null) {
    throw new CmError(
      `${escapePath(context.worktree)} is not a linked worktree, so its agent cannot run in a sandbox. Retry the item, or set agents.${profile.name}.sandbox to "off".`,
      2,
    );
  }
  const place = { ...folders, context, options: sandboxOptions, own: (profile.stateFolders ?? []).map(atHome) };
  const env = Object.fromEntries(Object.entries(command.env).filter(([name]) => !hiddenVariables.has(name)));
  const words = [command.file, ...command.args];
  const [file = '', ...args] =
    sandbox === 'bwrap' ? bubblewrap(place, words) : container(profile, sandbox, place, env, words);
  return { file, args, env };
}

/** Where one run's sandbox stands. */
interface Place extends GitFolders {
  readonly context: LaunchContext;
  readonly options: SandboxOptions;
  /** Where the agent keeps its login and its sessions. */
  readonly own: readonly string[];
}

/** What of the git folder a commit writes: never its settings or hooks, which run as the user. */
const committed = ['objects', 'refs', 'logs'] as const;

function bubblewrap(place: Place, words: readonly string[]): readonly string[] {
  const { context, options, gitDir, commonDir } = place;
  const state = join(commonDir, 'cm-tui');
  const emptied = ['/tmp', '/run', ...(isBelow(tmpdir(), ['/tmp', '/run']) ? [] : [tmpdir()])];
  // What lies in a folder that is emptied is put back, as far as it is needed.
  const back = [homedir(), ...programFolder(words[0] ?? '')].filter(path => isBelow(path, emptied));
  const hidden = [...credentials, ...options.hide].map(atHome).filter(path => existsSync(path));
  return [
    'bwrap',
    ...['--ro-bind', '/', '/', '--dev', '/dev', '--proc', '/proc'],
    ...emptied.flatMap(path => ['--tmpfs', path]),
    ...twice('--ro-bind-try', ['/run/systemd/resolve', ...back, ...options.readable.map(atHome)]),
    ...hidden.flatMap(path => (isFolder(path) ? ['--tmpfs', path] : ['--ro-bind', '/dev/null', path])),
    ...twice('--ro-bind', [commonDir]),
    ...['--tmpfs', state, '--ro-bind-try', context.promptFile, context.promptFile, '--remount-ro', state],
    ...twice(
      '--bind-try',
      committed.map(name => join(commonDir, name)),
    ),
    ...twice('--bind', [gitDir, context.worktree]),
    ...twice('--bind-try', [...place.own, ...options.writable.map(atHome)]),
    ...['--unshare-pid', '--unshare-ipc', ...(options.network ? [] : ['--unshare-net'])],
    // Root would keep all capabilities otherwise, and could uncover what is hidden.
    ...['--cap-drop', 'ALL', '--die-with-parent', '--chdir', context.worktree, '--'],
    ...limited(options),
    ...words,
  ];
}

/** bubblewrap itself sets no limits. */
function limited({ memory, processes }: SandboxOptions): readonly string[] {
  if (memory === null && processes === null) return [];
  return [
    'prlimit',
    ...(memory === null ? [] : [`--data=${memory}`]),
    ...(processes === null ? [] : [`--nproc=${processes}`]),
    '--',
  ];
}

function container(
  profile: AgentProfile,
  engine: 'podman' | 'docker',
  place: Place,
  env: Started['env'],
  words: readonly string[],
): readonly string[] {
  const { context, options, gitDir, commonDir } = place;
  if (options.image === null) {
    throw new CmError(
      `The sandbox of agent "${profile.name}" needs an image: set agents.${profile.name}.sandboxOptions.image to one that holds git and the agent.`,
      2,
    );
  }
  const { uid, gid } = userInfo();
  const writable = [...committed.map(name => join(commonDir, name)), gitDir, context.worktree, ...place.own];
  const there = [...writable, ...options.writable.map(atHome)].filter(path => existsSync(path));
  const readable = [commonDir, context.promptFile, ...options.readable.map(atHome)].filter(path => existsSync(path));
  const isPassed = (name: string) => name !== 'PATH' && name !== 'SHELL';
  return [
    engine,
    ...['run', '--rm', '--interactive', '--init', '--name', `cm-tui-${context.runId}`],
    ...(profile.settings.interactive ? ['--tty'] : []),
    ...(engine === 'podman' ? ['--userns', 'keep-id'] : ['--user', `${uid}:${gid}`]),
    ...['--cap-drop', 'ALL', '--security-opt', 'no-new-privileges', '--read-only', '--tmpfs', '/tmp'],
    ...(options.network ? [] : ['--network', 'none']),
    ...(options.memory === null ? [] : ['--memory', String(options.memory)]),
    ...(options.processes === null ? [] : ['--pids-limit', String(options.processes)]),
    ...['--mount', `type=tmpfs,destination=${mountable(join(commonDir, 'cm-tui'))}`],
    ...readable.flatMap(path => ['--mount', `${bind(path)},readonly`]),
    ...there.flatMap(path => ['--mount', bind(path)]),
    ...['--workdir', context.worktree],
    // By name alone: values stay off the command line, which everybody on the machine can read.
    ...Object.keys(env)
      .filter(isPassed)
      .flatMap(name => ['--env', name]),
    options.image,
    ...words,
  ];
}

function bind(path: string): string {
  return `type=bind,source=${mountable(path)},destination=${mountable(path)}`;
}

/** A mount is written as a list with commas. */
function mountable(path: string): string {
  if (!path.includes(',')) return path;
  throw new CmError(`${escapePath(path)} has a comma in its name, which a container cannot mount. Use "bwrap".`, 2);
}

function twice(option: string, paths: readonly string[]): readonly string[] {
  return paths.flatMap(path => [option, path, path]);
}

/** `~/.claude` and `.claude` lie in the user's home. */
function atHome(path: string): string {
  if (isAbsolute(path)) return path;
  return join(homedir(), path.replace(/^~\//, ''));
}

function programFolder(command: string): readonly string[] {
  return isAbsolute(command) ? [dirname(command)] : [];
}

function isBelow(path: string, folders: readonly string[]): boolean {
  return folders.some(folder => path === folder || path.startsWith(`${folder}${sep}`));
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}
