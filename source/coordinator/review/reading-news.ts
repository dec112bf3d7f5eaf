import { countOf } from '../../domain/text/count.ts';
import type { EventOf } from '../../ports/events.ts';

/** What an agent that reads has come to, as the news of it. */
export function readingNews({ purpose, outcome, words, comments, until }: EventOf<'reading-finished'>): string {
  const what = purpose === 'review' ? 'review' : 'comparison';
  if (outcome === 'dropped') return `${what} dropped: ${words}`;
  if (outcome === 'stopped') return `${what} stopped`;
  if (outcome === 'failed')
    return until === undefined
      ? `${what} failed: ${words}`
      : `${what} waits until ${new Date(until).toISOString()}: ${words}`;
  if (purpose === 'judge') return 'its runs were compared';
  return comments.length === 0 ? 'reviewed: no findings' : `reviewed: ${countOf(comments.length, 'finding')}`;
}
