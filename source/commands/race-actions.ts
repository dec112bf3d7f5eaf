import { rivalsOf } from '../domain/race/race.ts';
import type { Action, ActionContext } from './action.ts';
import * as can from './conditions.ts';
import { open } from './make-action.ts';

const canCompare = ({ state, instance }: ActionContext): boolean =>
  instance !== null && rivalsOf(state.instances, instance).some(({ head }) => head !== null);

/** Several agents at one item. `v` compares where there is no violation to accept. */
export const raceActions: readonly Action[] = [
  open('Work', 'race', 'N', 'Spawn several agents on the selected item, side by side', 'race', {
    enabled: can.canSpawn,
    views: ['overview', 'details'],
  }),
  open('Review', 'compare', 'v', 'Compare with another run of the same item, side by side', 'compare', {
    hint: 'compare',
    enabled: context => canCompare(context) || 'No other run of this item stands beside it.',
    only: context => canCompare(context) && can.canAccept(context) !== true,
    views: ['review'],
  }),
];
