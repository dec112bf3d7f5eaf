import { Argument, type Command } from 'commander';
import type { ExitCode } from '../domain/errors.ts';

type Act = <T extends unknown[]>(run: (...args: T) => Promise<ExitCode>) => (...args: T) => Promise<void>;

/** The commands by which a person speaks with agents. */
export function agentCommands(command: (name: string, description: string) => Command, act: Act): void {
  command('race', 'start several agents on one item, side by side; at most one of them lands')
    .argument('<id>', 'the item')
    .option('--agents <names>', 'one for each run, such as claude,codex (default: those that the item names)')
    .option('--anyway', 'start them even if CPU, memory or maxParallel leave no room')
    .action(
      act(async (id: string, _: unknown, own: Command) =>
        (await import('./commands/work/race.ts')).raceCommand(id, own.optsWithGlobals()),
      ),
    );
  command('asks', 'list what running agents ask permission for')
    .option('--json', 'as one JSON document')
    .action(
      act(async (_: unknown, own: Command) =>
        (await import('./commands/work/asks.ts')).asksCommand(own.optsWithGlobals()),
      ),
    );
  command('answer', 'answer the question of a running agent')
    .argument('<id>')
    .addArgument(new Argument('<answer>').choices(['allow', 'deny']))
    .option('--always', 'write a rule into the settings, so that it is not asked again')
    .option('--ask <number>', 'which question, as "cm-tui asks" lists it (default: the oldest)')
    .action(
      act(async (id: string, word: string, _: unknown, own: Command) =>
        (await import('./commands/work/asks.ts')).answerCommand(id, word, own.optsWithGlobals()),
      ),
    );
  command('attach', 'take over the terminal of an interactive agent, or send an agent a message')
    .argument('<id>')
    .option('--message <text>', 'what the agent should do next, while it works or after it has ended')
    .option('--now', 'interrupt an agent at work with the message instead of waiting for the end of its turn')
    .option('--anyway', 'start it even if CPU, memory or maxParallel leave no room')
    .action(
      act(async (id: string, _: unknown, own: Command) =>
        (await import('./commands/work/attach.ts')).attachCommand(id, own.optsWithGlobals()),
      ),
    );
}
