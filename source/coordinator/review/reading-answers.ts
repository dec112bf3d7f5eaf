import type { Instance } from '../../domain/instance.ts';
import type { ReadingPurpose } from '../../domain/review/reading.ts';
import { noReview, type ReviewComment } from '../../domain/review/review.ts';
import { sanitizeBlock } from '../../domain/text/sanitize.ts';
import { troubleOf } from '../../domain/trouble/trouble.ts';
import type { ReadingResult } from '../../ports/reading/reading-result.ts';
import { cool, pauseAfter } from '../runs/waiting.ts';
import { sanitizeReason } from '../state/sentences.ts';
import type { Transition } from '../transition.ts';
import { freeCommentId, mostComments } from './notes.ts';

/** Pauses in a row for a trouble that passes; after that it has failed. */
const mostTries = 8;
/** Characters of what it says on the whole. */
const longestWords = 4000;

/** What an agent that read a run's work has said. Of a reading that nobody waits for any more nothing counts. */
export function readingAnswered(
  transition: Transition,
  runId: string,
  purpose: ReadingPurpose,
  number: number,
  result: ReadingResult,
): void {
  const instance = transition.instance(runId);
  const reading = instance?.readings?.[purpose];
  if (instance === undefined || reading === undefined || reading.ended || reading.number !== number) return;
  const { outcome, changed, usage } = result;
  const words = sanitizeBlock(result.words, longestWords).trim();
  const again = outcome === 'failed' ? pauseFor(transition, instance, purpose, result) : {};
  transition.record({
    type: 'reading-finished',
    runId,
    purpose,
    number,
    outcome,
    words: outcome === 'failed' ? sanitizeReason(words) : words,
    comments: outcome === 'done' ? commentsOf(transition, instance, reading.agent, reading.head, result) : [],
    ...(changed ? { changed: true as const } : {}),
    ...(usage === null ? {} : { usage }),
    ...again,
  });
  if (changed)
    transition.notice(
      'warning',
      `${instance.key}: ${reading.agent} changed files while it should only read; they were thrown away`,
      runId,
    );
}

/** It could not be started, or nobody could look at it. */
export function readingFailed(
  transition: Transition,
  { runId, readings }: Instance,
  purpose: ReadingPurpose,
  message: string,
): void {
  const result = { outcome: 'failed', words: message, findings: [], usage: null, changed: false, limit: null } as const;
  readingAnswered(transition, runId, purpose, readings?.[purpose]?.number ?? 0, result);
}

/** When it is tried again, where a limit or a trouble that passes was in its way. */
function pauseFor(
  transition: Transition,
  { runId, readings }: Instance,
  purpose: ReadingPurpose,
  { words, limit }: ReadingResult,
): { readonly until?: number; readonly tries?: number } {
  const kind = limit === null ? troubleOf(words) : 'limit';
  const reading = readings?.[purpose];
  const tries = (reading?.tries ?? 0) + 1;
  if ((kind !== 'limit' && kind !== 'passing') || reading === undefined || tries > mostTries) return {};
  const given = limit?.until ?? null;
  const until =
    given !== null && given > transition.at ? given : transition.at + pauseAfter(transition, runId, kind, tries);
  if (until > (transition.state.cooldowns[reading.agent] ?? 0))
    cool(transition, { agent: reading.agent, runId }, kind, until, true);
  return { until, tries };
}

function commentsOf(
  transition: Transition,
  { review = noReview }: Instance,
  agent: string,
  head: string,
  { findings }: ReadingResult,
): readonly ReviewComment[] {
  const kept = review.comments.filter(({ by, sentAt }) => by === undefined || sentAt !== null);
  const first = freeCommentId(review.comments);
  return findings.slice(0, Math.max(0, mostComments - kept.length)).map((finding, index) => ({
    ...finding,
    id: `c${first + index}`,
    by: agent,
    head,
    at: transition.at,
    sentAt: null,
  }));
}
