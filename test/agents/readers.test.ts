import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ReaderEvent } from '../../source/agents/profile.ts';
import { AgentRegistry } from '../../source/agents/registry.ts';
import { lastOf, readAll, shownLines } from '../helpers/agent-runs.ts';

const readerNames = [
  'text',
  'json-lines',
  'claude',
  'codex',
  'gemini',
  'aider',
  'opencode',
  'copilot',
  'cursor',
  'qwen',
  'demo',
] as const;
const registry = new AgentRegistry({
  agents: Object.fromEntries(readerNames.map(reader => [`with-${reader}`, { command: 'x', reader }])),
});

function read(reader: (typeof readerNames)[number], events: readonly unknown[], err: readonly string[] = []) {
  const out = events.map(event => (typeof event === 'string' ? event : JSON.stringify(event)));
  return readAll(registry.require(`with-${reader}`), out, err);
}

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
        const reader = registry.require(`with-${name}`).createReader();
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
    ["You've hit your usage limit. Try again at 14:05", null],
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
      assistant('e', use('4', 'Grep', { pattern: 'TODO' })),
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
      'tool: Search TODO',
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
    expect(shownLines(events)).toEqual(['system: asking again: server_error']);
    expect(lastOf(events, 'activity')).toEqual({ type: 'activity', text: 'waiting to try again' });
    expect(lastOf(events, 'rate-limited')).toBeUndefined();
    expect(lastOf(read('claude', [retry('rate_limit', 429)]), 'rate-limited')).toBeDefined();
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

describe('codex', () => {
  test('shows items once, adds up turns', () => {
    const command = { type: 'command_execution', command: "bash -lc 'npm test'" };
    const events = read('codex', [
      { type: 'thread.started', thread_id: 't1' },
      { type: 'turn.started' },
      { type: 'item.started', item: { type: 'todo_list', items: [{ text: 'a', completed: false }] } },
      { type: 'item.updated', item: { type: 'todo_list', items: [{ text: 'a', completed: false }] } },
      { type: 'item.started', item: { ...command, aggregated_output: '', status: 'in_progress' } },
      {
        type: 'item.completed',
        item: { ...command, aggregated_output: 'ok\n1 passed\n', exit_code: 0, status: 'completed' },
      },
      {
        type: 'item.completed',
        item: {
          type: 'file_change',
          status: 'completed',
          changes: [
            { path: 'a.ts', kind: 'add' },
            { path: 'b.ts', kind: 'delete' },
          ],
        },
      },
      {
        type: 'item.completed',
        item: { type: 'mcp_tool_call', server: 'db', tool: 'query', error: { message: 'no' } },
      },
      { type: 'item.completed', item: { type: 'agent_message', text: 'Done.' } },
      { type: 'turn.completed', usage: { input_tokens: 10, output_tokens: 2 } },
      { type: 'turn.completed', usage: { input_tokens: 5, output_tokens: 1 } },
    ]);
    expect(shownLines(events)).toEqual([
      'plan: [ ] a',
      'command: $ npm test',
      'command:   exit 0: 1 passed',
      'file: Write a.ts',
      'file: Delete b.ts',
      'error: db.query: no',
      'text: Done.',
    ]);
    expect(lastOf(events, 'session')).toEqual({ type: 'session', id: 't1' });
    expect(lastOf(events, 'usage')).toEqual({ type: 'usage', inputTokens: 15, outputTokens: 3, costUsd: null });
    expect(lastOf(events, 'result')).toEqual({ type: 'result', ok: true, message: 'Done.' });
  });

  test('a failed turn is a failure with its message; a connection made again is not', () => {
    const events = read('codex', [
      { type: 'error', message: 'Reconnecting... 2/5' },
      { type: 'turn.failed', error: { message: 'rate limit exceeded, try again in 7s' } },
    ]);
    expect(events.filter(event => event.type === 'result')).toEqual([
      { type: 'result', ok: false, message: 'rate limit exceeded, try again in 7s' },
    ]);
    expect(lastOf(events, 'rate-limited')).toEqual({ type: 'rate-limited', retryAfterMs: 7000 });
  });
});

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

