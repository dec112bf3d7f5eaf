import type { Action } from './action.ts';
import * as can from './conditions.ts';
import { everywhere, make, ofItem, open, pages, questions, viewAction } from './make-action.ts';
import { approveAllQuestion, cancelQuestion, undoQuestion } from './questions.ts';
import { queueActions } from './queue-actions.ts';
import { viewActions } from './view-actions.ts';

/** Everything a person can do, in the order of footer and help. `leave` and the answers work in their own views only. */
export const actions: readonly Action[] = [
  viewAction('Move', 'down', 'j down', 'Move or scroll down', 'down'),
  viewAction('Move', 'up', 'k up', 'Move or scroll up', 'up'),
  viewAction('Move', 'page-down', 'pgdn ctrl+d', 'A page down', 'page-down'),
  viewAction('Move', 'page-up', 'pgup ctrl+u', 'A page up', 'page-up'),
  viewAction('Move', 'top', 'g home', 'To the top', 'top'),
  viewAction('Move', 'bottom', 'G end', 'To the bottom', 'bottom'),
  make('Move', 'next-pane', 'tab', 'Next pane', () => ({ type: 'focus', pane: 'next' }), { views: ['overview'] }),
  make('Move', 'previous-pane', 'shift+tab', 'Previous pane', () => ({ type: 'focus', pane: 'previous' }), {
    views: ['overview'],
  }),
  make(
    'Move',
    'pane',
    '1 2 3 4 5',
    'Pane by number: 1 Roadmap, 2 Merge queue, 3 4 5 logs',
    (_, key) => ({ type: 'focus', pane: Number(key) || 1 }),
    { views: ['overview'] },
  ),
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
    'Work loop on or off: spawn whatever is ready, up to the capacity',
    ({ state }) => ({ type: 'send', command: { type: 'set-mode', mode: state.mode === 'auto' ? 'manual' : 'auto' } }),
    { hint: 'loop', views: ['overview'] },
  ),
  open('Work', 'new-item', 'n', 'New item from a prompt of your own', 'new-item', {
    hint: 'new',
    enabled: can.canAddItem,
    views: ['overview', 'details'],
  }),
  make('Work', 'cancel', 'x', 'Cancel the selected instance (asks first)', cancelQuestion, {
    hint: 'cancel',
    enabled: can.canCancel,
    views: ofItem,
  }),
  make('Work', 'attach', 'a', 'Attach to the agent, or resume it with a message', () => ({ type: 'attach' }), {
    enabled: can.canAttach,
    views: ofItem,
  }),
  make(
    'Work',
    'pause',
    'p',
    'Pause new spawns, or go on',
    ({ state }) => ({ type: 'send', command: { type: 'pause', paused: !state.paused } }),
    { views: ['overview'] },
  ),
  make(
    'Work',
    'pin',
    'P',
    'Prefer the selected item when there is a choice, or no longer',
    ({ state, item }) => ({
      type: 'send',
      command: { type: 'pin', id: item?.id ?? '', pinned: !state.pins.includes(item?.id ?? '') },
    }),
    { enabled: can.canPin, views: ['overview', 'details'] },
  ),

  open('Look', 'open', 'enter', 'Open the selected item: its log, or its details', 'log', {
    hint: 'log',
    enabled: can.canOpenLog,
    views: ['overview'],
  }),
  open('Look', 'log', 'l', 'Full-screen log', 'log', {
    enabled: can.canOpenLog,
    views: ['overview', 'diff', 'details'],
  }),
  open('Look', 'all-logs', 'L', 'Logs of all agents in one, in the order of time', 'all-logs', {
    enabled: can.canInterleave,
    views: ['overview', 'log'],
  }),
  open('Look', 'diff', 'd', 'Diff of the branch', 'diff', {
    hint: 'diff',
    enabled: can.canDiff,
    views: ['overview', 'log', 'details'],
  }),
  open('Look', 'details', 'i', 'Details of the item, and why it waits', 'details', {
    enabled: can.canOpenLog,
    views: ['overview', 'log', 'diff'],
  }),

  open('Landing', 'approve', 'm', 'Look through and land the selected branch', 'approval', {
    hint: 'merge',
    enabled: can.canApprove,
    views: ofItem,
  }),
  make('Landing', 'approve-all', 'M', 'Land every branch that is clean and in scope (asks first)', approveAllQuestion, {
    enabled: can.canApproveAll,
    views: ['overview'],
  }),
  open('Landing', 'redo', 'r', 'Reject, retry or rebuild', 'redo', {
    hint: 'redo',
    enabled: can.canRedo,
    views: ofItem,
  }),
  make('Landing', 'undo', 'u', 'Undo the selected or the last landing (asks first)', undoQuestion, {
    enabled: can.canUndo,
    views: ['overview'],
  }),
  ...queueActions,
  open('Landing', 'clean', 'c', 'Clean up what has landed (lists it and asks)', 'clean', {
    hint: 'clean',
    enabled: can.canClean,
    views: ['overview'],
  }),

  open('Look', 'timeline', 't', 'Timeline: agents as bars over time, and the speed-up', 'timeline', {
    hint: 'timeline',
    views: ['overview'],
  }),
  open('Look', 'events', 'e', 'What has happened: notices and events', 'events', { views: ['overview'] }),
  viewAction('Look', 'show-all', 'o', 'Show every item, or only those that are still open', 'show-all', {
    views: ['overview'],
  }),
  open('Look', 'filter', '/', 'Filter the roadmap', 'filter', { views: ['overview'] }),

  ...viewActions,

  make('Program', 'back', 'esc', 'Back to where you came from', () => ({ type: 'back' }), {
    hint: 'back',
    views: pages,
  }),
  make('Program', 'home', 'esc', 'Back to the Roadmap; clears the filter', () => ({ type: 'back' }), {
    views: ['overview'],
  }),
  open('Program', 'palette', ': ctrl+p', 'Command palette: everything by name', 'palette', { hint: 'palette' }),
  open('Program', 'help', '?', 'Keys', 'help', { hint: 'help', views: [...everywhere, ...questions] }),
  make('Program', 'refresh', 'ctrl+r', 'Read ROADMAP, repository and machine again', () => ({
    type: 'send',
    command: { type: 'refresh' },
  })),
  make('Program', 'redraw', 'ctrl+l', 'Draw the screen afresh', () => ({ type: 'redraw' })),
  make('Program', 'suspend', 'ctrl+z', 'Back to the shell; fg returns here', () => ({ type: 'suspend' })),
  open('Program', 'leave', 'q', 'Leave: the agents keep running, or stop (asks)', 'leave', { hint: 'quit' }),
  make(
    'Program',
    'leave-now',
    'ctrl+c',
    'Pressed twice: leave at once, the agents keep running',
    () => ({ type: 'leave-now' }),
    {
      views: [...everywhere, ...questions, 'leave'],
    },
  ),
];
