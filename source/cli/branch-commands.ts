import type { Command } from 'commander';
import type { ExitCode } from '../domain/errors.ts';

/** Wraps an action, so that its exit code becomes that of the program. */
type Act = <T extends unknown[]>(run: (...args: T) => Promise<ExitCode>) => (...args: T) => Promise<void>;

/** The commands that move a run's branch, or put it on the forge. */
export function branchCommands(command: (name: string, description: string) => Command, act: Act): void {
  for (const [name, about] of [
    ['replay', "put a run's own commits onto the target"],
    ['update', "bring a run's branch up to date with the target"],
  ] as const)
    command(name, about)
      .argument('<id>')
      .option('--json', 'as one JSON document')
      .action(
        act(async (id: string, _: unknown, own: Command) =>
          (await import('./commands/land/replay.ts')).replayCommand(id, name, own.optsWithGlobals()),
        ),
      );
  command('commit', 'commit what a run left uncommitted, on its branch')
    .argument('<id>')
    .action(
      act(async (id: string, _: unknown, own: Command) =>
        (await import('./commands/land/commit-left.ts')).commitLeftCommand(id, own.optsWithGlobals()),
      ),
    );
  command('retarget', 'land waiting work on another branch')
    .argument('[id]')
    .argument('[branch]')
    .option('--json', 'as one JSON document')
    .action(
      act(async (first: string | undefined, second: string | undefined, _: unknown, own: Command) =>
        (await import('./commands/land/retarget.ts')).retargetCommand(first, second, own.optsWithGlobals()),
      ),
    );
  command('pr', 'open the pull request of a run, or list all of them')
    .argument('[id]')
    .option('--json', 'as one JSON document')
    .action(
      act(async (id: string | undefined, _: unknown, own: Command) =>
        (await import('./commands/land/pr.ts')).prCommand(id, own.optsWithGlobals()),
      ),
    );
}
