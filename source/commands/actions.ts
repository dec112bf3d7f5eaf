import type { Action, ActionContext, ActionGroup, ScreenEvent, ScreenName, ViewAct, ViewName } from './action.ts';
import * as can from './conditions.ts';

/** Full-screen views: they scroll, and the keys of the selected item work in them too. */
const pages: readonly ViewName[] = ['log', 'diff', 'details', 'timeline', 'events', 'help'];
const everywhere: readonly ViewName[] = ['overview', ...pages];
/** Views that show one item or instance. */
const ofItem: readonly ViewName[] = ['overview', 'log', 'diff', 'details'];
const questions: readonly ViewName[] = ['confirm', 'approval', 'clean', 'redo'];
const scrolls: readonly ViewName[] = [...everywhere, 'approval', 'clean'];

type Extra = Partial<Pick<Action, 'hint' | 'enabled' | 'views'>>;

function act(group: ActionGroup, id: string, keys: string, title: string, does: ViewAct, extra: Extra = {}): Action {
  return make(group, id, keys, title, () => ({ type: 'view', act: does }), { views: scrolls, ...extra });
}

function open(group: ActionGroup, id: string, keys: string, title: string, screen: ScreenName, extra: Extra): Action {
  return make(group, id, keys, title, () => ({ type: 'open', screen }), extra);
}

function make(
  group: ActionGroup,
  id: string,
  keys: string,
  title: string,
  event: (context: ActionContext, key: string) => ScreenEvent,
  extra: Extra = {},
): Action {
  return {
    id,
    title,
    group,
    event,
    keys: keys.split(' '),
    hint: extra.hint ?? null,
    views: extra.views ?? everywhere,
    enabled: extra.enabled ?? can.always,
  };
}

/** The id by which commands name what is selected: an instance by its run, an item by its id. */
function idOf({ instance, item }: ActionContext): string {
  return instance?.runId ?? item?.id ?? '';
}

function cancelQuestion(context: ActionContext): ScreenEvent {
  const { instance } = context;
  const commits = instance?.commits ?? 0;
  return {
    type: 'confirm',
    title: `Cancel ${instance?.key ?? ''}?`,
    lines: [
      'Its agent and every process that it started are ended.',
      `The worktree and its branch stay as they are${commits > 0 ? `, with ${commits} commit${commits === 1 ? '' : 's'}` : ''}.`,
    ],
    command: { type: 'cancel', id: idOf(context) },
  };
}

function approveAllQuestion({ state }: ActionContext): ScreenEvent {
  const clean = can.cleanOnes(state.instances);
  return {
    type: 'confirm',
    title: `Land ${clean.length} branch${clean.length === 1 ? '' : 'es'} on ${state.target ?? 'the target'}?`,
    lines: clean.map(
      one =>
        `${one.key} ${one.branchName} at ${(one.head ?? '').slice(0, 10)}, ${one.files.length} files, predicted clean`,
    ),
    command: { type: 'approve-all' },
  };
}

