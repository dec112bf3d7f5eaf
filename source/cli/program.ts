import { Argument, Command, Option } from 'commander';
import type { ExitCode } from '../domain/errors.ts';
import { agentCommands } from './agent-commands.ts';
import { branchCommands } from './branch-commands.ts';
import { fleetCommands } from './fleet-commands.ts';
import { configureHelp } from './help-pages/help.ts';
import { onlyLooks } from './only-looks.ts';
import type { StartOptions } from './options.ts';
import { globals, startOptions } from './shared-options.ts';

/** The command line (docs/contract.md). Each action loads its own file, so that a command starts only what it needs. */
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
    .helpCommand('help [command]', 'show help for a command')
    .hook('preAction', async (_, own) => {
      if (!onlyLooks(own)) await (await import('./session/require-person.ts')).requirePerson(own.optsWithGlobals());
    });

  const command = (name: string, description: string) =>
    globals(program.command(name).description(description).exitOverride());
  startOptions(globals(program)).action(
    act(async (options: StartOptions) => (await import('./commands/work/start.ts')).startCommand(options)),
  );
  startOptions(command('start', 'open the full screen (the default), or run without one with --headless')).action(
    act(async (_options: StartOptions, own: Command) =>
      (await import('./commands/work/start.ts')).startCommand(own.optsWithGlobals()),
    ),
  );
  command('status', 'show runs, merge queue and machine')
    .option('--json', 'as one JSON document')
    .action(
      act(async (_: unknown, own: Command) =>
        (await import('./commands/inspect/status.ts')).statusCommand(own.optsWithGlobals()),
      ),
    );
  command('plan', 'show what may run now, and why the rest may not')
    .option('--json', 'as one JSON document')
    .action(
      act(async (_: unknown, own: Command) =>
        (await import('./commands/inspect/plan.ts')).planCommand(own.optsWithGlobals()),
      ),
    );
  command('roadmap', 'list the items of the ROADMAP and its problems, by line')
    .option('--json', 'as one JSON document')
    .action(
      act(async (_: unknown, own: Command) =>
        (await import('./commands/inspect/roadmap.ts')).roadmapCommand(own.optsWithGlobals()),
      ),
    );
  command('timeline', 'show the runs as bars over time, what waited for what, and the speed-up')
    .option('--svg <file>', 'write it as SVG for a report (- for stdout)')
    .option('--json', 'as one JSON document')
    .option('--all', 'all runs, not only those since the last long pause')
    .action(
      act(async (_: unknown, own: Command) =>
        (await import('./commands/report/timeline.ts')).timelineCommand(own.optsWithGlobals()),
      ),
    );
  command('report', 'show hours, cost, landed work and rework per agent and item')
    .option('--since <date>', 'a date, today, yesterday, or so long ago: 12h, 7d (default: 24h)')
    .option('--json', 'as one JSON document')
    .option('--svg <file>', 'as a picture (- for stdout)')
    .option('--html <file>', 'as one self-contained page (- for stdout)')
    .action(
      act(async (_: unknown, own: Command) =>
        (await import('./commands/report/report.ts')).reportCommand(own.optsWithGlobals()),
      ),
    );
  command('events', 'show everything that has happened, with its time and item')
    .argument('[id]', 'only this item: an id, a slug, a branch or a run id')
    .option('-f, --follow', 'continue with what happens from now on')
    .option('--json', 'one JSON object per line')
    .action(
      act(async (id: string | undefined, _: unknown, own: Command) =>
        (await import('./commands/inspect/events.ts')).eventsCommand(id, own.optsWithGlobals()),
      ),
    );
  command('spawn', 'start an agent on an item in its own worktree')
    .alias('spawn-parallel')
    .argument('[id]', 'the item: its id, an alias, id@line, or one of its runs')
    .option('--priority <id>', 'the same, as an option')
    .option('--stack', 'start it on the branch of the item it depends on, which has not landed')
    .option('--anyway', 'start it even if CPU, memory or maxParallel leave no room')
    .action(
      act(async (id: string | undefined, _: unknown, own: Command) =>
        (await import('./commands/work/spawn.ts')).spawnCommand(id, own.optsWithGlobals()),
      ),
    );
  command('retry', 'run an item again: a fresh attempt, or a rebuild of what could not land')
    .argument('<id>')
    .option('--anyway', 'start it even if CPU, memory or maxParallel leave no room')
    .action(
      act(async (id: string, _: unknown, own: Command) =>
        (await import('./commands/work/retry.ts')).retryCommand(id, own.optsWithGlobals()),
      ),
    );
  command('run', 'create an ad-hoc item from a prompt and start an agent on it')
    .argument('<prompt>', 'what the agent should do; - reads it from stdin')
    .option('--files <globs>', 'the paths it may change, separated by commas')
    .option('--anyway', 'start it even if CPU, memory or maxParallel leave no room')
    .action(
      act(async (prompt: string, _: unknown, own: Command) =>
        (await import('./commands/work/spawn.ts')).runCommand(prompt, own.optsWithGlobals()),
      ),
    );
  command('edit', 'change an ad-hoc item before it starts')
    .argument('<id>', 'the ad-hoc item')
    .argument('[prompt]', 'what the agent should do; - reads it from stdin')
    .option('--title <text>', 'its title (default: the first line of the prompt)')
    .option('--files <globs>', 'the paths it may change, separated by commas')
    .action(
      act(async (id: string, prompt: string | undefined, _: unknown, own: Command) =>
        (await import('./commands/work/edit.ts')).editCommand(id, prompt, own.optsWithGlobals()),
      ),
    );
  command('scope', 'suggest files and dependencies for items of unknown scope')
    .argument('[ids...]', 'the items; without any, every planned one of unknown scope')
    .option('--json', 'as one JSON document; changes nothing without --yes')
    .option('--yes', 'do not ask; set what is suggested')
    .action(
      act(async (ids: readonly string[], _: unknown, own: Command) =>
        (await import('./commands/work/scope.ts')).scopeCommand(ids, own.optsWithGlobals()),
      ),
    );
  command('cancel', "stop a run's whole process tree; its work so far is kept")
    .argument('<id>')
    .action(
      act(async (id: string, _: unknown, own: Command) =>
        (await import('./commands/land/act.ts')).cancelCommand(id, own.optsWithGlobals()),
      ),
    );
  command('pause', 'pause or resume new spawns; running agents continue')
    .addArgument(new Argument('[state]').choices(['on', 'off']).default('on'))
    .action(
      act(async (state: 'on' | 'off', _: unknown, own: Command) =>
        (await import('./commands/land/act.ts')).pauseCommand(state === 'on', own.optsWithGlobals()),
      ),
    );
  command('logs', 'print the log of a run')
    .argument('<id>')
    .option('-f, --follow', 'follow the log as it grows')
    .option('--raw', 'the raw bytes, including escape codes and secrets')
    .action(
      act(async (id: string, _: unknown, own: Command) =>
        (await import('./commands/inspect/logs.ts')).logsCommand(id, own.optsWithGlobals()),
      ),
    );
  agentCommands(command, act);
  command('diff', "print what a run's branch changes")
    .argument('<id>')
    .action(
      act(async (id: string, _: unknown, own: Command) =>
        (await import('./commands/inspect/diff.ts')).diffCommand(id, own.optsWithGlobals()),
      ),
    );
  command('review', 'print what the review page shows of a branch: facts, checks and diff')
    .argument('<id>')
    .option('--json', 'as one JSON document')
    .action(
      act(async (id: string, _: unknown, own: Command) =>
        (await import('./commands/inspect/review.ts')).reviewCommand(id, own.optsWithGlobals()),
      ),
    );
  command('merge', 'approve a finished branch and land it')
    .argument('[id]')
    .option('--all-clean', 'every branch that is clean, without violations and without warnings')
    .option('--accept', 'accept its violations (scope, ownership, …) this once')
    .option('--to-branch <name>', 'put what would land on a new branch instead, e.g. for a pull request')
    .action(
      act(async (id: string | undefined, _: unknown, own: Command) =>
        (await import('./commands/land/act.ts')).mergeCommand(id, own.optsWithGlobals()),
      ),
    );
  command(
    'discard',
    'remove the worktrees and branches of runs, whatever they hold; what they hold stays pinned for 30 days',
  )
    .argument('<ids...>')
    .option('--yes', 'do not ask')
    .action(
      act(async (ids: readonly string[], _: unknown, own: Command) =>
        (await import('./commands/land/discard.ts')).discardCommand(ids, own.optsWithGlobals()),
      ),
    );
  command('restore', 'bring back a discarded run')
    .argument('<id>')
    .action(
      act(async (id: string, _: unknown, own: Command) =>
        (await import('./commands/land/discard.ts')).restoreCommand(id, own.optsWithGlobals()),
      ),
    );
  command('undo', 'undo the last landing, or that of an item')
    .argument('[id]')
    .action(
      act(async (id: string | undefined, _: unknown, own: Command) =>
        (await import('./commands/land/undo.ts')).undoCommand(id, own.optsWithGlobals()),
      ),
    );
  branchCommands(command, act);
  command('queue', 'list the merge queue, or change its order')
    .argument('[action]', 'jump, hold, release, requeue or reject (each with an ID), or resume paused landing')
    .argument('[id]')
    .addOption(new Option('--class <class>', 'requeue into this class').choices(['urgent', 'normal', 'low']))
    .option('--json', 'the list as one JSON document')
    .action(
      act(async (action: string | undefined, id: string | undefined, _: unknown, own: Command) =>
        (await import('./commands/land/queue.ts')).queueCommand(action, id, own.optsWithGlobals()),
      ),
    );
  command('clean', 'remove worktrees and branches of landed work')
    .option('--dry-run', 'only list what would be removed and lost')
    .option('--yes', 'do not ask; keep what would lose untracked or ignored files')
    .action(
      act(async (_: unknown, own: Command) =>
        (await import('./commands/land/clean.ts')).cleanCommand(own.optsWithGlobals()),
      ),
    );
  command('import', 'add the items of any readable list to the ROADMAP, once')
    .argument('<file>', 'the list')
    .option('--yes', 'do not ask')
    .action(
      act(async (file: string, _: unknown, own: Command) =>
        (await import('./commands/setup/import.ts')).importCommand(file, own.optsWithGlobals()),
      ),
    );
  command('init', 'look for agents and write a first configuration').action(
    act(async (_: unknown, own: Command) =>
      (await import('./commands/setup/init.ts')).initCommand(own.optsWithGlobals()),
    ),
  );
  command('doctor', 'check git, agents, settings and journal')
    .option('--json', 'as one JSON document')
    .option('--recover', 'rebuild a damaged journal from run folders, worktrees and branches (asks first)')
    .option('--yes', 'with --recover: do not ask')
    .action(
      act(async (own: { readonly recover?: boolean }, all: Command) =>
        own.recover === true
          ? (await import('./session/journal/recovery.ts')).recoverCommand(all.optsWithGlobals())
          : (await import('./commands/setup/doctor.ts')).doctorCommand(all.optsWithGlobals()),
      ),
    );
  command('demo', 'create a sample repository and run the demo agent on it')
    .option('--keep', 'keep the repository afterwards')
    .option('--headless', 'without a screen')
    .option('--fleet', 'with agents on three workers, as if on other machines; needs Redis')
    .action(
      act(async (_: unknown, own: Command) =>
        (await import('./commands/setup/demo.ts')).demoCommand(own.optsWithGlobals()),
      ),
    );
  command('config', 'read and change settings')
    .argument(
      '<action>',
      'get, set, unset, edit, path, diff (what others changed in settings files), or trust (accept that, or what a tracked file would start)',
    )
    .argument('[key]')
    .argument('[value]')
    .option('--user', "your settings for all repositories instead of the repository's")
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
  fleetCommands(command, act);
  configureHelp(program);
  return { program, result };
}
