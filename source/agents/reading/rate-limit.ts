import { waitIn } from '../../domain/trouble/limit-time.ts';
import { troubleOf } from '../../domain/trouble/trouble.ts';
import type { ReaderEvent } from '../../ports/agents.ts';

/** Longest text that is searched. */
const longestWords = 4096;

/** What an error says about a rate limit, if anything. For error events and stderr only: a model may write these words at any time. */
export function rateLimit(errorWords: string): readonly ReaderEvent[] {
  const words = errorWords.slice(0, longestWords);
  return troubleOf(words) === 'limit' ? [{ type: 'rate-limited', retryAfterMs: waitIn(words, Date.now()) }] : [];
}
