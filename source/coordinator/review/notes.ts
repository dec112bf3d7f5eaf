import type { Instance } from '../../domain/instance.ts';
import { noReview, type ReviewComment } from '../../domain/review/review.ts';
import { sanitizeBlock, sanitizeLine } from '../../domain/text/sanitize.ts';
import type { Command, CommandAnswer } from '../../ports/commands.ts';
import { done, refused } from '../state/answers.ts';
import type { Transition } from '../transition.ts';

/** What is kept of one comment and of all of a run. */
const longestComment = 10_000;
const longestQuote = 500;
const mostQuoted = 200;
export const mostComments = 500;
const mostViewed = 20_000;

/** Keeps a comment with the run, or writes one again that has not been sent. */
export function writeComment(
  transition: Transition,
  { runId, key, review = noReview }: Instance,
  wanted: Extract<Command, { type: 'comment' }>,
): CommandAnswer {
  const { comment, commentId } = wanted;
  const text = sanitizeBlock(comment.text, longestComment).trim();
  if (text === '') return refused('Type a comment first.');
  const old = review.comments.find(({ id }) => id === commentId);
  if (commentId !== undefined && old === undefined) return refused('That comment is no longer there.');
  if (old !== undefined && old.sentAt !== null) return refused('That comment was sent already. Write another one.');
  if (old === undefined && review.comments.length >= mostComments)
    return refused(`${key} has ${mostComments} comments, which is the limit. Remove some first.`);
  const quote = comment.quote.slice(0, mostQuoted).map(line => sanitizeLine(line, longestQuote));
  const id = old?.id ?? `c${freeCommentId(review.comments)}`;
  const kept: ReviewComment = { ...comment, id, quote, text, at: transition.at, sentAt: null };
  transition.record({ type: 'comment-written', runId, comment: kept });
  return done(old === undefined ? 'Comment added. It is sent when you request a fix.' : 'Comment changed.', [runId]);
}

export function removeComment(
  transition: Transition,
  { runId, review = noReview }: Instance,
  commentId: string,
): CommandAnswer {
  if (!review.comments.some(({ id }) => id === commentId)) return refused('That comment is no longer there.');
  transition.record({ type: 'comment-removed', runId, id: commentId });
  return done('Comment removed.', [runId]);
}

/** Remembers that a person has viewed a file's change, until it changes again. */
export function markViewed(
  transition: Transition,
  { runId, review = noReview }: Instance,
  { path, mark }: Extract<Command, { type: 'mark-viewed' }>,
): CommandAnswer {
  const known = review.viewed[path] ?? null;
  if (mark !== null && Object.keys(review.viewed).length >= mostViewed) return refused('Too many files are marked.');
  if (known !== mark) transition.record({ type: 'file-viewed', runId, path, mark });
  return done(mark === null ? 'Not viewed.' : 'Viewed.', [runId]);
}

/** The number of the next comment, which none of these has. */
export function freeCommentId(comments: readonly ReviewComment[]): number {
  const numbers = comments.map(({ id }) => Number(id.slice(1)) || 0);
  return Math.max(0, ...numbers) + 1;
}
