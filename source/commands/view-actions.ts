import type { Action } from './action.ts';
import * as can from './conditions.ts';
import { make, open, questions, viewAction } from './make-action.ts';
import { redo, widenQuestion } from './questions.ts';

/** Actions of views that scroll a log or a diff, and the answers to questions. */
export const viewActions: readonly Action[] = [
  viewAction('Log', 'follow', 'f', 'Follow the end of the log, or stay here', 'follow', {
    hint: 'follow',
    views: ['log'],
  }),
  viewAction('Log', 'search', '/', 'Search (/…/ is a regular expression)', 'search', {
    hint: 'search',
    views: ['log', 'diff', 'review'],
  }),
  viewAction('Log', 'next-match', 'n', 'Next match', 'next-match', { hint: 'next', views: ['log', 'diff', 'review'] }),
  viewAction('Log', 'previous-match', 'N', 'Previous match', 'previous-match', {
    hint: 'previous',
    views: ['log', 'diff', 'review'],
  }),
  viewAction('Log', 'wrap', 'w', 'Wrap or cut long lines', 'wrap', { hint: 'wrap', views: ['log'] }),
  viewAction('Log', 'stream', 'o', 'Switch between stdout, stderr and checks', 'stream', {
    hint: 'stream',
    views: ['log'],
  }),
  viewAction('Log', 'next-error', 'e', 'Next error', 'next-error', { hint: 'error', views: ['log'] }),
  viewAction('Log', 'previous-error', 'E', 'Previous error', 'previous-error', { views: ['log'] }),
  viewAction('Log', 'times', 'T', 'Toggle timestamps', 'times', { hint: 'times', views: ['log'] }),
  viewAction('Log', 'save', 'W', 'Save to a new file in the current folder', 'save', { hint: 'save', views: ['log'] }),
  viewAction('Log', 'copy', 'y', 'Copy mode: plain text without frames', 'copy', {
    hint: 'copy',
    views: ['log'],
  }),

  viewAction('Diff', 'next-file', '] tab', 'Next file', 'next-part', { hint: 'next file', views: ['diff'] }),
  viewAction('Diff', 'previous-file', '[ shift+tab', 'Previous file', 'previous-part', {
    hint: 'previous file',
    views: ['diff'],
  }),
  viewAction('Diff', 'next-hunk', '}', 'Next hunk', 'next-hunk', { hint: 'next hunk', views: ['diff', 'review'] }),
  viewAction('Diff', 'previous-hunk', '{', 'Previous hunk', 'previous-hunk', { views: ['diff', 'review'] }),
  viewAction('Diff', 'pager', '|', 'Show the diff in $PAGER', 'pager', {
    hint: 'pager',
    views: ['diff', 'review'],
    enabled: can.canHandOver,
  }),
  viewAction('Diff', 'editor', 'v', 'Open the file in $EDITOR', 'editor', {
    hint: 'editor',
    views: ['diff'],
    enabled: can.canHandOver,
  }),
  viewAction('Diff', 'whitespace', 'w', 'Hide or show whitespace changes', 'whitespace', {
    hint: 'whitespace',
    views: ['diff', 'review'],
  }),

  make('Answer', 'yes', 'y enter', 'Yes', () => ({ type: 'answer', answer: 'yes' }), {
    hint: 'yes',
    views: ['confirm', 'clean'],
  }),
  viewAction('Answer', 'accept', 'v', 'Accept the listed violations or losses once', 'accept', {
    hint: 'accept',
    enabled: can.canAccept,
    views: ['review', 'clean'],
  }),
  make(
    'Answer',
    'widen',
    'W',
    "Widen the item's scope to what the run changed outside of it (asks first)",
    widenQuestion,
    {
      enabled: can.canWiden,
      views: ['review'],
    },
  ),
  make('Answer', 'retry', 't', 'Retry the item in a fresh worktree', context => redo(context, 'retry'), {
    hint: 'retry',
    enabled: can.canRedo,
    views: ['redo'],
  }),
  make('Answer', 'go-on', 'g', 'Resume the agent with what went wrong', context => redo(context, 'resume'), {
    hint: 'resume',
    enabled: can.canResumeRun,
    views: ['redo'],
  }),
  make('Answer', 'rebuild', 'b', 'Rebuild the merge on the current tip', context => redo(context, 'rebuild'), {
    hint: 'rebuild',
    enabled: can.canRebuild,
    views: ['redo'],
  }),
  make(
    'Answer',
    'reject',
    'r',
    'Reject: it does not land; branch and worktree stay',
    context => redo(context, 'reject'),
    {
      hint: 'reject',
      enabled: can.canReject,
      views: ['redo', 'review'],
    },
  ),
  open('Answer', 'send-back', 'b', 'Request a fix from the agent', 'request-fix', {
    hint: 'request fix',
    enabled: can.canResumeRun,
    views: ['review'],
  }),
  make('Answer', 'no', 'n esc', 'No', () => ({ type: 'answer', answer: 'no' }), { hint: 'no', views: questions }),
  make('Answer', 'keep', 'k y enter', 'Quit and keep the agents running', () => ({ type: 'leave', choice: 'keep' }), {
    hint: 'keep running',
    views: ['leave'],
  }),
  make(
    'Answer',
    'stop',
    's',
    'Quit and stop the agents; their work so far stays',
    () => ({ type: 'leave', choice: 'stop' }),
    {
      hint: 'stop them',
      views: ['leave'],
    },
  ),
  make('Answer', 'stay', 'n esc', 'Stay', () => ({ type: 'answer', answer: 'no' }), { hint: 'stay', views: ['leave'] }),
];
