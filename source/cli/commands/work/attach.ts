import { attachTerminal } from '../../../adapters/processes/terminal.ts';
import { AgentRegistry } from '../../../agents/registry.ts';
import { CmError, type ExitCode } from '../../../domain/errors.ts';
import { isAlive } from '../../../domain/instance.ts';
import type { GlobalOptions } from '../../options.ts';
import { writeLine } from '../../output/output.ts';
import { askText, canAsk } from '../../output/prompt.ts';
import { isInteractive, resumeRun, sayWhat, whyNoTerminal } from '../../screen/resume-agent.ts';
import { openContext } from '../../session/context.ts';
import { findRun } from '../../session/read-instances.ts';
import { withSession } from '../../session/session.ts';

interface AttachOptions extends GlobalOptions {
  readonly message?: string;
}

/**
 * `cm-tui attach ID [--message TEXT]`: takes over the terminal of an interactive agent that is at work; a run that has ended goes on
 * with the message, in its own worktree.
 */
export async function attachCommand(id: string, options: AttachOptions): Promise<ExitCode> {
  const context = await openContext(options);
  const registry = new AgentRegistry(context.settings);
  const found = await findRun(context, id);
  const obstacle = whyNoTerminal(registry, found);
  if (obstacle !== null) throw new CmError(obstacle, 3);
  if (isAlive(found.state)) {
    if (options.message !== undefined)
      throw new CmError(`${found.key} is at work in a terminal: attach without --message and type it there.`, 2);
  } else {
    if (options.message === undefined && !canAsk()) throw new CmError(sayWhat(found), 3);
    const message =
      options.message ?? (await askText(`What should ${found.key} do next? (Enter alone: mend what went wrong) `));
    const running = await withSession(options, session => resumeRun(session, found, message));
    writeLine(`${running.key} goes on in ${running.worktreePath} (pid ${running.process?.pid ?? 'unknown'}).`);
  }
  if (!isInteractive(registry, found) || (options.message !== undefined && !canAsk())) return 0;
  if (!canAsk()) throw new CmError('This is no terminal, so there is nothing to attach it to.', 3);
  const problem = await attachTerminal(context.stateDir, found);
  if (problem !== null) throw new CmError(problem);
  return 0;
}
