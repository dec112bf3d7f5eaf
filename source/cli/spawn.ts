import type { CommandAnswer } from '../coordinator/messages.ts';
import { ParallelExecutionCoordinator } from '../coordinator/parallel-execution-coordinator.ts';
import { adHocItem } from '../domain/ad-hoc.ts';
import { CmError, type ExitCode } from '../domain/errors.ts';
import { writeLine } from './output.ts';
import type { GlobalOptions } from './program.ts';
import { type Session, withSession } from './session.ts';

/** `cm-tui spawn --priority ID`: returns when the agent runs; it goes on by itself. */
export function spawn(options: GlobalOptions & { readonly priority: string }): Promise<ExitCode> {
  return start(options, coordinator => coordinator.spawnParallelInstance(options.priority, options.agent));
}

/** `cm-tui run "PROMPT"`: an ad-hoc item, spawned at once. */
export function run(prompt: string, options: GlobalOptions & { readonly files?: string }): Promise<ExitCode> {
  if (prompt.trim() === '') throw new CmError('The prompt is empty; say what the agent should do.', 2);
  const files = (options.files ?? '')
    .split(',')
    .map(file => file.trim())
    .filter(file => file !== '');
  const item = adHocItem({ title: '', prompt, files, number: 1 });
  return start(options, (_, session) => session.send({ type: 'run', item, ...agentOf(options) }));
}

function start(
  options: GlobalOptions,
  ask: (coordinator: ParallelExecutionCoordinator, session: Session) => Promise<CommandAnswer>,
): Promise<ExitCode> {
  return withSession<ExitCode>(options, async session => {
    const answer = await ask(new ParallelExecutionCoordinator(session), session);
    if (!answer.ok) throw new CmError(answer.message);
    const [instance] = await session.until(answer.runIds, ({ state }) => state !== 'pending' && state !== 'preparing');
    if (instance === undefined) {
      writeLine(answer.message);
      return 0;
    }
    if (instance.state === 'failed')
      throw new CmError(`${instance.key} could not be started: ${instance.reason ?? 'no reason known'}.`);
    writeLine(
      `${instance.key} runs in ${instance.worktreePath} on ${instance.branchName} (pid ${instance.process?.pid ?? 'unknown'}).`,
    );
    return 0;
  });
}

function agentOf(options: GlobalOptions): { readonly agent?: string } {
  return options.agent === undefined ? {} : { agent: options.agent };
}