/** Everything a person can do, in the order of footer and help. `leave` and the answers work in their own views only. */
export const actions: readonly Action[] = [
  act('Move', 'down', 'j down', 'Move or scroll down', 'down'),
  act('Move', 'up', 'k up', 'Move or scroll up', 'up'),
  act('Move', 'page-down', 'pgdn ctrl+d', 'A page down', 'page-down'),
  act('Move', 'page-up', 'pgup ctrl+u', 'A page up', 'page-up'),
  act('Move', 'top', 'g home', 'To the top', 'top'),
  act('Move', 'bottom', 'G end', 'To the bottom', 'bottom'),
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
  act('Move', 'next-page', ']', 'Next page of log panes', 'next-page', { views: ['overview'] }),
  act('Move', 'previous-page', '[', 'Previous page of log panes', 'previous-page', { views: ['overview'] }),

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
  make('Landing', 'undo', 'u', 'Undo the last landing', () => ({ type: 'redraw' }), {
    enabled: can.canUndo,
    views: ['overview'],
  }),
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
  act('Look', 'show-all', 'o', 'Show every item, or only those that are still open', 'show-all', {
    views: ['overview'],
  }),
  open('Look', 'filter', '/', 'Filter the roadmap', 'filter', { views: ['overview'] }),

  act('Log', 'follow', 'f', 'Follow the end, or stay where you are', 'follow', { hint: 'follow', views: ['log'] }),
  act('Log', 'search', '/', 'Search; /…/ is a regular expression', 'search', {
    hint: 'search',
    views: ['log', 'diff'],
  }),
  act('Log', 'next-match', 'n', 'Next match', 'next-match', { hint: 'next', views: ['log', 'diff'] }),
  act('Log', 'previous-match', 'N', 'Previous match', 'previous-match', { hint: 'previous', views: ['log', 'diff'] }),
  act('Log', 'wrap', 'w', 'Wrap long lines, or cut them', 'wrap', { hint: 'wrap', views: ['log'] }),
  act('Log', 'stream', 'o', 'Standard output, or the error stream', 'stream', { hint: 'stream', views: ['log'] }),
  act('Log', 'copy', 'y', 'Copy mode: the bare text and nothing around it', 'copy', { hint: 'copy', views: ['log'] }),

  act('Diff', 'next-file', '] tab', 'Next file', 'next-part', { hint: 'next file', views: ['diff'] }),
  act('Diff', 'previous-file', '[ shift+tab', 'Previous file', 'previous-part', {
    hint: 'previous file',
    views: ['diff'],
  }),
  act('Diff', 'whitespace', 'w', 'Leave out changes of white space, or show them', 'whitespace', {
    hint: 'white space',
    views: ['diff'],
  }),

  make('Answer', 'yes', 'y enter', 'Yes', () => ({ type: 'answer', answer: 'yes' }), {
    hint: 'yes',
    views: ['confirm', 'approval', 'clean'],
  }),
  act('Answer', 'accept', 'v', 'Accept once what is listed as a breach, or as lost', 'accept', {
    hint: 'accept',
    enabled: can.canAccept,
    views: ['approval', 'clean'],
  }),
  make('Answer', 'retry', 't', 'Run the item again in a fresh worktree', context => redo(context, 'retry'), {
    hint: 'try again',
    enabled: can.canRedo,
    views: ['redo'],
  }),
  make('Answer', 'rebuild', 'b', 'Build the merge again on the current tip', context => redo(context, 'rebuild'), {
    hint: 'rebuild',
    enabled: can.canRebuild,
    views: ['redo'],
  }),
  make(
    'Answer',
    'reject',
    'r',
    'Reject: it does not land, branch and worktree stay',
    context => redo(context, 'reject'),
    {
      hint: 'reject',
      enabled: can.canReject,
      views: ['redo'],
    },
  ),
  make('Answer', 'no', 'n esc', 'No', () => ({ type: 'answer', answer: 'no' }), { hint: 'no', views: questions }),
  make('Answer', 'keep', 'k y enter', 'Leave, the agents keep running', () => ({ type: 'leave', choice: 'keep' }), {
    hint: 'keep running',
    views: ['leave'],
  }),
  make(
    'Answer',
    'stop',
    's',
    'Leave and stop the agents; their work so far stays',
    () => ({ type: 'leave', choice: 'stop' }),
    {
      hint: 'stop them',
      views: ['leave'],
    },
  ),
  make('Answer', 'stay', 'n esc', 'Stay', () => ({ type: 'answer', answer: 'no' }), { hint: 'stay', views: ['leave'] }),

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

function redo(context: ActionContext, how: 'retry' | 'rebuild' | 'reject'): ScreenEvent {
  const id = idOf(context);
  if (how === 'retry') return { type: 'send', command: { type: 'retry', id } };
  if (how === 'reject') return { type: 'send', command: { type: 'reject', id, reason: 'rejected by the user' } };
  const head = context.instance?.head ?? null;
  return { type: 'send', command: { type: 'approve', id, ...(head === null ? {} : { head }), by: 'user' } };
}
