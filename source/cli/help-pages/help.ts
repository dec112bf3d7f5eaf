import type { Command, Help } from 'commander';
import { sanitizeLine } from '../../domain/text/sanitize.ts';
import { helpPages } from './index.ts';
import { type HelpPage, helpGroups } from './page.ts';

/** A fixed width keeps pages readable and the same on every terminal. */
const width = 80;
const narrowest = 18;
const shared: ReadonlySet<string | undefined> = new Set([
  ...['--repo', '--target', '--agent', '--roadmap', '--ownership', '--max-parallel'],
]);

/**
 * Gives every command a page like a manual's (usage, description, options, exit codes, examples, files), groups the commands by
 * purpose, and turns every command line error into one sentence with the fix.
 */
export function configureHelp(program: Command): void {
  for (const command of [program, ...program.commands]) {
    command.configureHelp({ helpWidth: width, formatHelp });
    command.configureOutput({ outputError: (text, write) => write(`${plainError(command, text)}\n`) });
  }
}

/** One sentence from commander's one or two lines, and where to look. */
function plainError(command: Command, text: string): string {
  const plain = text.replace(/^error: /, '').replaceAll(/\n\((.*)\)/g, '. $1');
  const sentence = sanitizeLine(plain.trim(), 1000).replace(/(?<![.?])$/, '.');
  return `${sentence.charAt(0).toUpperCase()}${sentence.slice(1)} See "${pathOf(command)} --help".`;
}

function pathOf(command: Command): string {
  return command.parent === null ? command.name() : `${command.parent.name()} ${command.name()}`;
}

/** The shared options are described once, on the page of `cm-tui` itself. */
const sharedNote = `Options for every command:\n  ${[...shared].join(' ')}\n  (see "cm-tui --help")`;

type Item = readonly [term: string, description: string];

function formatHelp(command: Command, help: Help): string {
  const page = helpPages[command.parent === null ? '' : command.name()];
  const [own, forAll] = [false, true].map(all =>
    help
      .visibleOptions(command)
      .filter(option => shared.has(option.long) === all)
      .map((option): Item => [help.optionTerm(option), help.optionDescription(option)]),
  );
  const examples = page?.examples.map(([line, does]): Item => [`cm-tui ${line}`.trim(), does]);
  const sections = [
    `Usage: ${help.commandUsage(command)}`,
    help.boxWrap(page?.about ?? `${command.description()}.`, width),
    ...commandLists(command, help),
    list('Arguments:', argumentsOf(command, page), help),
    list('Options:', own, help),
    command.parent === null ? list('Options for every command:', forAll, help) : sharedNote,
    list('Exit codes:', Object.entries(page?.exits ?? {}), help, 3),
    pairs('Examples:', examples),
    pairs('Files:', page?.files),
  ];
  return `${sections.filter(section => section !== '').join('\n\n')}\n`;
}

function commandLists(command: Command, help: Help): readonly string[] {
  const commands = help.visibleCommands(command);
  const groupOf = (one: Command) => helpPages[one.name()]?.group ?? helpGroups.setUp;
  return Object.values(helpGroups).map(group => {
    const items = commands.filter(one => groupOf(one) === group).map((one): Item => [termOf(one), one.description()]);
    return list(group, items, help);
  });
}

function termOf(command: Command): string {
  const names = command.registeredArguments.map(one => (one.required ? `<${one.name()}>` : `[${one.name()}]`));
  return [command.name(), ...names].join(' ');
}

function argumentsOf(command: Command, page: HelpPage | undefined): readonly Item[] {
  return command.registeredArguments.map(one => {
    const choices = one.argChoices === undefined ? '' : ` (${one.argChoices.join(', ')})`;
    const standard = one.defaultValue === undefined ? '' : ` (default: ${String(one.defaultValue)})`;
    return [one.name(), `${page?.arguments?.[one.name()] ?? one.description}${choices}${standard}`.trim()];
  });
}

/** Terms in a column of their own, the same width on most pages. */
function list(heading: string, items: readonly Item[] = [], help: Help, least = narrowest): string {
  if (items.length === 0) return '';
  const column = Math.max(least, ...items.map(([term]) => term.length));
  return [heading, ...items.map(([term, description]) => help.formatItem(term, column, description, help))].join('\n');
}

/** Pairs on separate lines: command lines and paths are too long for a column. */
function pairs(heading: string, items: readonly Item[] = []): string {
  return items.length === 0
    ? ''
    : [heading, ...items.map(([term, description]) => `  ${term}\n      ${description}`)].join('\n');
}
