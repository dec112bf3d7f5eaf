import { leftWork } from '../coordinator/starting/commit-left.ts';
import { rivalsOf } from '../domain/race/race.ts';
import type { Action, ActionContext } from './action.ts';
import * as can from './conditions.ts';
import { make, ofItem, open } from './make-action.ts';

const canCompare = ({ state, instance }: ActionContext): boolean =>
  instance !== null && rivalsOf(state.instances, instance).some(({ head }) => head !== null);

const hasLeft = ({ instance }: ActionContext): boolean => instance !== null && leftWork(instance);

/** Commits what a run left uncommitted; where it left nothing, its key is another's. */
export const commitLeftAction: Action = make(
  'Landing',
  'commit-left',
  'C',
  'Commit what the run left uncommitted (asks first)',
  ({ instance }) => ({
    type: 'confirm',
    title: `Commit what ${instance?.key ?? ''} left?`,
    lines: [
      instance?.reason ?? '',
      `Commits it on ${instance?.branchName ?? ''}, as the agent would have. The commit says so, and you review it before it lands.`,
    ],
    command: { type: 'commit-left', id: instance?.runId ?? '' },
  }),
  {
    enabled: context => hasLeft(context) || 'The selected run left nothing uncommitted.',
    only: hasLeft,
    views: ofItem,
  },
);

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
