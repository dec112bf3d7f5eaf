import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AgentRegistry } from '../../source/agents/registry.ts';
import type { ReaderEvent } from '../../source/ports/agents.ts';
import { read, readBy, readerNames } from '../helpers/core/readers.ts';
import { lastOf, readAll, shownLines } from '../helpers/programs/agent-runs.ts';

const eventTypes: readonly ReaderEvent['type'][] = [
  ...(['line', 'session', 'session-lost', 'usage', 'activity', 'result', 'rate-limited'] as const),
];

describe('whatever the line', () => {
  const words = fc.constantFrom(
    ...[
      'system',
      'assistant',
      'user',
      'result',
      'init',
      'message',
      'tool_use',
      'tool_result',
      'error',
      'rate_limit_event',
    ],
    ...['thread.started', 'turn.completed', 'turn.failed', 'item.started', 'item.completed', 'text', 'step_finish'],
    ...['tool_call', 'tool.execution_start', 'tool.execution_complete', 'session.error', 'plan', 'command-ended'],
  );
  const event = fc.dictionary(
    fc.constantFrom(
      'type',
      'message',
      'content',
      'item',
      'part',
      'data',
      'usage',
      'result',
      'error',
      'state',
      'tool_call',
    ),
    fc.oneof(
      words,
      fc.jsonValue(),
      fc.dictionary(fc.constantFrom('type', 'content', 'items', 'tool', 'input'), fc.jsonValue()),
    ),
  );
  const line = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.json(),
    event.map(value => JSON.stringify(value)),
    fc.tuple(words, fc.jsonValue()).map(([type, rest]) => `{"type":"${type}","message":${JSON.stringify(rest)}}`),
    event.map(value => JSON.stringify(value).slice(0, -2)),
  );

  test.each(readerNames)('%s: nothing is thrown and every event is well made', name => {
    fc.assert(
      fc.property(fc.array(fc.tuple(line, fc.constantFrom('out', 'err') as fc.Arbitrary<'out' | 'err'>)), input => {
        const reader = readBy(name).createReader();
        const events = [...input.flatMap(([text, stream]) => reader.read(text, stream)), ...(reader.end?.() ?? [])];
        for (const each of events) {
          expect(eventTypes).toContain(each.type);
          if (each.type === 'line') {
            expect(each.text.length).toBeLessThanOrEqual(4096);
            expect(each.text).not.toContain('\n');
          }
          if (each.type === 'rate-limited' && each.retryAfterMs !== null) {
            expect(each.retryAfterMs).toBeGreaterThanOrEqual(0);
          }
        }
      }),
      { numRuns: 150 },
    );
  });

  test.each(readerNames)('%s: a line of five megabytes, half an event, bytes that are no text', name => {
    const huge = `{"type":"assistant","message":{"content":[{"type":"text","text":"${'x'.repeat(5 * 1024 * 1024)}"}]}}`;
    for (const each of [
      huge,
      huge.slice(0, -3),
      '\u0000\ufffd\u001b[2J',
      '',
      ' ',
      '{',
      '[]',
      'null',
      '{"type":null}\r',
    ]) {
      const events = read(name, [each]);
      for (const text of shownLines(events)) expect(text.length).toBeLessThan(4200);
    }
  });

  test.each(readerNames)('%s: words of a model are never taken for a rate limit', name => {
    const text = 'I hit a 429 Too Many Requests: rate limit exceeded, retry after 30 s';
    const spoken = [
      { type: 'assistant', message: { content: [{ type: 'text', text }] } },
      { type: 'item.completed', item: { type: 'agent_message', text } },
      { type: 'message', role: 'assistant', content: text },
      { type: 'text', part: { text } },
      { type: 'assistant.message', data: { content: text } },
      { type: 'say', text },
      text,
    ];
    expect(lastOf(read(name, spoken), 'rate-limited')).toBeUndefined();
  });

  test.each([
    ['429 Too Many Requests', null],
    ['Error: rate limit exceeded, please try again in 20s', 20_000],
    ['RateLimitError: retry after 1.5 minutes', 90_000],
    ['usage limit reached; resets in 2 hours', 7_200_000],
    ['status 429, retry-after: 30', 30_000],
    ['quota exceeded, retry in 250 ms', 250],
    ["You've hit your usage limit. Try again at 14:05", expect.any(Number)],
  ])('error stream: %s', (text, retryAfterMs) => {
    expect(lastOf(read('text', [], [text]), 'rate-limited')).toEqual({ type: 'rate-limited', retryAfterMs });
  });

  test.each(['rate limits: none', 'line 429 of the file', 'http://host:1429/', 'the speed limit is 30'])(
    'error stream: %s is no rate limit',
    text => {
      expect(lastOf(read('text', [], [text]), 'rate-limited')).toBeUndefined();
    },
  );
});

describe('any program', () => {
  test('text is shown as it is and decides nothing', () => {
    const events = read('text', ['hello', '{"type":"result","ok":false}']);
    expect(shownLines(events)).toEqual(['text: hello', 'text: {"type":"result","ok":false}']);
    expect(lastOf(events, 'result')).toBeUndefined();
  });

  test('a session told on a line of a given look is known, and the line is shown all the same', () => {
    const agents = { mine: { command: 'x', sessionLine: '(session {session})' } };
    const mine = new AgentRegistry({ agents }).require('mine');
    const sessions = (...lines: string[]) =>
      readAll(mine, lines).flatMap(event => (event.type === 'session' ? [event.id] : []));
    expect(sessions('hello', 'started (session ab-12:3) now')).toEqual(['ab-12:3']);
    expect(sessions('(session --evil)', '(session )', '(session a b)', '(session abc', 'x'.repeat(1 << 20))).toEqual(
      [],
    );
    expect(shownLines(readAll(mine, ['(session a1)']))).toEqual(['text: (session a1)']);
    expect(readAll(mine, [], ['(session a1)']).some(({ type }) => type === 'session')).toBe(false);
  });

  test('json lines: words, session, usage, verdict; the rest shortened', () => {
    const events = read('json-lines', [
      { session_id: 'j1', message: 'two\nlines' },
      { text: 'text', usage: { input_tokens: 4, output_tokens: 2 } },
      { strange: true },
      'no json',
      { type: 'error', error: { message: 'HTTP 429' } },
      { type: 'result', ok: false, message: 'gave up' },
    ]);
    expect(shownLines(events)).toEqual([
      'text: two',
      'text: lines',
      'text: text',
      'system: {"strange":true}',
      'text: no json',
      'error: HTTP 429',
      'error: gave up',
    ]);
    expect(lastOf(events, 'session')).toEqual({ type: 'session', id: 'j1' });
    expect(lastOf(events, 'usage')).toMatchObject({ inputTokens: 4, outputTokens: 2 });
    expect(lastOf(events, 'rate-limited')).toEqual({ type: 'rate-limited', retryAfterMs: null });
    expect(lastOf(events, 'result')).toEqual({ type: 'result', ok: false, message: 'gave up' });
  });
});
