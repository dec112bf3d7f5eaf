import { describe, expect, test } from 'vitest';
import { endOf, endsInQuestion } from '../../../source/domain/text/last-words.ts';
import { waitIn } from '../../../source/domain/trouble/limit-time.ts';
import { fixFor, httpStatusOf, type Trouble, troubleOf } from '../../../source/domain/trouble/trouble.ts';

const minute = 60_000;
const hour = 60 * minute;

describe('the time that a message about a limit names', () => {
  const now = Date.UTC(2026, 10, 30, 22, 15, 0);
  test.each<[string, number | null]>([
    ['retry-after: 30', 30_000],
    ['Retry-After-Ms: 1500', 1500],
    ['Rate limit reached. Please try again in 1.9s.', 1900],
    ['Your quota will reset after 18h31m12s.', ((18 * 60 + 31) * 60 + 12) * 1000],
    ['try again in 5 days 3 hours', (5 * 24 + 3) * hour],
    ['Usage limit hit. To go on, get more credits or try again at 11:15 PM UTC.', hour],
    ['limit reached ∙ resets 11pm (UTC)', 45 * minute],
    ['limit reached, resets 11:45pm (Europe/Berlin)', 30 * minute],
    ['resets at 18:00 EST', 45 * minute],
    ['resets at 23:15+00:00', hour],
    ['try again at 01:15 UTC', 3 * hour],
    ['limit resets tomorrow at 00:15 UTC', 2 * hour],
    ['Claude AI usage limit reached|1796080500', 1796080500_000 - now],
    ['x-ratelimit-reset: 1796080500', 1796080500_000 - now],
    ['x-ratelimit-reset-requests: 6m0s', 6 * minute],
    ['"resetsAt":1796080500000', 1796080500_000 - now],
    ['resets at 2026-12-01T00:15:00Z', 2 * hour],
    ['Please retry after 2026-12-01 00:15:00 UTC', 2 * hour],
    ['retry after: Tue, 01 Dec 2026 00:15:00 GMT', 2 * hour],
    ['try again at Dec 1st, 2026 12:15 AM UTC.', 2 * hour],
    ['available again on December 1 at 00:15 UTC', 2 * hour],
    ['resets at 22:14 UTC', 0],
    ['wait 365 days', 7 * 24 * hour],
    ['usage limit reached', null],
    ['try again later', null],
    ['try again at once', null],
  ])('%s', (words, expected) => {
    expect(waitIn(words, now)).toBe(expected);
  });

  test('a clock without a zone is that of this machine', () => {
    const soon = new Date(now + hour);
    const clock = `${soon.getHours() % 12 || 12}:${String(soon.getMinutes()).padStart(2, '0')} ${soon.getHours() < 12 ? 'AM' : 'PM'}`;
    expect(waitIn(`try again at ${clock}.`, now)).toBe(hour);
  });
});

describe('what the words of a failure mean', () => {
  test.each<[Trouble | null, string]>([
    ['limit', 'Usage limit hit. To go on, get more credits or try again at 3:05 PM.'],
    ['limit', "You've hit your usage limit. Upgrade to Pro or try again in 5 days."],
    ['limit', '5-hour limit reached ∙ resets 3pm'],
    ['limit', 'You have exhausted your capacity on this model. Your quota will reset after 2h.'],
    ['limit', 'status 429: no more'],
    ['limit', 'API Error: 429 {"type":"error"}'],
    ['passing', 'API Error: 529 overloaded, repeatedly. Temporary; try later.'],
    ['passing', 'overloaded_error'],
    ['passing', '[API Error: terminated]'],
    ['auth', 'exit code 144 (perhaps HTTP 400, bad request): API key not valid. Please pass a valid API key.'],
    ['passing', 'unexpected status 503 Service Unavailable'],
    ['passing', 'stream disconnected before completion: read ECONNRESET'],
    ['passing', 'Connection error.'],
    ['passing', 'TypeError: fetch failed'],
    ['passing', 'Request timed out.'],
    ['passing', 'HTTP 500, internal server error'],
    ['auth', 'API Error: 401 {"type":"error","error":{"type":"authentication_error"}}'],
    ['auth', 'Invalid API key · Please run /login'],
    ['auth', 'not logged in'],
    ['auth', 'OAuth token has expired'],
    ['credit', 'Your credit balance is too low to access the API.'],
    ['context', 'prompt is too long: 210000 tokens > 200000 maximum'],
    ['context', "This model's maximum context length is 128000 tokens"],
    ['refusal', 'stop_reason: refusal'],
    ['refusal', 'API Error: the request was blocked by content filter'],
    ['request', 'API Error: 400 invalid_request_error'],
    ['request', 'model gpt-9 does not exist'],
    [null, 'the tests fail: expected 3, got 5'],
    [null, 'exit code 7'],
    [null, 'cannot edit lines 400 to 529 of src/a.ts'],
  ])('%s: %s', (expected, words) => {
    expect(troubleOf(words)).toBe(expected);
  });

  test('what is final comes with its fix, what passes does not', () => {
    expect(fixFor('401 Unauthorized')).toContain('log in');
    expect(fixFor('API Error: 529 overloaded')).toBeNull();
    expect(fixFor('something else')).toBeNull();
  });

  test('an exit code may stand for the status of an answer', () => {
    expect([173, 145, 247, 17, 1, 137].map(httpStatusOf)).toEqual([
      'HTTP 429, too many requests',
      'HTTP 401, unauthorized',
      'HTTP 503, service unavailable',
      'HTTP 529, overloaded',
      null,
      null,
    ]);
  });
});

describe('last words', () => {
  test.each<[string, boolean]>([
    ['Which file name should I use? Please tell me: A or B?', true],
    ['Which one?\n1. A\n2. B', true],
    [
      'Should I use A or B?\n- A: the long way, which keeps everything as it is and costs a day\n- B: the short one\n\nLet me know.',
      true,
    ],
    ['I cannot do this alone. Please tell me which file to change.', true],
    ['**Do you want A?**', true],
    ['Is it "A"?', true],
    ['どちらにしますか？', true],
    ['I need your decision before I continue.', true],
    ['Done. Edited a.ts.', false],
    ['See https://example.com/?a=b for more.', false],
    ['I used `a?.b` and x ? y : z in it.', false],
    ['', false],
    [
      'Why was it slow? Because the cache was off, and so I rewrote the whole thing and ran the tests, which all pass now.',
      false,
    ],
  ])('%s asks: %s', (text, expected) => {
    expect(endsInQuestion(text)).toBe(expected);
  });

  test('are kept from the end', () => {
    expect(endOf('short', 10)).toBe('short');
    expect(endOf('one two three four', 12)).toBe('… four');
  });
});
