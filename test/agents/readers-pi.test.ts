import { expect, test } from 'vitest';
import { troubleOf } from '../../source/domain/trouble/trouble.ts';
import { read } from '../helpers/core/readers.ts';
import { lastOf, shownLines } from '../helpers/programs/agent-runs.ts';

const usage = { input: 10, output: 2, cacheRead: 5, cacheWrite: 1, cost: { total: 0.01 } };
const message = (more: object) => ({
  type: 'message_end',
  message: { role: 'assistant', usage, content: [], ...more },
});
const said = (text: string) => message({ content: [{ type: 'text', text }], stopReason: 'stop' });
const failed = (errorMessage: string) => message({ stopReason: 'error', errorMessage });
const settled = { type: 'agent_settled', aborted: false };

test('words, tools, usage and session', () => {
  const events = read('pi', [
    { type: 'session', version: 3, id: '01a2' },
    { type: 'message_end', message: { role: 'user', content: [{ type: 'text', text: 'the prompt' }] } },
    message({
      content: [
        { type: 'thinking', thinking: 'so' },
        { type: 'text', text: 'I write.' },
      ],
      stopReason: 'toolUse',
    }),
    { type: 'tool_execution_start', toolName: 'write', args: { path: '/w/a.txt' } },
    { type: 'tool_execution_end', toolName: 'write', result: { content: [] }, isError: false },
    { type: 'tool_execution_start', toolName: 'bash', args: { command: 'make' } },
    {
      type: 'tool_execution_end',
      toolName: 'bash',
      result: { content: [{ type: 'text', text: 'no rule\n' }], structuredContent: { exit_code: 2 } },
      isError: false,
    },
    said('Done.'),
    { type: 'agent_end', messages: [], willRetry: false },
    settled,
  ]);
  expect(shownLines(events)).toEqual([
    'thinking: so',
    'text: I write.',
    'file: Write /w/a.txt',
    'command: $ make',
    'error:   exit 2: no rule',
    'text: Done.',
  ]);
  expect(lastOf(events, 'usage')).toEqual({ type: 'usage', inputTokens: 32, outputTokens: 4, costUsd: 0.02 });
  expect(lastOf(events, 'session')).toEqual({ type: 'session', id: '01a2' });
  expect(events.filter(({ type }) => type === 'result')).toEqual([{ type: 'result', ok: true, message: 'Done.' }]);
});

test('a question is one', () => {
  expect(lastOf(read('pi', [said('A or B?'), settled]), 'result')).toMatchObject({ ok: true, asks: true });
});

test('trouble that it got over is none', () => {
  const words = '503: {"message":"The server is overloaded or not ready yet.","code":"server_error"}';
  const again = [
    failed(words),
    { type: 'agent_end', messages: [], willRetry: true },
    { type: 'auto_retry_start', attempt: 1, errorMessage: words },
  ];
  const over = read('pi', [...again, said('Done.'), settled]);
  expect(lastOf(over, 'result')).toMatchObject({ ok: true });
  expect(shownLines(over)[0]).toBe('system: tries again: 503: The server is overloaded or not ready yet.');
  const events = read('pi', [...again, failed(words), settled]);
  expect(lastOf(events, 'result')).toMatchObject({
    ok: false,
    message: '503: The server is overloaded or not ready yet.',
  });
});

test.each([
  ['401: {"message":"Incorrect API key provided: sk-x.","code":"invalid_api_key"}', 'auth'],
  [
    '400: {"message":"This model\'s maximum context length is 128000 tokens.","code":"context_length_exceeded"}',
    'context',
  ],
  ['Provider finish_reason: content_filter', 'refusal'],
])('%s is final', (words, kind) => {
  const end = lastOf(read('pi', [failed(words), settled]), 'result');
  expect(end).toMatchObject({ ok: false });
  expect(troubleOf(end?.message ?? '')).toBe(kind);
});

test('a limit names its end', () => {
  const words = '429: {"message":"Rate limit reached. Please try again in 20s.","code":"rate_limit_exceeded"}';
  expect(lastOf(read('pi', [failed(words), settled]), 'rate-limited')).toEqual({
    type: 'rate-limited',
    retryAfterMs: 20_000,
  });
});
