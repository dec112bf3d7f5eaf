import { describe, expect, test } from 'vitest';
import { AgentRegistry } from '../../source/agents/registry.ts';
import { read } from '../helpers/core/readers.ts';
import { lastOf, shownLines } from '../helpers/programs/agent-runs.ts';

describe('codex', () => {
  test('shows items once, and what the thread has used by its last turn', () => {
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
      { type: 'turn.completed', usage: { input_tokens: 15, output_tokens: 3 } },
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
    expect(lastOf(events, 'usage')).toEqual({
      type: 'usage',
      inputTokens: 15,
      outputTokens: 3,
      costUsd: null,
      ofSession: true,
    });
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
    const gemini = new AgentRegistry({ agents: {} }).require('gemini');
    expect(gemini.explainExit?.(41)).toMatch(/not logged in/);
    expect(gemini.explainExit?.(1)).toBeNull();
  });
});
