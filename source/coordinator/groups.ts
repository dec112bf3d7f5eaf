/** Running one group (an epic, a phase, a milestone) alone. */
import type { CommandAnswer } from '../ports/commands.ts';
import { done, refused } from './state/answers.ts';
import { allItems } from './state/planning.ts';
import type { Transition } from './transition.ts';

/** From now on the work loop starts only items of this group, and is turned on for it; null: of all groups, the loop stays as it is. */
export function setGroup(transition: Transition, group: string | null): CommandAnswer {
  const { state } = transition;
  if (group !== null && !allItems(state).some(item => item.group === group))
    return refused(`No item stands in a group "${group}". Run "cm-tui roadmap --json" for their names.`);
  if ((state.onlyGroup ?? null) !== group) transition.record({ type: 'group-chosen', group });
  if (group === null) return done('Items of all groups may run.');
  if (state.mode !== 'auto') transition.record({ type: 'loop-changed', mode: 'auto' });
  return done(`Running "${group}": the work loop starts only its items.`);
}
