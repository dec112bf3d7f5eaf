import type { Settings } from '../settings.ts';

/** Programs that are spoken with over the Agent Client Protocol unless settings say otherwise. */
export const listeningByDefault: readonly string[] = ['kimi', 'cline', 'auggie', 'goose', 'kilo'];

/** Whether an agent can be spoken with while it works: it takes messages, and its turn can be interrupted. */
export function listens({ agents }: Pick<Settings, 'agents'>, agent: string): boolean {
  const protocol = agents[agent]?.protocol;
  return protocol === undefined ? listeningByDefault.includes(agent) : protocol === 'acp';
}
