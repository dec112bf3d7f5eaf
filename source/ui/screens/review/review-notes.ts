import type { ViewAct } from '../../../commands/action.ts';
import { actionFor, keyFor } from '../../../commands/keymap.ts';
import { messageOf } from '../../../domain/errors.ts';
import type { Instance } from '../../../domain/instance.ts';
import type { Command } from '../../../ports/commands.ts';
import type { Layer, LayerHost } from '../../layer.ts';
import type { KeyPress } from '../../terminal/keys.ts';
import { type Search, searchHints } from '../parts/search.ts';
import { commentField } from './comment-field.ts';
import { commentOn } from './document.ts';
import type { PagePlace } from './place.ts';
import type { ReviewPage } from './review-page.ts';
import { otherAt } from './steps.ts';

/** What keys do that need the diff. */
export const aboutDiff: ReadonlySet<ViewAct> = new Set([
  'next-part',
  'next-hunk',
  'select-lines',
  'viewed',
  'next-match',
]);

/** What keys may do while lines are selected. */
const selecting: ReadonlySet<string> = new Set([
  'down',
  'up',
  'page-down',
  'page-up',
  'top',
  'bottom',
  'shift-left',
  'shift-right',
  'next-hunk',
  'previous-hunk',
  'select-lines',
]);

/** Selects lines and comments on them. */
export class ReviewNotes {
  /** Row where a selection of lines began; null: none is under way. */
  anchor: number | null = null;

  constructor(
    private readonly host: LayerHost,
    private readonly place: PagePlace,
  ) {}

  /** Keys for the footer while a search is typed or lines are selected. */
  hints(search: Search): Layer['hints'] {
    if (search.field !== null) return searchHints;
    if (this.anchor === null) return undefined;
    const { keymap } = this.host;
    return [
      [`${keyFor(keymap, 'down')} ${keyFor(keymap, 'up')}`, 'more lines'],
      [keyFor(keymap, 'select-lines'), 'write the comment'],
      ['Esc', 'cancel'],
    ];
  }

  /** A key while lines are selected; true: handled. Whoever types at once would otherwise land, reject or send something. */
  key({ name }: KeyPress): boolean {
    if (this.anchor === null || name === 'ctrl+c') return false;
    if (name !== 'esc') {
      if (selecting.has(actionFor(this.host.keymap, 'review', name)?.id ?? '')) return false;
      this.host.showMessage(
        `Press ${keyFor(this.host.keymap, 'select-lines')} to write the comment, Esc to cancel.`,
        'warning',
      );
      return true;
    }
    this.anchor = null;
    this.host.changed();
    return true;
  }

  /** On a line: begins a selection, or ends it with a comment. On a comment: opens it. Elsewhere: folds or unfolds. */
  select(page: ReviewPage, run: Instance, fold: () => void): void {
    const { cursor } = this.place;
    if (this.anchor !== null) return this.write(page, run);
    const other = otherAt(page, cursor);
    if (cursor < 0 || other?.type === 'file' || other?.type === 'folded') return fold();
    if (other?.type === 'comment') {
      const { comment } = other;
      if (comment.sentAt !== null) return this.host.showMessage('This comment was sent already.', 'warning');
      return this.host.show(commentField(this.host, run.runId, comment, comment));
    }
    if (other !== undefined) return;
    const line = page.body.rows[cursor] ?? -1;
    if (commentOn(page.loaded, line, line) === null) {
      return this.host.showMessage('A comment is about lines of the diff: move to one of them first.', 'warning');
    }
    this.anchor = cursor;
    const [down, up, write] = ['down', 'up', 'select-lines'].map(id => keyFor(this.host.keymap, id));
    this.host.showMessage(`${down} and ${up} select more lines, ${write} writes a comment on them, Esc cancels.`);
  }

  private write({ body, loaded }: ReviewPage, { runId, head }: Instance): void {
    const { cursor } = this.place;
    const [from, to] = [Math.min(this.anchor ?? 0, cursor), Math.max(this.anchor ?? 0, cursor)];
    const lines = body.rows.slice(from, to + 1).filter(row => row >= 0);
    const about = commentOn(loaded, lines[0] ?? 0, lines.at(-1) ?? -1);
    this.anchor = null;
    if (about === null) return this.host.showMessage('Select lines of one hunk.', 'warning');
    this.host.show(commentField(this.host, runId, { ...about, head: head ?? '' }, null));
  }

  remove(page: ReviewPage, { runId }: Instance): void {
    const other = otherAt(page, this.place.cursor);
    if (other?.type !== 'comment') return this.host.showMessage('Move to a comment to remove it.', 'warning');
    this.host.send({ type: 'uncomment', id: runId, commentId: other.comment.id });
  }
}

/** Sends what needs no words where it succeeds. */
export function sendQuietly(host: LayerHost, command: Command, done: () => void): void {
  host.handle.send(command).then(
    ({ ok, message }) => {
      if (ok) done();
      else host.showMessage(message, 'warning');
      host.changed();
    },
    (error: unknown) => host.showMessage(messageOf(error), 'error'),
  );
}
