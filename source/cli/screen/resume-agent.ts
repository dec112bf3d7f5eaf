import type { AgentRegistry } from '../../agents/registry.ts';
import { CmError } from '../../domain/errors.ts';
import type { RunId } from '../../domain/ids.ts';
import { type Instance, isAlive } from '../../domain/instance.ts';
import { withoutFullStop } from '../../domain/text/clause.ts';
import { sanitizeLine } from '../../domain/text/sanitize.ts';
import type { Command, CommandAnswer } from '../../ports/commands.ts';
import { withAnyway } from '../output/output.ts';

/** Access to a coordinator, ours or another's. */
export interface CoordinatorClient {
  send(command: Command): Promise<CommandAnswer>;
  /** Waits until every one of these runs satisfies the condition; resolves with their state then. */
  until(runIds: readonly RunId[], done: (instance: Instance) => boolean): Promise<readonly Instance[]>;
}

/** Whether the agent of a run works in a terminal of its own. */
export function isInteractive(registry: AgentRegistry, { agent }: Instance): boolean {
  return registry.get(agent)?.settings.interactive === true;
}

/** Why nobody can attach to a running agent; null if it is possible. */
export function whyNoTerminal(registry: AgentRegistry, instance: Instance): string | null {
  return isAlive(instance.state) && !isInteractive(registry, instance) ? noTerminal(registry, instance) : null;
}

/** A run that has ended, with nobody there to ask. */
export function resumeHint({ key, worktreePath }: Instance): string {
  return `${key} is not running. Resume it with "cm-tui attach ${key} --message TEXT", or open a shell in ${worktreePath}.`;
}

/** What to do instead of attaching. */
function noTerminal(registry: AgentRegistry, { key, agent }: Instance): string {
  const interactive = registry.names().filter(name => registry.get(name)?.settings.interactive === true);
  const which =
    interactive.length === 0
      ? 'no configured agent is interactive'
      : `only ${interactive.map(name => sanitizeLine(name, 60)).join(', ')} can be attached`;
  return `${key} runs ${sanitizeLine(agent, 60)} without a terminal, so it cannot be attached (${which}). Follow it with "cm-tui logs -f ${key}", or resume it with --message TEXT once it has ended.`;
}

/**
 * Resumes a run that has ended with this message; an empty one tells it what went wrong. Where only the capacity is in the way, `ask`
 * decides; without it the refusal names the flag.
 * @returns the run, once its agent is running
 * @throws CmError with the reason if it cannot be resumed
 */
export async function resumeRun(
  client: CoordinatorClient,
  { runId, key }: Instance,
  message: string,
  { anyway, ask }: { readonly anyway?: boolean; readonly ask?: (question: string) => Promise<boolean> } = {},
): Promise<Instance> {
  // One that has just ended is about to be judged: what it left is known in a moment.
  await client.until([runId], ({ state }) => state !== 'completed');
  const overCapacity = anyway === undefined ? {} : { overCapacity: anyway };
  let answer = await client.send(
    message.trim() === ''
      ? { type: 'retry', id: runId, inPlace: true, ...overCapacity }
      : { type: 'resume', id: runId, message, ...overCapacity },
  );
  if (answer.ask !== undefined && ask !== undefined) {
    if (!(await ask(answer.ask.question))) throw new CmError(answer.message);
    answer = await client.send(answer.ask.command);
  }
  if (!answer.ok) throw new CmError(withAnyway(answer));
  const [instance] = await client.until(answer.runIds, ({ state }) => state !== 'pending' && state !== 'preparing');
  if (instance === undefined || instance.process === null) {
    throw new CmError(`Could not resume ${key}: ${withoutFullStop(instance?.reason ?? 'reason unknown')}.`);
  }
  return instance;
}
