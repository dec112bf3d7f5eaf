import type { Command } from 'commander';
import type { ExitCode } from '../domain/errors.ts';

type Act = <T extends unknown[]>(run: (...args: T) => Promise<ExitCode>) => (...args: T) => Promise<void>;

/** The commands for agents on other machines. */
export function fleetCommands(command: (name: string, description: string) => Command, act: Act): void {
  command('fleet', 'list the machines that agents run on, or set them up')
    .argument('[action]', 'init, or accept, drain, resume or forget (each with a WORKER)')
    .argument('[worker]', 'name of the worker, as "cm-tui fleet" lists it')
    .option('--engine <url>', 'with init: redis://, rediss:// or postgres:// (default: redis://127.0.0.1:6379)')
    .option('--depot <dir>', 'with init: the folder of the depot (default: in the git folder)')
    .option('--yes', 'with accept: do not ask')
    .option('--json', 'the list as one JSON document')
    .action(
      act(async (action: string | undefined, worker: string | undefined, _: unknown, own: Command) =>
        (await import('./commands/fleet/fleet.ts')).fleetCommand(action, worker, own.optsWithGlobals()),
      ),
    );
  command('worker', 'run agents on this machine for a coordinator on another one')
    .option('--join <url>', 'the line that "cm-tui fleet init" printed')
    .option('--name <name>', 'its name (default: that of the machine)')
    .option('--pools <names>', 'pools it serves, separated by commas (default: default)')
    .option('--slots <n>', 'runs at once (default: 2)')
    .option('--dir <dir>', 'its folder (default: cm-tui-worker in the state folder)')
    .option('--check', 'only look whether it could work here: engine, depot, agents, whom it obeys')
    .option('--insecure', 'speak with an engine on another machine without TLS')
    .action(
      act(async (_: unknown, own: Command) =>
        (await import('./commands/fleet/worker.ts')).workerCommand(own.optsWithGlobals()),
      ),
    );
}
