import type { Action } from './action.ts';
import * as can from './conditions.ts';
import { make, viewAction } from './make-action.ts';

const views = ['review'] as const;

/** Keys of the review page that are its alone. */
export const reviewActions: readonly Action[] = [
  make('Review', 'land', 'y', 'Approve the commit shown, and land it', () => ({ type: 'answer', answer: 'yes' }), {
    hint: 'land',
    enabled: can.canLand,
    views,
  }),
  viewAction(
    'Review',
    'select-lines',
    'enter V',
    'Select lines, then comment on them; fold or unfold a file',
    'select-lines',
    {
      hint: 'comment',
      views,
    },
  ),
  viewAction('Review', 'viewed', 'space', 'Mark the file as viewed, or not, and go to the next', 'viewed', {
    hint: 'viewed',
    views,
  }),
  viewAction('Review', 'next-review', ']', 'Next branch under review', 'next-review', { hint: 'next branch', views }),
  viewAction('Review', 'previous-review', '[', 'Previous branch under review', 'previous-review', { views }),
  viewAction('Review', 'review-next-file', 'tab', 'Next file', 'next-part', { hint: 'file', views }),
  viewAction('Review', 'review-previous-file', 'shift+tab', 'Previous file', 'previous-part', { views }),
  viewAction('Review', 'fold', 'o', 'Fold or unfold the file; above the files, show long texts', 'fold', {
    hint: 'fold',
    views,
  }),
  viewAction('Review', 'remove-comment', 'x', 'Remove the comment at the cursor', 'remove-comment', { views }),
  viewAction('Review', 'open-editor', 'e', 'Open the file in $EDITOR', 'editor', { enabled: can.canHandOver, views }),
  viewAction('Review', 'shift-right', 'right', 'Show the rest of long lines', 'right', { views }),
  viewAction('Review', 'shift-left', 'left', 'Back to the start of long lines', 'left', { views }),
];
