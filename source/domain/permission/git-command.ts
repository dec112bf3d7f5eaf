import type { SimpleCommand } from './shell-words.ts';

/** What is to be done about a command that an agent wants to run. */
export type Decision = 'allow' | 'ask' | 'deny';

/** What a commit needs, and looking. */
const harmless: ReadonlySet<string> = new Set([
  'add',
  'commit',
  'status',
  'diff',
  'log',
  'show',
  'rm',
  'mv',
  'restore',
  'rev-parse',
]);
/** What changes something that is not the run's own: other worktrees, the stash that all share, settings, other repositories. */
const forbidden: ReadonlySet<string> = new Set(['push', 'config', 'worktree', 'switch', 'stash']);

/** Options that skip hooks, write a file, start a program or lead elsewhere; `git` takes them shortened as well. */
const risky = [
  '--no-verify',
  '--git-dir',
  '--work-tree',
  '--output',
  '--ext-diff',
  '--textconv',
  '--no-index',
  '--exec-path',
  '--upload-pack',
  '--receive-pack',
  '--pathspec-from-file',
  '--template',
  '--config-env',
];

/**
 * What is to be done about `git` with these arguments. `isInside` says of a path, as it was written, whether it is in the run's own
 * worktree and not in a `.git` folder.
 */
export function decideGit(command: SimpleCommand, isInside: (path: string) => boolean): Decision {
  const args = command.slice(1);
  let at = 0;
  for (; at < args.length; at++) {
    const arg = args[at] ?? '';
    if (arg === '-C') {
      at++;
      if (!isInside(args[at] ?? '')) return 'deny';
    } else if (arg === '--no-pager' || arg === '-P') continue;
    else if (arg.startsWith('-')) return 'ask';
    else break;
  }
  const name = args[at] ?? '';
  if (forbidden.has(name)) return 'deny';
  if (!harmless.has(name)) return 'ask';
  return isPlain(name, args.slice(at + 1), isInside) ? 'allow' : 'ask';
}

function isPlain(name: string, args: readonly string[], isInside: (path: string) => boolean): boolean {
  if (name === 'commit') return isPlainCommit(args, isInside);
  const end = args.indexOf('--');
  return !(end < 0 ? args : args.slice(0, end)).some(isRisky);
}

function isRisky(arg: string): boolean {
  const option = arg.split('=')[0] ?? '';
  return option.startsWith('--') && option.length > 3 && risky.some(one => one.startsWith(option));
}

/** What an option of `git commit` takes: a text, a file, or nothing (null); `value` is null where the next word is it. */
interface CommitOption {
  readonly plain: boolean;
  readonly takes: 'text' | 'file' | null;
  readonly value: string | null;
}

const takesNothing: CommitOption = { plain: true, takes: null, value: null };

function isPlainCommit(args: readonly string[], isInside: (path: string) => boolean): boolean {
  for (let at = 0; at < args.length && args[at] !== '--'; at++) {
    const arg = args[at] ?? '';
    if (isRisky(arg)) return false;
    const { plain, takes, value } = arg.startsWith('--') ? readLong(arg) : readCluster(arg);
    if (!plain) return false;
    if (takes === null) continue;
    // A text stays one, whatever it looks like.
    const given = value ?? args[++at];
    if (takes === 'file' && !isFile(given, isInside)) return false;
  }
  return true;
}

const texts = ['--message', '--author', '--date', '--trailer', '--cleanup'];

function readLong(arg: string): CommitOption {
  const [option = '', ...rest] = arg.split('=');
  const value = rest.length === 0 ? null : rest.join('=');
  // Git takes it shortened as well.
  if (option.length > 3 && '--file'.startsWith(option)) return { plain: true, takes: 'file', value };
  return value === null && texts.includes(option) ? { plain: true, takes: 'text', value } : takesNothing;
}

/** `-am` and the like: each letter is an option of its own, and the first that takes a value takes the rest of the word, or the next one. */
function readCluster(arg: string): CommitOption {
  if (!/^-[A-Za-z]/.test(arg)) return takesNothing;
  for (let at = 1; at < arg.length; at++) {
    const letter = arg[at] ?? '';
    // No hooks; a template of somebody's; the configured editor.
    if ('nte'.includes(letter)) return { ...takesNothing, plain: false };
    if (!'mFCc'.includes(letter)) continue;
    const value = arg.slice(at + 1);
    return { plain: true, takes: letter === 'F' ? 'file' : 'text', value: value === '' ? null : value };
  }
  return takesNothing;
}

function isFile(path: string | undefined, isInside: (path: string) => boolean): boolean {
  return path === '-' || (path !== undefined && isInside(path));
}
