import { type Decision, decideGit } from './git-command.ts';
import { type SimpleCommand, splitCommand } from './shell-words.ts';

/** The setting: what an agent may do without asking. Only cm-tui itself uses `read`: reading, and nothing else. */
export type Permissions = 'edits' | 'ask' | 'all' | 'read' | { readonly allow: readonly string[] };

/** What an agent wants to do, as far as its program says. */
export interface WantedAction {
  readonly kind: 'edit' | 'delete' | 'move' | 'read' | 'search' | 'execute' | 'switch_mode' | 'other';
  /** The command line; null: it runs none, or its program does not say which. */
  readonly command: string | null;
  /** Paths that it is about, as its program names them. */
  readonly paths: readonly string[];
}

export interface PolicyInput {
  readonly permissions: Permissions;
  /** Commands that need no question beside those of a commit: the checks of the repository. */
  readonly checks: readonly string[];
  /** In the run's own worktree, links resolved, and not in a `.git` folder. `from`: the folder that a relative path begins at; null: the worktree. */
  readonly isInside: (path: string, from: string | null) => boolean;
}

/** Decided on what is done, never on how it is called. What is not understood is asked. */
export function decide(action: WantedAction, input: PolicyInput): Decision {
  const { permissions } = input;
  if (permissions === 'all') return 'allow';
  if (action.kind === 'switch_mode') return 'deny';
  if (permissions === 'read') return mayRead(action, input) ? 'allow' : 'deny';
  if (permissions === 'ask') return 'ask';
  if (action.kind === 'execute') return action.command === null ? 'ask' : decideCommand(action.command, input);
  if (action.kind === 'other' || action.paths.length === 0) return 'ask';
  return action.paths.every(path => input.isInside(path, null)) ? 'allow' : 'deny';
}

/** Files of the worktree, and what git shows of them. */
function mayRead({ kind, command, paths }: WantedAction, input: PolicyInput): boolean {
  if (kind === 'execute') return command !== null && isLook(command) && decideCommand(command, input) === 'allow';
  const looks = kind === 'read' || kind === 'search';
  return looks && paths.length > 0 && paths.every(path => input.isInside(path, null));
}

/** Commands of git that change nothing, and filters of their output. */
function isLook(text: string): boolean {
  const commands = splitCommand(text) ?? [];
  return (
    commands.length > 0 &&
    commands.every(command => {
      const [name = '', ...args] = command;
      if (name !== 'git') return name === 'cd' || isFilter(command);
      const verb = args[0] === '-C' ? args[2] : args[0];
      return lookVerbs.has(verb ?? '') && !args.some(word => word.startsWith('--output'));
    })
  );
}

const lookVerbs: ReadonlySet<string> = new Set(['diff', 'log', 'show', 'status', 'rev-parse']);

/** A whole command line is allowed where each of its commands is, and denied where one of them is. */
export function decideCommand(text: string, input: PolicyInput): Decision {
  const allowed = allowedCommands(input);
  if (allowed.some(one => one.exact === text.trim())) return 'allow';
  const commands = splitCommand(text);
  if (commands === null || commands.length === 0) return 'ask';
  let from: string | null = null;
  let worst: Decision = 'allow';
  for (const command of commands) {
    const [name = '', ...args] = command;
    if (name === 'cd') {
      const folder = args[0] ?? '';
      if (args.length !== 1 || !input.isInside(folder, from)) return 'deny';
      from = folder.startsWith('/') ? folder : `${from ?? '.'}/${folder}`;
      continue;
    }
    const decision = decideSimple(command, allowed, path => input.isInside(path, from));
    if (decision === 'deny') return 'deny';
    if (decision === 'ask') worst = 'ask';
  }
  return worst;
}

interface AllowedCommand {
  readonly exact: string;
  readonly words: SimpleCommand | null;
}

function allowedCommands({ permissions, checks }: PolicyInput): readonly AllowedCommand[] {
  const named = typeof permissions === 'object' ? permissions.allow : [];
  return [...named, ...checks].map(text => {
    const commands = splitCommand(text);
    return { exact: text.trim(), words: commands?.length === 1 ? (commands[0] ?? null) : null };
  });
}

function decideSimple(
  command: SimpleCommand,
  allowed: readonly AllowedCommand[],
  isInside: (path: string) => boolean,
): Decision {
  if (command[0] === 'git') return decideGit(command, isInside);
  if (allowed.some(({ words }) => words?.every((word, at) => command[at] === word))) return 'allow';
  return isFilter(command) ? 'allow' : 'ask';
}

/** Programs that only pass text on, as long as they are given no file: `| tail -5`, `echo done`. */
function isFilter([name = '', ...args]: SimpleCommand): boolean {
  if (name === 'echo' || name === 'true' || name === 'pwd') return true;
  return ['tail', 'head', 'cat', 'wc'].includes(name) && args.every(arg => /^-?[a-z]{0,2}\d*$/.test(arg));
}
