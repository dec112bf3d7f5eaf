import { messageOf } from '../../../domain/errors.ts';
import type { Instance } from '../../../domain/instance.ts';
import type { Command } from '../../../ports/commands.ts';
import type { LayerHost } from '../../layer.ts';
import { commentField } from './comment-field.ts';
import { commentOn } from './document.ts';
import type { PagePlace } from './place.ts';
import type { ReviewPage } from './review-page.ts';
import { otherAt } from './steps.ts';

/** Selects lines and comments on them. */
export class ReviewNotes {
  /** Row where a selection of lines began; null: none is under way. */
  anchor: number | null = null;

  constructor(
    private readonly host: LayerHost,
    private readonly place: PagePlace,
  ) {}

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
    this.host.showMessage('j and k select more lines, Enter writes a comment on them, Esc cancels.');
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
