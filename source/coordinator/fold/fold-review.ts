import type { Review } from '../../domain/review/review.ts';
import type { EventOf } from '../../ports/events.ts';

/** What a person has noted of a run, after one more note. */
export function foldReview(
  review: Review,
  event: EventOf<'comment-written' | 'comment-removed' | 'comments-sent' | 'file-viewed'>,
): Review {
  const { viewed, comments } = review;
  switch (event.type) {
    case 'comment-written': {
      const { comment } = event;
      const known = comments.some(({ id }) => id === comment.id);
      return {
        ...review,
        comments: known ? comments.map(one => (one.id === comment.id ? comment : one)) : [...comments, comment],
      };
    }
    case 'comment-removed':
      return { ...review, comments: comments.filter(({ id }) => id !== event.id) };
    case 'comments-sent':
      return {
        ...review,
        comments: comments.map(one => (event.ids.includes(one.id) ? { ...one, sentAt: event.at } : one)),
      };
    case 'file-viewed': {
      const { [event.path]: _old, ...others } = viewed;
      return { ...review, viewed: event.mark === null ? others : { ...others, [event.path]: event.mark } };
    }
  }
}
