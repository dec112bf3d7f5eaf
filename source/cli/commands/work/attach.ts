import { attachTerminal } from '../../../adapters/processes/terminal.ts';
import { AgentRegistry } from '../../../agents/registry.ts';
import { CmError, type ExitCode } from '../../../domain/errors.ts';
import { type Instance, isAlive } from '../../../domain/instance.ts';
import type { GlobalOptions } from '../../options.ts';
import { writeLine } from '../../output/output.ts';
import { askText, askYes, canAsk } from '../../output/prompt.ts';
import { isInteractive, resumeHint, resumeRun, whyNoTerminal } from '../../screen/resume-agent.ts';
import { openContext } from '../../session/context.ts';
import { findRun } from '../../session/read-instances.ts';
import { withSession } from '../../session/session.ts';

/** A message that has not arrived by then will not. */
const saidMs = 6000;

interface AttachOptions extends GlobalOptions {
  readonly message?: string;
  readonly anyway?: boolean;
  readonly now?: boolean;
}

/**
 * `cm-tui attach ID [--message TEXT]`: takes over the terminal of a running interactive agent, or resumes a run that has ended with
 * the message, in its own worktree.
 */
export async function attachCommand(id: string, options: AttachOptions): Promise<ExitCode> {
  const context = await openContext(options);
  const registry = new AgentRegistry(context.settings);
  const found = await findRun(context, id);
  if (isAlive(found.state) && options.message !== undefined && listens(registry, found))
    return sayWhileWorking(found, options.message, options);
  const obstacle = whyNoTerminal(registry, found);
  if (obstacle !== null) throw new CmError(obstacle, 3);
  if (isAlive(found.state)) {
    if (options.message !== undefined)
      throw new CmError(`${found.key} is running in a terminal. Attach without --message and type there.`, 2);
  } else {
    if (options.message === undefined && !canAsk()) throw new CmError(resumeHint(found), 3);
    const message =
      options.message ?? (await askText(`What should ${found.key} do next? (Enter: fix what went wrong) `));
    const running = await withSession(options, session =>
      resumeRun(session, found, message, {
        ...(options.anyway === undefined ? {} : { anyway: options.anyway }),
        ...(canAsk() ? { ask: askYes } : {}),
      }),
    );
    writeLine(`Resumed ${running.key} in ${running.worktreePath} (pid ${running.process?.pid ?? 'unknown'}).`);
  }
  if (!isInteractive(registry, found) || (options.message !== undefined && !canAsk())) return 0;
  if (!canAsk()) throw new CmError('Not a terminal. Run this command in one.', 3);
  const problem = await attachTerminal(context.stateDir, found);
  if (problem !== null) throw new CmError(problem);
  return 0;
}

/** Whether a run's agent takes messages while it works. */
function listens(registry: AgentRegistry, { agent }: Instance): boolean {
  return registry.get(agent)?.settings.protocol === 'acp';
}

/** Returns once the agent has the message, or says why not. */
function sayWhileWorking({ runId, key }: Instance, message: string, options: AttachOptions): Promise<ExitCode> {
  return withSession<ExitCode>(options, async session => {
    const before = (await session.instances()).find(one => one.runId === runId)?.said ?? 0;
    const answer = await session.send({
      type: 'say',
      id: runId,
      message,
      ...(options.now === true ? { now: true } : {}),
    });
    if (!answer.ok) throw new CmError(answer.message);
    const since = Date.now();
    const [instance] = await session.until(
      [runId],
      ({ said = 0, state }) => said > before || !isAlive(state) || Date.now() - since > saidMs,
    );
    if ((instance?.said ?? 0) <= before)
      throw new CmError(`${key} did not get the message. Send it once the run has ended.`);
    writeLine(answer.message);
    return 0;
  });
}
