import type { Action, ActionContext } from './action.ts';
import { keyLabel } from './key-words.ts';
import { make } from './make-action.ts';
import { idOf, resumeQuestion } from './questions.ts';

type Condition = Action['enabled'];

const isQueued: Condition = ({ instance }) => {
  if (instance === null) return 'Nothing is selected: choose a branch in the Merge queue pane first.';
  if (instance.state === 'landing') return `${instance.key} is landing at this moment.`;
  return (
    instance.state === 'queued' ||
    instance.state === 'checking' ||
    `${instance.key} is not in line to land: ${keyLabel('approve')} looks it through and queues it.`
  );
};

const canJump: Condition = context => {
  const may = isQueued(context);
  if (may !== true) return may;
  return context.instance?.state === 'queued' || `${context.instance?.key ?? ''} is being checked already.`;
};

const isPaused: Condition = ({ state }) => state.queuePaused !== null || 'Landing is not paused.';

function isHeld({ instance }: ActionContext): boolean {
  return instance?.merge.place?.held === true;
}

/** What a person can do with the order of the merge queue. */
export const queueActions: readonly Action[] = [
  make(
    'Landing',
    'jump',
    'J',
    'To the top of the merge queue: it lands next',
    context => ({ type: 'send', command: { type: 'jump', id: idOf(context) } }),
    { enabled: canJump, views: ['overview'] },
  ),
  make(
    'Landing',
    'hold',
    'H',
    'Hold the branch back, or release it; it keeps its place',
    context => ({ type: 'send', command: { type: 'hold', id: idOf(context), held: !isHeld(context) } }),
    { enabled: isQueued, views: ['overview'] },
  ),
  make(
    'Landing',
    'requeue',
    'E',
    'To the end of the merge queue',
    context => ({ type: 'send', command: { type: 'requeue', id: idOf(context) } }),
    { enabled: isQueued, views: ['overview'] },
  ),
  make('Landing', 'resume-queue', 'Q', 'Let landing go on after it was paused (asks first)', resumeQuestion, {
    enabled: isPaused,
    views: ['overview'],
  }),
];
