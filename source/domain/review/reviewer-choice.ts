import type { Instance } from '../instance.ts';
import type { Item } from '../item.ts';
import type { Settings } from '../settings.ts';

type Choosing = Pick<Settings, 'after' | 'reviewAgent' | 'agents'>;

/**
 * The agent that reviews a run before a person does: as the item says, else the agent of the run, else the settings; where none is named, the
 * same program once more. Null: nobody reviews it.
 */
export function reviewerOf(
  settings: Choosing,
  { agent }: Pick<Instance, 'agent'>,
  item: Pick<Item, 'after' | 'reviewAgent'> | undefined,
): string | null {
  const own = settings.agents[agent];
  const steps = item?.after ?? own?.after ?? settings.after;
  if (!steps.includes('review')) return null;
  return item?.reviewAgent ?? own?.reviewAgent ?? settings.reviewAgent ?? agent;
}
