import { describe, expect, test } from 'vitest';
import { read } from '../helpers/core/readers.ts';
import { lastOf, shownLines } from '../helpers/programs/agent-runs.ts';

describe('claude', () => {
  const assistant = (
    id: string,
    content: unknown,
    usage = { input_tokens: 10, cache_read_input_tokens: 5, output_tokens: 3 },
  ) => ({
    type: 'assistant',
    session_id: 's1',
    message: { id, content, usage },
  });
  const use = (id: string, name: string, input: unknown) => [{ type: 'tool_use', id, name, input }];

  test('shows text, thinking, tools with their target, plans, commands and their end', () => {
    const events = read('claude', [
      { type: 'system', subtype: 'init', cwd: '/w', session_id: 's1', model: 'opus' },
      assistant('a', [{ type: 'thinking', thinking: 'hm' }]),
      assistant('a', [{ type: 'text', text: 'First line\n\nsecond line\n' }]),
      assistant('b', use('1', 'Edit', { file_path: '/w/source/app.ts', old_string: 'x' })),
      assistant('c', use('2', 'Bash', { command: 'npm test\n', description: 'run' })),
      {
        type: 'user',
        message: {
          content: [{ type: 'tool_result', tool_use_id: '2', is_error: true, content: 'Exit code 1\n3 failed' }],
        },
      },
      assistant(
        'd',
        use('3', 'TodoWrite', {
          todos: [
            { content: 'read', status: 'completed' },
            { content: 'write', status: 'in_progress' },
            { content: 'test', status: 'pending' },
          ],
        }),
      ),
      assistant('e', use('4', 'Grep', { pattern: 'parseLine' })),
      assistant('f', use('5', 'mcp__db__query', { sql: 'select 1' })),
      { type: 'stream_event', event: {} },
    ]);
    expect(shownLines(events)).toEqual([
      'system: model opus',
      'thinking: hm',
      'text: First line',
      'text: ',
      'text: second line',
      'file: Edit source/app.ts',
      'command: $ npm test',
      'error:   exit 1: 3 failed',
      'plan: [x] read',
      'plan: [>] write',
      'plan: [ ] test',
      'tool: Search parseLine',
      'tool: mcp__db__query sql=select 1',
    ]);
    expect(events.filter(event => event.type === 'session')).toEqual([{ type: 'session', id: 's1' }]);
    expect(events).toContainEqual({ type: 'activity', text: 'editing source/app.ts' });
    expect(events).toContainEqual({ type: 'activity', text: 'running npm test' });
    // Two blocks of one message carry the same usage: six messages, not seven.
    expect(lastOf(events, 'usage')).toEqual({ type: 'usage', inputTokens: 90, outputTokens: 18, costUsd: null });
  });

  test('the result carries verdict, totals and cost; no longer busy', () => {
    const events = read('claude', [
      {
        type: 'result',
        subtype: 'success',
        is_error: false,
        result: 'Done.',
        session_id: 's1',
        total_cost_usd: 0.25,
        usage: { input_tokens: 1, cache_creation_input_tokens: 2, cache_read_input_tokens: 3, output_tokens: 4 },
      },
    ]);
    expect(lastOf(events, 'result')).toEqual({ type: 'result', ok: true, message: 'Done.' });
    expect(lastOf(events, 'usage')).toEqual({ type: 'usage', inputTokens: 6, outputTokens: 4, costUsd: 0.25 });
    expect(lastOf(events, 'activity')).toEqual({ type: 'activity', text: null });
  });

  test.each([
    [{ subtype: 'error_max_turns', is_error: false }, 'error_max_turns'],
    [{ subtype: 'success', is_error: true, result: 'Invalid API key' }, 'Invalid API key'],
    [{ subtype: 'error_during_execution', is_error: true, errors: [{ message: 'boom' }] }, 'boom'],
    [
      { subtype: 'error_max_budget_usd', is_error: true, errors: ['Reached maximum budget ($1)'] },
      'Reached maximum budget ($1)',
    ],
  ])('a failing result: %j', (fields, message) => {
    expect(lastOf(read('claude', [{ type: 'result', ...fields }]), 'result')).toEqual({
      type: 'result',
      ok: false,
      message,
    });
  });

  test('a result cut off in the middle still tells its verdict', () => {
    const cut = `{"type":"result","subtype":"success","is_error":true,"result":"${'x'.repeat(3000)}`;
    expect(lastOf(read('claude', [cut]), 'result')).toMatchObject({ ok: false });
    expect(lastOf(read('claude', [cut.replace('true', 'false')]), 'result')).toMatchObject({ ok: true });
  });

  test('a service that is asked again says why nothing else happens; a limit among the reasons is one', () => {
    const retry = (error: string, status: number) => ({
      type: 'system',
      subtype: 'api_retry',
      attempt: 2,
      max_retries: 10,
      retry_delay_ms: 1200,
      error_status: status,
      error,
    });
    const events = read('claude', [retry('server_error', 529)]);
    expect(shownLines(events)).toEqual(['system: retrying: server_error']);
    expect(lastOf(events, 'activity')).toEqual({ type: 'activity', text: 'waiting to retry' });
    expect(lastOf(events, 'rate-limited')).toBeUndefined();
    expect(lastOf(read('claude', [retry('rate_limit', 429)]), 'rate-limited')).toBeDefined();
  });

  test('qwen: what the result tells of its use is that of the whole session', () => {
    const events = read('qwen', [
      {
        type: 'result',
        subtype: 'success',
        is_error: false,
        result: 'Done.',
        usage: { input_tokens: 7, output_tokens: 2 },
      },
    ]);
    expect(lastOf(events, 'usage')).toMatchObject({ inputTokens: 7, outputTokens: 2, ofSession: true });
  });

  test('qwen: a refusal of its service is a failure, though the result calls it a success', () => {
    const refused = (result: string) => ({ type: 'result', subtype: 'success', is_error: false, result });
    const events = read('qwen', [refused('[API Error: 429 Rate limit reached for requests]')]);
    expect(lastOf(events, 'result')).toMatchObject({
      ok: false,
      message: '429 Rate limit reached for requests',
    });
    expect(lastOf(events, 'rate-limited')).toBeDefined();
    expect(lastOf(read('qwen', [refused('Done. [API Error: none]')]), 'result')).toMatchObject({ ok: true });
  });

  test('only a rejected request is a rate limit, and the reset time counts', () => {
    const info = (status: string, resetsAt: number) => ({
      type: 'rate_limit_event',
      rate_limit_info: { status, resetsAt },
    });
    expect(lastOf(read('claude', [info('allowed', 1), info('allowed_warning', 1)]), 'rate-limited')).toBeUndefined();
    expect(lastOf(read('claude', [info('rejected', 1)]), 'rate-limited')).toEqual({
      type: 'rate-limited',
      retryAfterMs: 0,
    });
    const failed = { type: 'result', is_error: true, api_error_status: 429, result: "You've hit your limit" };
    const far = read('claude', [info('rejected', 99_999_999_999), failed]).filter(
      event => event.type === 'rate-limited',
    );
    expect(far).toEqual([{ type: 'rate-limited', retryAfterMs: 7 * 24 * 3_600_000 }]);
    expect(lastOf(read('claude', [failed]), 'rate-limited')).toEqual({ type: 'rate-limited', retryAfterMs: null });
  });
});

test('a claude that cannot resume tells its session once more, and that it is gone', () => {
  const result = { type: 'result', subtype: 'error_during_execution', is_error: true, session_id: 's1' };
  const events = read('claude', [{ ...result, errors: ['No conversation found with session ID: s1'] }]);
  expect(events.filter(({ type }) => type.startsWith('session')).map(({ type }) => type)).toEqual([
    'session',
    'session-lost',
  ]);
  expect(lastOf(read('claude', [], ['a session was found']), 'session-lost')).toBeUndefined();
});
