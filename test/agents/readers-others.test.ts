import { describe, expect, test } from 'vitest';
import { read } from '../helpers/core/readers.ts';
import { lastOf, shownLines } from '../helpers/programs/agent-runs.ts';

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
