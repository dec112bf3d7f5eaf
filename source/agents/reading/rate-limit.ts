import type { ReaderEvent } from '../../ports/agents.ts';

/** Longest text that is searched. */
const longestWords = 4096;
/** No subscription window is longer than a week; a longer value is a mistake. Milliseconds. */
export const longestWaitMs = 7 * 24 * 3_600_000;

const limitWords =
  /\b(?:rate[ _-]?limit(?:ed|[ _-]?(?:exceeded|reached|hit|error))|exceed(?:s|ed)? (?:\S{1,40} ){0,4}rate limit|ratelimiterror|too many requests|(?:status|http|error|code)[ :="]{0,4}429|usage limit (?:has been )?reached|hit your (?:\w+ ){0,2}limit|quota (?:exceeded|exhausted)|exceeded your current quota|resource[ _]exhausted|overloaded_error)\b/i;

/** What an error says about a rate limit, if anything. For error events and stderr only: a model may write these words at any time. */
export function rateLimit(errorWords: string): readonly ReaderEvent[] {
  const words = errorWords.slice(0, longestWords);
  return limitWords.test(words) ? [{ type: 'rate-limited', retryAfterMs: waitTime(words) }] : [];
}

const waitWords = /\b(?:retry|try again|wait|resets?)[a-z _-]{0,12}[ :="]{0,4}(?=\d)/i;
const part =
  /^(\d{1,7}(?:\.\d{1,6})?) ?(ms|milliseconds?|s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?|d|days?)(?![a-z])(?:, | and | )?/i;
/** A number alone means seconds; one that continues as a time of day (`10:30`, `3pm`) is not a duration. */
const bare = /^(\d{1,7}(?:\.\d{1,6})?)(?![\w:.])/;

/** Milliseconds that an error asks to wait: `retry-after: 30`, `try again in 1.9s`, `in 6m0s`, `in 5 days 3 hours`. */
function waitTime(words: string): number | null {
  const found = waitWords.exec(words);
  if (found === null) return null;
  let rest = words.slice(found.index + found[0].length, found.index + found[0].length + 100);
  let sum: number | null = null;
  for (let next = part.exec(rest); next !== null; next = part.exec(rest)) {
    sum = (sum ?? 0) + Number(next[1]) * factorOf(next[2] ?? '');
    rest = rest.slice(next[0].length);
  }
  const seconds = sum === null ? bare.exec(rest)?.[1] : undefined;
  const wait = seconds === undefined ? sum : Number(seconds) * 1000;
  return wait === null ? null : Math.min(Math.round(wait), longestWaitMs);
}

function factorOf(unit: string): number {
  const name = unit.toLowerCase();
  return name.startsWith('ms') || name.startsWith('milli') ? 1 : (unitMs[name[0] ?? ''] ?? 1000);
}

const unitMs: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
