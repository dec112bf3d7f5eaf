import { describe, expect, test } from 'vitest';
import { read } from '../helpers/core/readers.ts';
import { lastOf } from '../helpers/programs/agent-runs.ts';

test.each([
  'No conversation found with session ID: 0b9e',
  'Error: thread/resume failed: no rollout found for thread id 0b9e (code -32600)',
  'Error resuming session: No previous sessions found for this project.',
  'No saved session found with ID 0b9e.',
  '\u001b[91m\u001b[1mError: \u001b[0mSession not found',
  "Error: No session, task, or name matched '0b9e'.",
])('a session that is gone is known as such: %s', words => {
  expect(lastOf(read('codex', [], [words]), 'session-lost')).toBeDefined();
});

test('a session that could be an option is none', () => {
  for (const id of ['--dangerously-skip-permissions', '-c', 'a b', '', '../x', 'x'.repeat(300), '\u001b[2J'])
    expect(lastOf(read('claude', [{ type: 'system', subtype: 'init', session_id: id }]), 'session')).toBeUndefined();
  const id = 'ses_494719016ffe-85:k.2';
  expect(lastOf(read('opencode', [{ type: 'text', sessionID: id, part: {} }]), 'session')).toEqual({
    type: 'session',
    id,
  });
});

describe('rate limits in words', () => {
  test.each([
    ['429 Too Many Requests, retry-after: 30', 30_000],
    ['Rate limit reached for m in organization o. Please try again in 1.898s.', 1898],
    ['Rate limit reached. Please try again in 6m0s.', 360_000],
    ['Rate limit reached. Please try again in 20ms.', 20],
    ["You've hit your usage limit. Try again in 5 days 3 hours 2 minutes.", 5 * 86_400_000 + 3 * 3_600_000 + 120_000],
    ["You've hit your usage limit. Try again in 1 hour, 4 minutes and 3 seconds", 3_843_000],
    ["You've hit your limit · resets 3pm", expect.any(Number)],
    ["You've hit your usage limit. Try again at 3:14 PM.", expect.any(Number)],
    ['rate limit exceeded, try again in 90 days', 7 * 86_400_000],
    ["This request would exceed your organization's rate limit of 50,000 input tokens per minute", null],
  ])('%s', (words, retryAfterMs) => {
    const events = read('claude', [], [words]);
    expect(lastOf(events, 'rate-limited')).toEqual({ type: 'rate-limited', retryAfterMs });
  });

  test('no limit where none is spoken of', () => {
    for (const words of ['the limit of 429 lines', 'wait 3 days', 'we exceed all expectations'])
      expect(lastOf(read('claude', [], [words]), 'rate-limited')).toBeUndefined();
  });
});
