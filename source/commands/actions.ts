import { isUnderReview } from '../coordinator/review/under-review.ts';
import type { Action } from './action.ts';
import * as can from './conditions.ts';
import { machineActions, showMachines } from './machine-actions.ts';
import { everywhere, make, ofItem, open, pages, questions, viewAction } from './make-action.ts';
import {
  approveAllQuestion,
  attachOrResume,
  cancelQuestion,
  commentsQuestion,
  pullRequestQuestion,
  replayQuestion,
  undoQuestion,
  updateQuestion,
} from './questions.ts';
import { queueActions } from './queue-actions.ts';
import { commitLeftAction, raceActions } from './race-actions.ts';
import { reviewActions } from './review-actions.ts';
import { talkActions } from './talk-actions.ts';
import { viewActions } from './view-actions.ts';

/** Every action, in the order of footer and help. `leave` and the answers only work in their own views. */
export const actions: readonly Action[] = [
  viewAction('Move', 'down', 'j down', 'Move or scroll down', 'down'),
  viewAction('Move', 'up', 'k up', 'Move or scroll up', 'up'),
  viewAction('Move', 'page-down', 'pgdn ctrl+d', 'Page down', 'page-down'),
  viewAction('Move', 'page-up', 'pgup ctrl+u', 'Page up', 'page-up'),
  viewAction('Move', 'top', 'g home', 'Go to the top', 'top'),
  viewAction('Move', 'bottom', 'G end', 'Go to the bottom', 'bottom'),
  make('Move', 'next-pane', 'tab', 'Next pane', () => ({ type: 'focus', pane: 'next' }), { views: ['overview'] }),
  make('Move', 'previous-pane', 'shift+tab', 'Previous pane', () => ({ type: 'focus', pane: 'previous' }), {
    views: ['overview'],
  }),
  make(
    'Move',
    'pane',
    '1 2 3 4 5',
    'Go to a pane: 1 Roadmap, 2 Merge queue, 3 4 5 logs',
    (_, key) => ({ type: 'focus', pane: Number(key) || 1 }),
    { views: ['overview'] },
  ),
  showMachines,
  make('Move', 'next-attention', '!', 'Go to the next thing that needs you', () => ({ type: 'next-attention' }), {
    enabled: can.canFindAttention,
  }),
  viewAction('Move', 'next-page', ']', 'Next page of log panes', 'next-page', { views: ['overview'] }),
  viewAction('Move', 'previous-page', '[', 'Previous page of log panes', 'previous-page', { views: ['overview'] }),

  make(
    'Work',
    'spawn',
    's',
    'Spawn an agent on the selected item',
    ({ item }) => ({ type: 'send', command: { type: 'spawn', id: item?.id ?? '' } }),
    { hint: 'spawn', enabled: can.canSpawn, views: ['overview', 'details'] },
  ),
  make(
    'Work',
    'loop',
    'S',
    'Toggle the work loop: spawn whatever is ready, up to capacity',
    ({ state }) => ({ type: 'send', command: { type: 'set-mode', mode: state.mode === 'auto' ? 'manual' : 'auto' } }),
    { hint: 'loop', views: ['overview'] },
  ),
  open('Work', 'new-item', 'n', 'New ad-hoc item from a prompt', 'new-item', {
    hint: 'new',
    enabled: can.canAddItem,
    views: ['overview', 'details'],
  }),
  make(
    'Work',
    'cancel',
    'x',
    'Cancel the selected run, or remove an ad-hoc item that has not started (asks first)',
    cancelQuestion,
    {
      hint: 'cancel',
      enabled: can.canCancel,
      views: ofItem,
    },
  ),
  open('Work', 'edit-item', 'v', 'Edit an ad-hoc item that has not started', 'edit-item', {
    enabled: can.canEditItem,
    views: ['overview', 'details'],
  }),
  make('Work', 'attach', 'a', 'Attach to the agent, or resume it with a message', attachOrResume, {
    enabled: can.canAttach,
    views: [...ofItem, 'review'],
  }),
  ...machineActions,
  ...talkActions,
  ...raceActions,
  make(
    'Work',
    'pause',
    'p',
    'Pause or resume new spawns',
    ({ state }) => ({ type: 'send', command: { type: 'pause', paused: !state.paused } }),
    { views: ['overview'] },
  ),
  make(
    'Work',
    'pin',
    'P',
    'Pin the selected item to prefer it, or unpin it',
    ({ state, item }) => ({
      type: 'send',
      command: { type: 'pin', id: item?.id ?? '', pinned: !state.pins.includes(item?.id ?? '') },
    }),
    { enabled: can.canPin, views: ['overview', 'details'] },
  ),

  open('Work', 'groups', 'Z', 'Groups (epics, phases, milestones): fold, filter, or run one of them', 'groups', {
    enabled: can.canGroup,
    views: ['overview'],
  }),
  open('Work', 'scopes', 'F', 'Suggest files for items of unknown scope, or for the selected item', 'scopes', {
    enabled: can.canSuggest,
    views: ['overview', 'details'],
  }),

  make(
    'Inspect',
    'open',
    'enter',
    'Open the selected item: its review when it is ready for that, else its log or details',
    ({ instance }) => ({ type: 'open', screen: instance !== null && isUnderReview(instance) ? 'review' : 'log' }),
    { hint: 'open', enabled: can.canOpenLog, views: ['overview'] },
  ),
  open('Inspect', 'log', 'l', 'Full-screen log', 'log', {
    enabled: can.canOpenLog,
    views: ['overview', 'diff', 'details', 'review'],
  }),
  open('Inspect', 'all-logs', 'L', 'Combined log of all agents', 'all-logs', {
    enabled: can.canInterleave,
    views: ['overview', 'log'],
  }),
  open('Inspect', 'diff', 'd', 'Diff of the branch', 'diff', {
    hint: 'diff',
    enabled: can.canDiff,
    views: ['overview', 'log', 'details'],
  }),
  open('Inspect', 'details', 'i I', 'Item details, and why it is waiting', 'details', {
    enabled: can.canOpenLog,
    views: ['overview', 'log', 'diff', 'review'],
  }),

  open('Landing', 'approve', 'm', 'Review and land the selected branch', 'review', {
    hint: 'land',
    enabled: can.canReview,
    views: [...ofItem, 'review'],
  }),
  make(
    'Landing',
    'approve-all',
    'M',
    'Land every branch that is clean, without violations or warnings (asks first)',
    approveAllQuestion,
    {
      enabled: can.canApproveAll,
      views: ['overview'],
    },
  ),
  open('Landing', 'redo', 'r', 'Reject, retry or rebuild', 'redo', {
    hint: 'redo',
    enabled: can.canRedo,
    views: ofItem,
  }),
  make('Landing', 'undo', 'u', 'Undo the selected or last landing (asks first)', undoQuestion, {
    enabled: can.canUndo,
    views: ['overview'],
  }),
  make('Landing', 'replay', 'R', "Replay the run's own commits onto the target (asks first)", replayQuestion, {
    enabled: can.canReplay,
    views: ofItem,
  }),
  make(
    'Landing',
    'unlock-key',
    'B',
    'Unlock the key that signs landings, with the terminal',
    () => ({ type: 'sign' }),
    {
      enabled: can.canUnlockKey,
      views: ofItem,
    },
  ),
  make('Landing', 'update', 'U', "Bring the run's branch up to date with the target (asks first)", updateQuestion, {
    enabled: can.canUpdate,
    views: ofItem,
  }),
  make('Landing', 'pull-request', 'O', 'Push the branch and open its pull request (asks first)', pullRequestQuestion, {
    enabled: can.canOpenPullRequest,
    views: ofItem,
  }),
  make(
    'Landing',
    'send-comments',
    'C',
    'Send the review comments of the pull request to the agent (asks first)',
    commentsQuestion,
    {
      enabled: can.canSendComments,
      views: ofItem,
    },
  ),
  commitLeftAction,
  ...queueActions,
  make(
    'Landing',
    'dismiss',
    'D',
    'Dismiss the selected run: keeps everything, shows it with all items only; again brings it back',
    context => {
      const run = can.dismissTarget(context);
      return { type: 'send', command: { type: 'dismiss', id: run?.runId ?? '', dismissed: run?.dismissed !== true } };
    },
    { enabled: can.canDismiss, views: ofItem },
  ),
  open('Landing', 'clean', 'c', 'Clean up landed work (lists it and asks)', 'clean', {
    hint: 'clean',
    enabled: can.canClean,
    views: ['overview'],
  }),

  open('Inspect', 'timeline', 't', 'Timeline: runs as bars over time, and the speed-up', 'timeline', {
    hint: 'timeline',
    views: ['overview'],
  }),
  open('Inspect', 'events', 'e', 'Activity log: everything that happened, and problems', 'events', {
    views: ['overview'],
  }),
  viewAction('Inspect', 'filter-events', '/', 'Filter the activity log', 'search', {
    hint: 'filter',
    views: ['events'],
  }),
  viewAction('Inspect', 'show-all', 'o', 'Show all items, or only open ones', 'show-all', {
    views: ['overview'],
  }),
  open('Inspect', 'filter', '/', 'Filter the roadmap', 'filter', { views: ['overview'] }),

  ...viewActions,
  ...reviewActions,

  make('Program', 'back', 'esc', 'Back', () => ({ type: 'back' }), {
    hint: 'back',
    views: pages,
  }),
  make('Program', 'home', 'esc', 'Back to the Roadmap, and clear the filter', () => ({ type: 'back' }), {
    views: ['overview'],
  }),
  open('Program', 'palette', ': ctrl+p', 'Command palette: run any action by name', 'palette', { hint: 'palette' }),
  open('Program', 'help', '?', 'Keys', 'help', { hint: 'help', views: [...everywhere, ...questions] }),
  make('Program', 'refresh', 'ctrl+r', 'Refresh: reread ROADMAP, repository and machine', () => ({
    type: 'send',
    command: { type: 'refresh' },
  })),
  make('Program', 'redraw', 'ctrl+l', 'Redraw the screen', () => ({ type: 'redraw' })),
  make('Program', 'suspend', 'ctrl+z', 'Suspend to the shell (fg resumes)', () => ({ type: 'suspend' })),
  open('Program', 'leave', 'q', 'Quit: keep the agents running, or stop them (asks)', 'leave', { hint: 'quit' }),
  make('Program', 'leave-now', 'ctrl+c', 'Press twice: quit now, agents keep running', () => ({ type: 'leave-now' }), {
    views: [...everywhere, ...questions, 'leave'],
  }),
];
