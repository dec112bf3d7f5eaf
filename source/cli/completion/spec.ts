import type { Command } from 'commander';

/** What `cm-tui ids` can list. */
export const idKinds = ['items', 'runs', 'agents', 'settings', 'branches'] as const;
export type IdKind = (typeof idKinds)[number];

/** The possible values of an argument or option. */
export type Values =
  | { readonly kind: 'words'; readonly words: readonly string[] }
  | { readonly kind: 'ids'; readonly what: IdKind }
  | { readonly kind: 'files' | 'folders' | 'text' };

export interface OptionSpec {
  /** `--json`, `-f`. */
  readonly names: readonly string[];
  readonly description: string;
  /** Null: it takes no value. */
  readonly values: Values | null;
}

export interface CommandSpec {
  /** The name and its aliases; empty for `cm-tui` itself. */
  readonly names: readonly string[];
  readonly description: string;
  readonly options: readonly OptionSpec[];
  /** In order. */
  readonly arguments: readonly Values[];
}

/** Everything that the completions of a shell are generated from. */
export interface CompletionSpec {
  /** `cm-tui` without a command: its options, and the commands as the values of its argument. */
  readonly root: CommandSpec;
  readonly commands: readonly CommandSpec[];
  /** Options that take a value, wherever they appear. */
  readonly valued: readonly OptionSpec[];
}

const text: Values = { kind: 'text' };
const ids = (what: IdKind): Values => ({ kind: 'ids', what });

const optionValues: Readonly<Record<string, Values>> = {
  '--priority': ids('items'),
  '--agent': ids('agents'),
  '--target': ids('branches'),
  '--repo': { kind: 'folders' },
  '--roadmap': { kind: 'files' },
  '--ownership': { kind: 'files' },
  '--files': { kind: 'files' },
  '--svg': { kind: 'files' },
  '--html': { kind: 'files' },
};

/** By `command argument`, else by the argument alone. */
const argumentValues: Readonly<Record<string, Values>> = {
  id: ids('runs'),
  'spawn id': ids('items'),
  'edit id': ids('items'),
  'scope ids': ids('items'),
  // One argument alone is the branch.
  'retarget id': ids('branches'),
  'retarget branch': ids('branches'),
  'config key': ids('settings'),
  'config action': { kind: 'words', words: ['get', 'set', 'unset', 'edit', 'path', 'diff', 'trust'] },
  'queue action': { kind: 'words', words: ['jump', 'hold', 'release', 'requeue', 'reject', 'resume'] },
};

/** Reads commands, options, choices and arguments from the program itself, so that completions never lag behind. */
export function readSpec(program: Command): CompletionSpec {
  const help = program.createHelp();
  const visible = help.visibleCommands(program);
  const names = visible.map(command => command.name());
  const commands = visible.map(command =>
    command.name() === 'help'
      ? { ...commandSpec(command, false), arguments: [{ kind: 'words', words: names } satisfies Values] }
      : commandSpec(command, true),
  );
  const root = { ...commandSpec(program, true), names: [], arguments: [] };
  const valued = new Map(
    [root, ...commands]
      .flatMap(command => command.options)
      .filter(option => option.values !== null)
      .map(option => [option.names.join(), option]),
  );
  return { root, commands, valued: [...valued.values()] };
}

function commandSpec(command: Command, options: boolean): CommandSpec {
  return {
    names: [command.name(), ...command.aliases()],
    description: command.description(),
    options: options ? command.createHelp().visibleOptions(command).map(optionSpec) : [],
    arguments: command.registeredArguments.map(one => {
      const known = argumentValues[`${command.name()} ${one.name()}`] ?? argumentValues[one.name()];
      return one.argChoices === undefined ? (known ?? text) : { kind: 'words', words: one.argChoices };
    }),
  };
}

function optionSpec(option: ReturnType<ReturnType<Command['createHelp']>['visibleOptions']>[number]): OptionSpec {
  const known = optionValues[option.long ?? ''] ?? text;
  const takes = option.required || option.optional;
  const values =
    option.argChoices === undefined ? known : ({ kind: 'words', words: option.argChoices } satisfies Values);
  const names = [option.short, option.long].filter(name => name !== undefined && name !== null);
  return { names, description: option.description.replace(/ \([^()]*\)$/, ''), values: takes ? values : null };
}
