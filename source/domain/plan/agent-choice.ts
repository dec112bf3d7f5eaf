import type { Item } from '../item.ts';
import type { Settings } from '../settings.ts';

/** The program that would do an item's work now. */
export interface AgentChoice {
  readonly agent: string;
  /** Every program that may do it rests; milliseconds since 1970 at which the first may be used again. Null: this one may. */
  readonly restsUntil: number | null;
}

/**
 * The program an item asks for, else that of the settings; while it rests after a rate limit, the first of `fallbackAgents` that does
 * not. Where all rest, the first choice waits for whichever is free first.
 */
export function chooseAgent(
  item: Pick<Item, 'agentProgram'>,
  settings: Pick<Settings, 'agent' | 'fallbackAgents'>,
  cooldowns: Readonly<Record<string, number>>,
  now: number,
): AgentChoice {
  const first = item.agentProgram ?? settings.agent;
  const choices = [first, ...settings.fallbackAgents];
  const ends = choices.map(agent => cooldowns[agent] ?? 0);
  const free = choices.find((_, index) => (ends[index] ?? 0) <= now);
  return free === undefined ? { agent: first, restsUntil: Math.min(...ends) } : { agent: free, restsUntil: null };
}

/** The same for an item that several agents work on side by side: it waits until none of them rests, since no other takes their place. */
export function chooseAgents(
  item: Pick<Item, 'agentProgram' | 'agents'>,
  settings: Pick<Settings, 'agent' | 'fallbackAgents'>,
  cooldowns: Readonly<Record<string, number>>,
  now: number,
): AgentChoice {
  if (item.agents === undefined) return chooseAgent(item, settings, cooldowns, now);
  const resting = item.agents.filter(agent => (cooldowns[agent] ?? 0) > now);
  const [agent] = resting.toSorted((a, b) => (cooldowns[b] ?? 0) - (cooldowns[a] ?? 0));
  return agent === undefined
    ? { agent: item.agents[0] ?? settings.agent, restsUntil: null }
    : { agent, restsUntil: cooldowns[agent] ?? null };
}
