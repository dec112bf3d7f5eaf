import type { AgentRegistry } from '../../agents/registry.ts';
import { CmError } from '../../domain/errors.ts';
import type { RunId } from '../../domain/ids.ts';
import { type Instance, isAlive } from '../../domain/instance.ts';
import { withoutFullStop } from '../../domain/text/clause.ts';
import { sanitizeLine } from '../../domain/text/sanitize.ts';
import type { Command, CommandAnswer } from '../../ports/commands.ts';

/** How a coordinator is reached, ours or another's. */
export interface CoordinatorClient {
  send(command: Command): Promise<CommandAnswer>;
  /** Waits until every one of these runs satisfies the condition; resolves with them as they are then. */
  until(runIds: readonly RunId[], done: (instance: Instance) => boolean): Promise<readonly Instance[]>;
}

/** Whether the agent of a run works in a terminal of its own. */
export function isInteractive(registry: AgentRegistry, { agent }: Instance): boolean {
  return registry.get(agent)?.settings.interactive === true;
}

/** Why nobody can attach to a run that is at work; null: one can. */
export function whyNoTerminal(registry: AgentRegistry, instance: Instance): string | null {
  return isAlive(instance.state) && !isInteractive(registry, instance) ? noTerminal(registry, instance) : null;
}

/** A run that has ended, and nobody there to be asked. */
export function sayWhat({ key, state, worktreePath }: Instance): string {
  return `${key} is not at work (${state}), and this is no terminal in which you could be asked: say with "cm-tui attach ${key} --message TEXT" what it should do next, or open a shell in ${worktreePath}.`;
}

/** What can be done instead of attaching. */
function noTerminal(registry: AgentRegistry, { key, agent, worktreePath }: Instance): string {
  const interactive = registry.names().filter(name => registry.get(name)?.settings.interactive === true);
  const which =
    interactive.length === 0
      ? 'no agent of the settings is interactive'
      : `only ${interactive.map(name => sanitizeLine(name, 60)).join(', ')} can be`;
  return `${key} runs ${sanitizeLine(agent, 60)} without a terminal, so there is nothing to attach to (${which}); follow it with "cm-tui logs -f ${key}", let it go on once it has ended with --message TEXT, or open a shell in ${worktreePath}.`;
}

/**
 * Lets a run that has ended go on with this message; an empty one tells it what went wrong.
 * @returns the run, once its agent is at work
 * @throws CmError with the reason where it cannot
 */
export async function resumeRun(
  reach: CoordinatorClient,
  { runId, key }: Instance,
  message: string,
): Promise<Instance> {
  const answer = await reach.send(
    message.trim() === '' ? { type: 'retry', id: runId, inPlace: true } : { type: 'resume', id: runId, message },
  );
  if (!answer.ok) throw new CmError(answer.message);
  const [instance] = await reach.until(answer.runIds, ({ state }) => state !== 'pending' && state !== 'preparing');
  if (instance === undefined || instance.process === null) {
    throw new CmError(`${key} could not go on: ${withoutFullStop(instance?.reason ?? 'no reason known')}.`);
  }
  return instance;
}
