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
  for (let at = 0; at < args.length; at++) {
    const arg = args[at] ?? '';
    if (arg === '--') break;
    if (arg.startsWith('--')) {
      const option = arg.split('=')[0] ?? '';
      if (option.length > 3 && risky.some(one => one.startsWith(option))) return false;
      // The message, the author and the like are text, whatever they look like.
      if (name === 'commit' && ['--message', '--author', '--date', '--trailer', '--cleanup'].includes(arg)) at++;
      if (name === 'commit' && option === '--file' && !isFile(arg.includes('=') ? arg.slice(7) : args[++at], isInside))
        return false;
      continue;
    }
    if (name !== 'commit' || !/^-[A-Za-z]/.test(arg)) continue;
    const read = readCluster(arg);
    if (!read.plain) return false;
    if (read.takes === null) continue;
    const value = read.value !== '' ? read.value : args[++at];
    if (read.takes === 'F' && !isFile(value, isInside)) return false;
  }
  return true;
}

/** `-am` and the like: each letter is an option of its own, and the first that takes a value takes the rest of the word, or the next one. */
function readCluster(arg: string): { readonly plain: boolean; readonly takes: string | null; readonly value: string } {
  for (let at = 1; at < arg.length; at++) {
    const letter = arg[at] ?? '';
    // No hooks; a template of somebody's; the configured editor.
    if (letter === 'n' || letter === 't' || letter === 'e') return { plain: false, takes: null, value: '' };
    if ('mFCc'.includes(letter)) return { plain: true, takes: letter, value: arg.slice(at + 1) };
  }
  return { plain: true, takes: null, value: '' };
}

function isFile(path: string | undefined, isInside: (path: string) => boolean): boolean {
  return path === '-' || (path !== undefined && isInside(path));
}
