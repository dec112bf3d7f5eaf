import { isMovable } from '../coordinator/landing/queue-order.ts';
import { whyNotRemovable } from '../coordinator/runs/removal.ts';
import { hasLanded } from '../domain/instance.ts';
import { describeState } from '../domain/state-labels.ts';
import type { Action, ActionContext } from './action.ts';
import { canReviewSettings } from './conditions.ts';
import { make, ofItem, open } from './make-action.ts';
import { discardQuestion, idOf, resumeQuestion } from './questions.ts';

type Condition = Action['enabled'];

const isQueued: Condition = ({ instance }) => {
  if (instance === null) return 'Nothing selected. Choose a branch in the Merge queue pane.';
  if (instance.state === 'landing') return `${instance.key} is landing right now.`;
  return isMovable(instance) || `${instance.key} is not in the merge queue: it ${describeState(instance.state, null)}.`;
};

const isPaused: Condition = ({ state }) => state.queuePaused !== null || 'Landing is not paused.';

/** A rejected branch can be released into review. */
const canHold: Condition = context => context.instance?.state === 'rejected' || isQueued(context);

function isHeld({ instance }: ActionContext): boolean {
  return instance?.state === 'rejected' || instance?.merge.place?.held === true;
}

const canDiscard: Condition = ({ instance }) => {
  if (instance === null) return 'Nothing selected that could be discarded.';
  if (instance.removed !== undefined)
    return instance.removed.head !== null || `${instance.key} held nothing that could be brought back.`;
  if (hasLanded(instance.state)) return `${instance.key} has landed. Clean it up instead.`;
  return whyNotRemovable(instance) ?? true;
};

/** Actions that change the order of the merge queue, what holds it up, and what of it is kept. */
export const queueActions: readonly Action[] = [
  make(
    'Landing',
    'jump',
    'J',
    'Move to the top of the merge queue (lands next)',
    context => ({ type: 'send', command: { type: 'jump', id: idOf(context) } }),
    { enabled: isQueued, views: ['overview'] },
  ),
  make(
    'Landing',
    'hold',
    'H',
    'Hold or release the branch; releases a rejected one into review',
    context => ({ type: 'send', command: { type: 'hold', id: idOf(context), held: !isHeld(context) } }),
    { enabled: canHold, views: ['overview'] },
  ),
  make(
    'Landing',
    'requeue',
    'E',
    'Move to the end of the merge queue',
    context => ({ type: 'send', command: { type: 'requeue', id: idOf(context) } }),
    { enabled: isQueued, views: ['overview'] },
  ),
  make(
    'Landing',
    'discard',
    'X',
    'Discard the selected run: its worktree and branch (asks first); again brings it back within 30 days',
    discardQuestion,
    { enabled: canDiscard, views: ofItem },
  ),
  make('Landing', 'resume-queue', 'Q', 'Resume paused landing (asks first)', resumeQuestion, {
    enabled: isPaused,
    views: ['overview'],
  }),
  open('Landing', 'settings', 'T', 'Settings that were changed while an agent ran: read and accept', 'settings', {
    enabled: canReviewSettings,
    views: ['overview'],
  }),
  make('Answer', 'trust', 'y', 'Accept the settings shown', () => ({ type: 'answer', answer: 'yes' }), {
    hint: 'accept',
    views: ['settings'],
  }),
  make('Answer', 'leave-paused', 'n', 'Leave landing paused', () => ({ type: 'answer', answer: 'no' }), {
    hint: 'leave paused',
    views: ['settings'],
  }),
];