test('a claude that cannot resume tells its session once more, and that it is gone', () => {
  const result = { type: 'result', subtype: 'error_during_execution', is_error: true, session_id: 's1' };
  const events = read('claude', [{ ...result, errors: ['No conversation found with session ID: s1'] }]);
  expect(events.filter(({ type }) => type.startsWith('session')).map(({ type }) => type)).toEqual([
    'session',
    'session-lost',
  ]);
  expect(lastOf(read('claude', [], ['a session was found']), 'session-lost')).toBeUndefined();
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
    ["You've hit your limit · resets 3pm", null],
    ["You've hit your usage limit. Try again at 3:14 PM.", null],
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

describe('errors that a service answered', () => {
  const answer = JSON.stringify({ type: 'error', error: { type: 'invalid_request_error', message: 'no such model' } });

  test('codex passes them on as text: only their words are shown', () => {
    const events = read('codex', [
      { type: 'error', message: answer },
      { type: 'turn.failed', error: { message: answer } },
    ]);
    expect(lastOf(events, 'result')).toEqual({ type: 'result', ok: false, message: 'no such model' });
    expect(shownLines(events)).toEqual(['error: no such model']);
  });

  test('gemini wraps them once more', () => {
    const error = { type: 'unknown', message: `[API Error: ${answer}]` };
    const events = read('gemini', [{ type: 'result', status: 'error', error, stats: {} }]);
    expect(lastOf(events, 'result')).toEqual({ type: 'result', ok: false, message: 'no such model' });
  });

  test('what only looks like one stays as it is', () => {
    for (const message of ['{"a": 1', '[API Error: {]', 'see {"message": "x"}']) {
      const events = read('codex', [{ type: 'turn.failed', error: { message } }]);
      expect(lastOf(events, 'result')).toEqual({ type: 'result', ok: false, message });
    }
  });
});

describe('gemini', () => {
  test('puts pieces of words together, and shows what is left when something else comes', () => {
    const delta = (content: string) => ({ type: 'message', role: 'assistant', content, delta: true });
    const events = read('gemini', [
      { type: 'init', session_id: 'g1', model: 'pro' },
      { type: 'message', role: 'user', content: 'the prompt' },
      delta('one '),
      delta('line\nand an'),
      delta('other'),
      { type: 'tool_use', tool_name: 'run_shell_command', tool_id: '1', parameters: { command: 'ls' } },
      { type: 'tool_result', tool_id: '1', status: 'error', error: { message: 'denied' } },
      delta('end'),
    ]);
    expect(shownLines(events)).toEqual([
      'system: model pro',
      'text: one line',
      'text: and another',
      'command: $ ls',
      'error:   failed: denied',
      'text: end',
    ]);
  });

  test('the result decides; warnings do not', () => {
    const events = read('gemini', [
      { type: 'error', severity: 'warning', message: 'Loop detected' },
      { type: 'result', status: 'error', error: { type: 'FatalTurnLimitedError', message: 'too many turns' } },
    ]);
    expect(shownLines(events)).toEqual(['system: Loop detected', 'error: too many turns']);
    expect(lastOf(events, 'result')).toEqual({ type: 'result', ok: false, message: 'too many turns' });
  });

  test('documented exit codes have words', () => {
    expect(registry.require('gemini').explainExit?.(41)).toMatch(/not logged in/);
    expect(registry.require('gemini').explainExit?.(1)).toBeNull();
  });
});

describe('aider', () => {
  test('counts tokens and cost, knows edits and commits', () => {
    const events = read('aider', [
      'Applied edit to src/a.py',
      'Commit 1a2b3c4 feat: x',
      'Tokens: 2.3k sent, 1.1k cache hit, 204 received. Cost: $0.02 message, $0.05 session.',
      'Tokens: 1,000 sent, 96 received. Cost: $0.01 message, $1,000.06 session.',
    ]);
    expect(shownLines(events).slice(0, 2)).toEqual(['file: Edit src/a.py', 'command: Commit 1a2b3c4 feat: x']);
    expect(lastOf(events, 'usage')).toEqual({ type: 'usage', inputTokens: 3300, outputTokens: 300, costUsd: 1000.06 });
    expect(lastOf(events, 'result')).toBeUndefined();
  });

  test('an error that ends the turn is a failure at once, whatever the exit code will be', () => {
    const events = read('aider', ['litellm.AuthenticationError: AuthenticationError: Missing key']);
    expect(lastOf(events, 'result')).toMatchObject({ ok: false, message: expect.stringContaining('Missing key') });
  });

  test('an error that is tried again counts only where nothing succeeds after it', () => {
    const limit = 'litellm.RateLimitError: rate limit exceeded';
    const done = 'Tokens: 1k sent, 1k received.';
    expect(lastOf(read('aider', [limit, 'Retrying in 0.2 seconds...', done]), 'result')).toBeUndefined();
    expect(lastOf(read('aider', [limit, 'Retrying in 0.2 seconds...', limit]), 'result')).toMatchObject({ ok: false });
    expect(lastOf(read('aider', [limit]), 'rate-limited')).toEqual({ type: 'rate-limited', retryAfterMs: null });
    const other = 'litellm.JSONSchemaValidationError: no such field';
    expect(lastOf(read('aider', [other, 'Retrying in 0.2 seconds...', done]), 'result')).toBeUndefined();
  });

  test.each(['Model fake/model has hit a token limit!', 'Only 3 reflections allowed, stopping.'])(
    'giving up is a failure: %s',
    words => {
      expect(lastOf(read('aider', ['Tokens: 1k sent, 1k received.', words]), 'result')).toEqual({
        type: 'result',
        ok: false,
        message: words,
      });
      expect(lastOf(read('aider', [`I read that "${words}"`]), 'result')).toBeUndefined();
    },
  );
});

describe('opencode', () => {
  test('shows a tool once, adds up steps, ends with the step that stops', () => {
    const tool = (status: string, rest: object) => ({
      type: 'tool_use',
      sessionID: 'ses_1',
      part: { tool: 'bash', callID: 'c', state: { status, input: { command: 'make' }, ...rest } },
    });
    const step = (reason: string) => ({
      type: 'step_finish',
      part: { reason, cost: 0.01, tokens: { input: 10, output: 2, reasoning: 1, cache: { read: 5, write: 0 } } },
    });
    const events = read('opencode', [
      tool('running', {}),
      tool('completed', { output: 'no rule\n', metadata: { exit: 2 } }),
      step('tool-calls'),
      { type: 'text', part: { text: 'Done.' } },
      step('stop'),
    ]);
    expect(shownLines(events)).toEqual(['command: $ make', 'error:   exit 2: no rule', 'text: Done.']);
    expect(lastOf(events, 'usage')).toEqual({ type: 'usage', inputTokens: 30, outputTokens: 6, costUsd: 0.02 });
    expect(events.filter(event => event.type === 'result')).toEqual([{ type: 'result', ok: true, message: 'Done.' }]);
    expect(lastOf(events, 'session')).toEqual({ type: 'session', id: 'ses_1' });
  });

  test('an error event is a failure with its message', () => {
    const events = read('opencode', [{ type: 'error', error: { name: 'APIError', data: { message: 'no credit' } } }]);
    expect(lastOf(events, 'result')).toEqual({ type: 'result', ok: false, message: 'no credit' });
  });
});

describe('copilot and cursor', () => {
  test('copilot: a session error fails the run with the exit code of its result', () => {
    const events = read('copilot', [
      { type: 'session.error', data: { message: 'no seat' } },
      { type: 'result', sessionId: 'c1', exitCode: 1 },
    ]);
    expect(lastOf(events, 'result')).toEqual({ type: 'result', ok: false, message: 'no seat' });
    expect(shownLines(events)).toEqual(['error: no seat']);
    expect(lastOf(events, 'session')).toEqual({ type: 'session', id: 'c1' });
  });

  test('copilot: a limit is told by its kind; an error that it got over does not fail the run', () => {
    const limited = {
      type: 'session.error',
      data: { errorType: 'rate_limit', message: '429 not now', statusCode: 429 },
    };
    const events = read('copilot', [limited, { type: 'result', exitCode: 0 }]);
    expect(lastOf(events, 'rate-limited')).toBeDefined();
    expect(lastOf(events, 'result')).toMatchObject({ ok: true });
  });

  test('copilot: a command ends with its exit code, without the mark of its shell', () => {
    const ended = (exitCode: number, content: string) => ({
      type: 'tool.execution_complete',
      data: { toolName: 'bash', toolCallId: 't', success: true, shellExecution: { exitCode }, result: { content } },
    });
    const events = read('copilot', [
      ended(0, '\n<shellId: 0 completed with exit code 0>'),
      ended(2, 'no rule\n<shellId: 1 completed with exit code 2>'),
    ]);
    expect(shownLines(events)).toEqual(['command:   exit 0', 'error:   exit 2: no rule']);
  });

  test('cursor: tools are named by the field that holds them', () => {
    const events = read('cursor', [
      { type: 'system', subtype: 'init', cwd: '/w', session_id: 'k' },
      { type: 'tool_call', subtype: 'started', tool_call: { writeToolCall: { args: { path: '/w/a.ts' } } } },
      { type: 'tool_call', subtype: 'started', tool_call: { shellToolCall: { args: { command: 'make' } } } },
      {
        type: 'tool_call',
        subtype: 'completed',
        tool_call: { shellToolCall: { result: { failure: { exitCode: 2, stderr: 'no rule' } } } },
      },
    ]);
    expect(shownLines(events)).toEqual(['file: Write a.ts', 'command: $ make', 'error:   exit 2: no rule']);
  });
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
