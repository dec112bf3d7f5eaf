import { Argument, Command, InvalidArgumentError, Option } from 'commander';
import type { ExitCode } from '../domain/errors.ts';
import { defaultSettings } from '../domain/settings.ts';
import { configureHelp } from './help-pages/help.ts';
import type { StartOptions } from './options.ts';

/** The command line of the contract, §8. Each action loads its own file, so that a command starts only what it needs. */
export function buildProgram(): { readonly program: Command; readonly result: { exitCode: ExitCode } } {
  const result: { exitCode: ExitCode } = { exitCode: 0 };
  const program = new Command('cm-tui');
  const act =
    <T extends unknown[]>(run: (...args: T) => Promise<ExitCode>) =>
    async (...args: T): Promise<void> => {
      result.exitCode = await run(...args);
    };
  program
    .description(
      'Runs several coding agents at once over one git repository, each in its own worktree, and lands their work.',
    )
    .version(process.env.CM_TUI_VERSION ?? 'development')
    .exitOverride()
    .showSuggestionAfterError()
    .helpCommand('help [command]', 'what a command does')
    .hook('preAction', async (_, own) => {
      if (!onlyLooks(own)) await (await import('./session/require-person.ts')).requirePerson(own.optsWithGlobals());
    });

  const command = (name: string, description: string) =>
    globals(program.command(name).description(description).exitOverride());

  startOptions(globals(program)).action(
    act(async (options: StartOptions) => (await import('./commands/work/start.ts')).startCommand(options)),
  );
  startOptions(
    command('start', 'the full screen, or --headless without one (this is what cm-tui does without a command)'),
  ).action(
    act(async (_options: StartOptions, own: Command) =>
      (await import('./commands/work/start.ts')).startCommand(own.optsWithGlobals()),
    ),
  );
  command('status', 'instances, merge queue and machine')
    .option('--json', 'as one JSON document')
    .action(
      act(async (_: unknown, own: Command) =>
        (await import('./commands/inspect/status.ts')).statusCommand(own.optsWithGlobals()),
      ),
    );
  command('plan', 'what may run now, and why the rest may not')
    .option('--json', 'as one JSON document')
    .action(
      act(async (_: unknown, own: Command) =>
        (await import('./commands/inspect/plan.ts')).planCommand(own.optsWithGlobals()),
      ),
    );
  command('roadmap', 'the items of the ROADMAP and its problems, by line')
    .option('--json', 'as one JSON document')
    .action(
      act(async (_: unknown, own: Command) =>
        (await import('./commands/inspect/roadmap.ts')).roadmapCommand(own.optsWithGlobals()),
      ),
    );
  command('timeline', 'the runs as bars over time, what waited for what, and the speed-up')
    .option('--svg <file>', 'draw it as an SVG for a report (- for stdout)')
    .option('--json', 'as one JSON document')
    .option('--all', 'all runs, not only those since the last long pause')
    .action(
      act(async (_: unknown, own: Command) =>
        (await import('./commands/inspect/timeline.ts')).timelineCommand(own.optsWithGlobals()),
      ),
    );
  command('spawn', "start an item's agent in a worktree of its own")
    .alias('spawn-parallel')
    .requiredOption('--priority <id>', 'the item: its id, an alias, or id@line')
    .action(
      act(async (_: unknown, own: Command) =>
        (await import('./commands/work/spawn.ts')).spawnCommand(own.optsWithGlobals()),
      ),
    );
  command('run', 'make an item of its own from a prompt and start its agent')
    .argument('<prompt>', 'what the agent is asked to do')
    .option('--files <globs>', 'the paths it may touch, separated by commas')
    .action(
      act(async (prompt: string, _: unknown, own: Command) =>
        (await import('./commands/work/spawn.ts')).runCommand(prompt, own.optsWithGlobals()),
      ),
    );
  command('cancel', "end an instance's whole process tree; its work so far is kept")
    .argument('<id>')
    .action(
      act(async (id: string, _: unknown, own: Command) =>
        (await import('./commands/land/act.ts')).cancelCommand(id, own.optsWithGlobals()),
      ),
    );
  command('pause', 'start nothing new, or go on; agents at work are left alone')
    .addArgument(new Argument('[state]').choices(['on', 'off']).default('on'))
    .action(
      act(async (state: 'on' | 'off', _: unknown, own: Command) =>
        (await import('./commands/land/act.ts')).pauseCommand(state === 'on', own.optsWithGlobals()),
      ),
    );
  command('logs', "print an instance's log")
    .argument('<id>')
    .option('-f, --follow', 'go on printing as it grows')
    .option('--raw', 'the bytes as the agent wrote them, escape codes and secrets included')
    .action(
      act(async (id: string, _: unknown, own: Command) =>
        (await import('./commands/inspect/logs.ts')).logsCommand(id, own.optsWithGlobals()),
      ),
    );
  command('attach', 'take over the terminal of an interactive agent, or let one that has ended go on')
    .argument('<id>')
    .option('--message <text>', 'what an agent that has ended should do next, in its own worktree and session')
    .action(
      act(async (id: string, _: unknown, own: Command) =>
        (await import('./commands/work/attach.ts')).attachCommand(id, own.optsWithGlobals()),
      ),
    );
  command('diff', "print what an instance's branch changes")
    .argument('<id>')
    .action(
      act(async (id: string, _: unknown, own: Command) =>
        (await import('./commands/inspect/diff.ts')).diffCommand(id, own.optsWithGlobals()),
      ),
    );
  command('merge', 'approve a finished branch and land it')
    .argument('[id]')
    .option('--all-clean', 'every branch that is clean, in scope and owned')
    .option('--accept', 'accept its breaches of scope, ownership and the like this once')
    .option('--to-branch <name>', 'put what would land on a new branch, e.g. for a pull request, and land nothing')
    .action(
      act(async (id: string | undefined, _: unknown, own: Command) =>
        (await import('./commands/land/act.ts')).mergeCommand(id, own.optsWithGlobals()),
      ),
    );
  command('undo', 'take the last landing back, or that of an item')
    .argument('[id]')
    .action(
      act(async (id: string | undefined, _: unknown, own: Command) =>
        (await import('./commands/land/undo.ts')).undoCommand(id, own.optsWithGlobals()),
      ),
    );
  command('queue', 'the merge queue: list it, or change its order')
    .argument('[action]', 'jump, hold, release, requeue, reject (each with an ID), or resume after landing was paused')
    .argument('[id]')
    .addOption(new Option('--class <class>', 'requeue into this class').choices(['urgent', 'normal', 'low']))
    .option('--json', 'the list as one JSON document')
    .action(
      act(async (action: string | undefined, id: string | undefined, _: unknown, own: Command) =>
        (await import('./commands/land/queue.ts')).queueCommand(action, id, own.optsWithGlobals()),
      ),
    );
  command('clean', 'remove worktrees and branches of what has landed')
    .option('--dry-run', 'only list what would go and what would be lost')
    .option('--yes', 'do not ask; what would lose untracked or ignored files is kept')
    .action(
      act(async (_: unknown, own: Command) =>
        (await import('./commands/land/clean.ts')).cleanCommand(own.optsWithGlobals()),
      ),
    );
  command('init', 'look for agents and write a first configuration').action(
    act(async (_: unknown, own: Command) =>
      (await import('./commands/setup/init.ts')).initCommand(own.optsWithGlobals()),
    ),
  );
  command('doctor', 'say what is there and what is missing')
    .option('--json', 'as one JSON document')
    .option('--recover', 'rebuild a damaged journal from run folders, worktrees and branches, after asking')
    .option('--yes', 'with --recover: do not ask')
    .action(
      act(async (own: { readonly recover?: boolean }, all: Command) =>
        own.recover === true
          ? (await import('./session/recovery.ts')).recoverCommand(all.optsWithGlobals())
          : (await import('./commands/setup/doctor.ts')).doctorCommand(all.optsWithGlobals()),
      ),
    );
  command('demo', 'make a sample repository and run the demo agent on it')
    .option('--keep', 'keep the repository afterwards')
    .option('--headless', 'without a screen')
    .action(
      act(async (_: unknown, own: Command) =>
        (await import('./commands/setup/demo.ts')).demoCommand(own.optsWithGlobals()),
      ),
    );
  command('config', 'read and change settings')
    .argument('<action>', 'get, set, unset, edit, path, or trust (accept what a tracked file wants to start)')
    .argument('[key]')
    .argument('[value]')
    .option('--user', "the user's settings instead of the repository's")
    .action(
      act(async (action: string, key: string | undefined, value: string | undefined, _: unknown, own: Command) =>
        (await import('./commands/setup/config.ts')).config(action, key, value, own.optsWithGlobals()),
      ),
    );
  command('completion', 'print a script that completes commands, options and ids in your shell')
    .addArgument(new Argument('<shell>').choices(['bash', 'zsh', 'fish']))
    .action(
      act(async (shell: 'bash' | 'zsh' | 'fish') =>
        (await import('./commands/setup/completion.ts')).completion(shell, program),
      ),
    );
  globals(program.command('ids', { hidden: true }))
    .argument('<kind>')
    .action(
      act(async (kind: string, _: unknown, own: Command) =>
        (await import('./completion/ids.ts')).printIds(kind, own.optsWithGlobals()),
      ),
    );
  configureHelp(program);
  return { program, result };
}

