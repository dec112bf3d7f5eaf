import type { Permissions } from './permission.ts';
import { splitCommand } from './shell-words.ts';

/** Programs whose next word says what they do, so that two words are a rule; of all others only the very command is. */
const withCommands: ReadonlySet<string> = new Set(
  'npm pnpm yarn bun cargo go make just pip pip3 poetry mvn gradle bundle composer dotnet mix'.split(' '),
);
/** What starts any program that is named behind it: never a rule of its own. */
const starters: ReadonlySet<string> = new Set(['exec', 'x', 'run', 'dlx', 'create', 'init']);
const longestRule = 200;

/**
 * The rule that allows a command from now on: `npm install` for `npm install left-pad`, the whole command where no part of it is known to be
 * harmless. Null: none can be written, and the command can only be allowed once.
 */
export function ruleFor(command: string): string | null {
  const text = command.trim();
  if (text === '' || text.length > longestRule || /\p{Cc}/u.test(text)) return null;
  const commands = splitCommand(text);
  if (commands === null) return text;
  const [words, second] = commands.filter(([name]) => name !== 'cd');
  if (words === undefined || second !== undefined || commands.length > 1) return text;
  const [program = '', action = ''] = words;
  // What git may do is decided by what it does, not by rules.
  if (program === 'git') return null;
  const isAction = /^[a-z][a-z-]*$/.test(action) && !starters.has(action);
  return withCommands.has(program) && isAction ? `${program} ${action}` : text;
}

/** What the setting `permissions` is with a rule more; null: it asks for everything, or for nothing, whatever the rules. */
export function withRule(permissions: Permissions, rule: string): { readonly allow: readonly string[] } | null {
  if (permissions === 'ask' || permissions === 'all' || permissions === 'read') return null;
  const known = permissions === 'edits' ? [] : permissions.allow;
  return { allow: known.includes(rule) ? known : [...known, rule] };
}
