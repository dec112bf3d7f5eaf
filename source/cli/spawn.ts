import type { Command } from '../coordinator/messages.ts';
import { adHocItem } from '../domain/ad-hoc.ts';
import { CmError, type ExitCode } from '../domain/errors.ts';
import { writeLine } from './output.ts';
import type { GlobalOptions } from './program.ts';
import { withSession } from './session.ts';

/** `cm-tui spawn --priority ID`: returns when the agent runs; it goes on by itself. */
export function spawn(options: GlobalOptions & { readonly priority: string }): Promise<ExitCode> {
  return start(options, { type: 'spawn', id: options.priority, ...agentOf(options) });
}

/** `cm-tui run "PROMPT"`: an ad-hoc item, spawned at once. */
export function run(prompt: string, options: GlobalOptions & { readonly files?: string }): Promise<ExitCode> {
  if (prompt.trim() === '') throw new CmError('The prompt is empty; say what the agent should do.', 2);
  const files = (options.files ?? '')
    .split(',')
    .map(file => file.trim())
    .filter(file => file !== '');
  return start(options, { type: 'run', item: adHocItem({ title: '', prompt, files, number: 1 }), ...agentOf(options) });
}

function start(options: GlobalOptions, command: Command): Promise<ExitCode> {
  return withSession<ExitCode>(options, async session => {
    const answer = await session.send(command);
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
