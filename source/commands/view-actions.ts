import type { Action } from './action.ts';
import * as can from './conditions.ts';
import { make, open, questions, viewAction } from './make-action.ts';
import { redo } from './questions.ts';

/** Actions of views that scroll a log or a diff, and the answers to questions. */
export const viewActions: readonly Action[] = [
  viewAction('Log', 'follow', 'f', 'Follow the end, or stay where you are', 'follow', {
    hint: 'follow',
    views: ['log'],
  }),
  viewAction('Log', 'search', '/', 'Search; /…/ is a regular expression', 'search', {
    hint: 'search',
    views: ['log', 'diff'],
  }),
  viewAction('Log', 'next-match', 'n', 'Next match', 'next-match', { hint: 'next', views: ['log', 'diff'] }),
  viewAction('Log', 'previous-match', 'N', 'Previous match', 'previous-match', {
    hint: 'previous',
    views: ['log', 'diff'],
  }),
  viewAction('Log', 'wrap', 'w', 'Wrap long lines, or cut them', 'wrap', { hint: 'wrap', views: ['log'] }),
  viewAction('Log', 'stream', 'o', 'Standard output, the error stream, or its checks', 'stream', {
    hint: 'stream',
    views: ['log'],
  }),
  viewAction('Log', 'next-error', 'e', 'Next error', 'next-error', { hint: 'error', views: ['log'] }),
  viewAction('Log', 'previous-error', 'E', 'Previous error', 'previous-error', { views: ['log'] }),
  viewAction('Log', 'times', 'T', 'Time stamps on or off', 'times', { hint: 'times', views: ['log'] }),
  viewAction('Log', 'save', 'W', 'Save to a new file in the current folder', 'save', { hint: 'save', views: ['log'] }),
  viewAction('Log', 'copy', 'y', 'Copy mode: the bare text and nothing around it', 'copy', {
    hint: 'copy',
    views: ['log'],
  }),

  viewAction('Diff', 'next-file', '] tab', 'Next file', 'next-part', { hint: 'next file', views: ['diff'] }),
  viewAction('Diff', 'previous-file', '[ shift+tab', 'Previous file', 'previous-part', {
    hint: 'previous file',
    views: ['diff'],
  }),
  viewAction('Diff', 'next-hunk', '}', 'Next hunk', 'next-hunk', { hint: 'next hunk', views: ['diff'] }),
  viewAction('Diff', 'previous-hunk', '{', 'Previous hunk', 'previous-hunk', { views: ['diff'] }),
  viewAction('Diff', 'pager', '|', 'Show the diff in $PAGER', 'pager', {
    hint: 'pager',
    views: ['diff'],
    enabled: can.canHandOver,
  }),
  viewAction('Diff', 'editor', 'v', 'Open the file in $EDITOR', 'editor', {
    hint: 'editor',
    views: ['diff'],
    enabled: can.canHandOver,
  }),
  viewAction('Diff', 'whitespace', 'w', 'Leave out changes of white space, or show them', 'whitespace', {
    hint: 'white space',
    views: ['diff'],
  }),

  make('Answer', 'yes', 'y enter', 'Yes', () => ({ type: 'answer', answer: 'yes' }), {
    hint: 'yes',
    views: ['confirm', 'approval', 'clean'],
  }),
  viewAction('Answer', 'accept', 'v', 'Accept once what is listed as a breach, or as lost', 'accept', {
    hint: 'accept',
    enabled: can.canAccept,
    views: ['approval', 'clean'],
  }),
  make('Answer', 'retry', 't', 'Run the item again in a fresh worktree', context => redo(context, 'retry'), {
    hint: 'try again',
    enabled: can.canRedo,
    views: ['redo'],
  }),
  make('Answer', 'go-on', 'g', 'Go on in its worktree, told what went wrong', context => redo(context, 'go-on'), {
    hint: 'go on',
    enabled: can.canGoOn,
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
      views: ['redo', 'approval'],
    },
  ),
  open('Answer', 'send-back', 'b', 'Send it back to its agent with a message', 'send-back', {
    hint: 'send back',
    enabled: can.canGoOn,
    views: ['approval'],
  }),
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
];
