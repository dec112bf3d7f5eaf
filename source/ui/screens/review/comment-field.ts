import { keyFor } from '../../../commands/keymap.ts';
import { messageOf } from '../../../domain/errors.ts';
import type { RunId } from '../../../domain/ids.ts';
import { commentPlace, type ReviewComment } from '../../../domain/review/review.ts';
import { escapePath } from '../../../domain/text/sanitize.ts';
import { showAnswer } from '../../controller/outside.ts';
import type { Layer, LayerHost } from '../../layer.ts';
import { type Line, line } from '../../presentation/line.ts';
import { FormDialog } from '../parts/form-dialog.tsx';

/** Quoted lines that the dialog repeats. */
const mostQuoted = 6;

/** Takes the text of a comment on lines of a diff; `old`: the comment that it changes. */
export function commentField(
  host: LayerHost,
  runId: RunId,
  about: Pick<ReviewComment, 'path' | 'side' | 'from' | 'to' | 'quote' | 'head'>,
  old: ReviewComment | null,
): Layer {
  const { path, side, from, to, quote, head } = about;
  const added = `Comment added. Press ${keyFor(host.keymap, 'send-back')} to send it to the agent.`;
  const place = commentPlace({ ...about, path: escapePath(path) });
  return new FormDialog(host, {
    title: `Comment on ${place}`,
    above: quoteLines(quote),
    fields: [{ label: 'Your comment', kind: 'area', ...(old === null ? {} : { text: old.text }) }],
    note: `Kept with the run. ${keyFor(host.keymap, 'send-back')} sends all comments together.`,
    submitWord: 'keep',
    draft: `comment ${runId} ${place}`,
    submit: ([text = '']) => {
      if (text.trim() === '') return 'Type a comment first. Esc goes back.';
      const which = old === null ? {} : { commentId: old.id };
      const comment = { path, side, from, to, quote, text, head };
      host.handle.send({ type: 'comment', id: runId, ...which, comment }).then(
        answer => showAnswer(host, answer.ok && old === null ? { ...answer, message: added } : answer),
        (error: unknown) => host.showMessage(messageOf(error), 'error'),
      );
      return null;
    },
  });
}

function quoteLines(quote: readonly string[]): readonly Line[] {
  const more = quote.length - mostQuoted;
  return [
    ...quote
      .slice(0, mostQuoted)
      .map(one => line(` ${one}`, one[0] === '+' ? 'added' : one[0] === '-' ? 'removed' : 'dim')),
    ...(more > 0 ? [line(` … and ${more} more`, 'dim')] : []),
  ];
}