const looks: ReadonlySet<string> = new Set('status plan roadmap timeline logs diff completion ids'.split(' '));

/** Agents may use what only looks; whatever is not known to do so is for people alone. A start asks by itself. */
function onlyLooks(command: Command): boolean {
  const [action] = command.args;
  const { recover, dryRun }: { readonly recover?: boolean; readonly dryRun?: boolean } = command.opts();
  switch (command.name()) {
    case 'cm-tui':
    case 'start':
      return true;
    case 'doctor':
      return recover !== true;
    case 'clean':
      return dryRun === true;
    case 'queue':
      return action === undefined;
    case 'config':
      return action === 'get' || action === 'path';
    default:
      return looks.has(command.name());
  }
}

function globals(command: Command): Command {
  return command
    .option('--repo <dir>', 'a folder in the repository (default: the current one)')
    .option('--target <branch>', 'the branch that finished work lands on (default: the one that is checked out)')
    .option('--agent <name>', `the agent program for new instances (default: ${defaultSettings.agent})`)
    .option('--roadmap <file>', 'the ROADMAP file (default: the first of docs/roadmap/, docs/ and the root)')
    .option('--ownership <file>', 'the ownership table (default: docs/AGENT_OWNERSHIP.md)')
    .option('--max-parallel <n>', `instances at once, 1 to 64 (default: ${defaultSettings.maxParallel})`, positive);
}

function startOptions(command: Command): Command {
  return command
    .option('--auto', 'begin with the work loop on')
    .option('--headless', 'no screen: one JSON event per line on stdout, work loop on')
    .addOption(
      new Option(
        '--approve <what>',
        'approve nothing (the default), or every branch that is clean, in scope and green',
      ).choices(['none', 'clean']),
    )
    .option('--exit-when-idle', 'leave when nothing runs, waits or is ready (headless)');
}

function positive(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > 64)
    throw new InvalidArgumentError('It must be a whole number from 1 to 64.');
  return value;
}
