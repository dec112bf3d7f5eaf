import { type Command, InvalidArgumentError, Option } from 'commander';
import { defaultSettings } from '../domain/settings.ts';

/** The options of every command. */
export function globals(command: Command): Command {
  return command
    .option('--repo <dir>', 'a folder in the repository (default: the current folder)')
    .option('--target <branch>', 'the branch that work lands on (default: the branch that is checked out)')
    .option('--agent <name>', `the agent for new runs (default: ${defaultSettings.agent})`)
    .option('--roadmap <file>', 'the ROADMAP file (default: the first of docs/roadmap/, docs/ and the root)')
    .option('--ownership <file>', 'the ownership table (default: docs/AGENT_OWNERSHIP.md)')
    .option('--max-parallel <n>', `runs at once, 1 to 64 (default: ${defaultSettings.maxParallel})`, positive);
}

/** The options of `cm-tui` and `cm-tui start`. */
export function startOptions(command: Command): Command {
  return command
    .option('--auto', 'start with the work loop on')
    .option('--headless', 'no screen: one JSON event per line on stdout, work loop on')
    .addOption(
      new Option(
        '--approve <what>',
        'approve nothing (the default), or every branch that is clean, green and without violations or warnings',
      ).choices(['none', 'clean']),
    )
    .option('--group <name>', 'start only items of this group (an epic, a phase, a milestone), with the work loop on')
    .option('--exit-when-idle', 'exit when nothing is running, waiting or ready (headless)');
}

function positive(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > 64)
    throw new InvalidArgumentError('Use a whole number from 1 to 64.');
  return value;
}
