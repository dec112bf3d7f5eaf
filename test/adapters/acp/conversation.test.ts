import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, test } from 'vitest';
import { Conversation, type ConversationPlan } from '../../../source/adapters/acp/conversation.ts';
import { wordsOfError } from '../../../source/adapters/acp/errors.ts';
import type { HostEntry } from '../../../source/adapters/acp/host-log.ts';
import { messageStream } from '../../../source/adapters/acp/messages.ts';
import { actionOf, ToolCalls } from '../../../source/adapters/acp/tool-calls.ts';
import { createAcpReader } from '../../../source/agents/acp/reader.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';

const fake = fileURLToPath(new URL('../../fixtures/fake-agents/acp.mjs', import.meta.url));
const ends: (() => void)[] = [];
afterEach(() => {
  for (const end of ends.splice(0)) end();
});

/** A conversation with the fake agent: its log, and how it ends. */
function talk(switches: string, more: Partial<ConversationPlan> = {}, prompt = '') {
  const log: HostEntry[] = [];
  const folder = temporaryFolder();
  const cwd = more.cwd ?? folder;
  const child = spawn(process.execPath, [fake], {
    cwd,
    env: { ...process.env, FAKE_AGENT: switches, FAKE_ACP_HOME: folder },
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  ends.push(() => child.kill('SIGKILL'));
  let hung = false;
  let hopeless = false;
  const noise: string[] = [];
  const stream = messageStream(child.stdout, child.stdin, {
    noise: line => noise.push(line),
    hopeless: () => (hopeless = true),
  });
  const plan: ConversationPlan = {
    cwd,
    prompt: prompt === '' ? `Work. <!-- fake: ${switches || 'no-commit'} -->` : prompt,
    session: null,
    mode: null,
    model: null,
    effort: null,
    authMethod: null,
    askTimeoutMs: 60_000,
    decide: () => 'ask',
    ...more,
  };
  const conversation = new Conversation(
    stream,
    plan,
    entry => log.push(entry),
    () => (hung = true),
  );
  const ended = conversation.run().catch((error: unknown) => ({ ok: false, message: wordsOfError(error) }));
  const entry = async (fits: (entry: HostEntry) => boolean) => {
    while (!log.some(fits)) await new Promise(resolve => setTimeout(resolve, 10));
    return log.find(fits);
  };
  return { log, conversation, ended, noise, entry, folder, state: () => ({ hung, hopeless }) };
}

const types = (log: readonly HostEntry[]) => log.map(({ type }) => type);

describe('a turn', () => {
  test('its text comes in whole lines, its calls once, though their parts come as they like', async () => {
    const one = talk('thought,orphan,plan,garbage,unknown-request,no-commit');
    expect(await one.ended).toEqual({ ok: true, message: 'Nothing to do.' });
    expect(types(one.log)).toEqual(['agent', 'session', 'thought', 'call', 'plan', 'text']);
    expect(one.log).toContainEqual({ type: 'text', text: 'Nothing to do.' });
    expect(one.noise).toEqual(['a warning', '[1]', '{"broken']);
  });

  test.each([
    ['stop=refusal', 'the model refused'],
    ['stop=max_tokens', 'limit of tokens'],
    ['stop=cancelled', 'cancelled its turn'],
    ['error=429:slow+down', 'status 429: slow down'],
    ['error=401:who+are+you', 'status 401: who are you'],
  ])('%s: %s', async (switches, words) => {
    const { ok, message } = await talk(switches).ended;
    expect(ok).toBe(false);
    expect(message).toContain(words);
  });

  test.each([
    ['version=2', 'speaks version 2'],
    ['auth', 'not logged in: Authentication required'],
  ])('does not begin: %s', async (switches, words) => {
    expect((await talk(switches).ended).message).toContain(words);
  });

  test('logs in where settings say how, and works in the mode that they name', async () => {
    expect(await talk('auth,no-commit', { authMethod: 'key', mode: 'edit' }).ended).toMatchObject({ ok: true });
    expect((await talk('refuse-mode', { mode: 'edit' }).ended).message).toContain('no mode edit');
    expect((await talk('no-commit', { model: 'large' }).ended).message).toContain('no option for model');
  });

  test('a program that speaks otherwise is given up, and a line that is too long is lost alone', async () => {
    const noisy = talk('noise,no-commit');
    await noisy.ended;
    expect(noisy.state().hopeless).toBe(true);
    const long = talk('long-line,no-commit');
    expect(await long.ended).toMatchObject({ ok: true });
    expect(long.state().hopeless).toBe(false);
  });
});

describe('questions', () => {
  test('are answered in any order, once, by offered answers that hold once', async () => {
    const one = talk('asks=2,odd-options,no-commit');
    await one.entry(entry => entry.type === 'ask' && entry.ask === 1);
    expect(() => one.conversation.asks.answer(2, true)).toThrow(/not open/);
    one.conversation.asks.answer(1, true);
    expect(() => one.conversation.asks.answer(1, false)).toThrow(/answered already/);
    await one.entry(entry => entry.type === 'ask' && entry.ask === 2);
    one.conversation.asks.answer(2, false);
    expect((await one.ended).message).toBe('Allowed 1.\nDenied 2.\nNothing to do.');
    expect(one.log).toContainEqual({
      type: 'answered',
      ask: 2,
      allow: false,
      by: 'person',
      words: '$ npm install left-pad',
    });
  });

  test('are denied by time, never allowed', async () => {
    const one = talk('ask,no-commit', { askTimeoutMs: 1 });
    expect((await one.ended).message).toContain('Denied 1.');
    expect(one.log).toContainEqual(expect.objectContaining({ type: 'answered', allow: false, by: 'time' }));
  });

  test('end with an interruption', async () => {
    const one = talk('ask');
    await one.entry(({ type }) => type === 'ask');
    one.conversation.interrupt();
    expect(await one.ended).toEqual({ ok: false, message: 'interrupted by the user' });
    expect(one.log).toContainEqual(expect.objectContaining({ type: 'answered', by: 'cancel' }));
    expect(() => one.conversation.interrupt()).toThrow(/not at work/);
  });

  test('what the policy decides is not asked', async () => {
    const allowed = talk('ask,no-commit', { decide: () => 'allow' });
    expect((await allowed.ended).message).toContain('Allowed 1.');
    const denied = talk('ask,no-commit', { decide: () => 'deny' });
    expect((await denied.ended).message).toContain('Denied 1.');
    expect(denied.log).toContainEqual({ type: 'refused', words: '$ npm install left-pad' });
    expect(types([...allowed.log, ...denied.log])).not.toContain('ask');
  });
});

describe('messages', () => {
  test('wait for the end of the turn, or cut it short; afterwards they are refused', async () => {
    const queued = talk('', {}, 'Work. <!-- fake: ask,no-commit -->');
    await queued.entry(({ type }) => type === 'ask');
    queued.conversation.say('And then <!-- fake: stop=refusal -->', false);
    queued.conversation.asks.answer(1, true);
    expect((await queued.ended).message).toContain('the model refused');
    expect(() => queued.conversation.say('more', false)).toThrow(/not listening/);

    const now = talk('', {}, 'Work. <!-- fake: until=/nowhere -->');
    await now.entry(({ type }) => type === 'session');
    now.conversation.say('At once <!-- fake: no-commit -->', true);
    expect(await now.ended).toEqual({ ok: true, message: 'Nothing to do.' });
  });
});

describe('a session', () => {
  test('continues, and its past is not told twice; a lost one begins again and says so', async () => {
    const lost = talk('no-commit', { session: 'gone' });
    await lost.ended;
    expect(types(lost.log)).toEqual(['agent', 'note', 'note', 'session-lost', 'session', 'text']);
    const none = talk('no-load,no-commit', { session: 'gone' });
    await none.ended;
    expect(types(none.log)).toContain('session-lost');
  });
});

test('what is done is read from its input, never from its title', () => {
  const calls = new ToolCalls();
  const of = (part: object) => actionOf(calls.put({ toolCallId: String(Math.random()), ...part }));
  expect(of({ kind: 'execute', title: 'git status' })).toMatchObject({ kind: 'execute', command: null });
  expect(of({ title: 'look', rawInput: { command: 'rm -rf /' } })).toMatchObject({
    kind: 'execute',
    command: 'rm -rf /',
  });
  expect(of({ kind: 'execute', rawInput: { command: ['bash', '-lc', 'npm test'] } }).command).toBe('npm test');
  const content = [{ type: 'content', content: { type: 'text', text: '{"command":"ls"}' } }];
  expect(of({ title: 'Bash', content }).command).toBe('ls');
  const diff = { type: 'diff', path: '/w/a', oldText: '', newText: 'x' };
  expect(of({ kind: 'edit', content: [diff] })).toMatchObject({ kind: 'edit', paths: ['/w/a'] });
  calls.titleIsCommand = true;
  expect(of({ kind: 'execute', title: 'npm test [current working directory /w] (runs them)' }).command).toBe(
    'npm test',
  );
});

test('what a call does is known from its announcement where the question only says it in words, as Kimi Code asks', () => {
  const calls = new ToolCalls();
  const content = (text: string) => [{ type: 'content', content: { type: 'text', text } }];
  calls.put({
    toolCallId: '1',
    title: 'Bash',
    kind: 'execute',
    status: 'pending',
    content: content('{"command":"ls -la"}'),
  });
  const asked = calls.put({
    toolCallId: '1',
    title: 'Bash',
    content: content('Requesting approval to Running: ls -la'),
  });
  expect(actionOf(asked)).toMatchObject({ kind: 'execute', command: 'ls -la' });
  calls.put({
    toolCallId: '2',
    title: 'Read',
    kind: 'read',
    status: 'pending',
    content: content('{"path":"/w/a.json"}'),
  });
  const read = calls.put({ toolCallId: '2', status: 'completed', content: content('{"path":"/etc/passwd"}') });
  expect(actionOf(read)).toMatchObject({ kind: 'read', paths: ['/w/a.json'] });
});

test('the log reads back: questions, answers, refusals, plan', () => {
  const read = (entry: object) => createAcpReader().read(JSON.stringify(entry), 'out');
  expect(read({ type: 'ask', ask: 1, words: '$ x', detail: 'x' })).toContainEqual({
    type: 'asked',
    ask: 1,
    words: '$ x',
    detail: 'x',
  });
  expect(read({ type: 'answered', ask: 1, allow: false, by: 'time', words: '$ x' })).toContainEqual({
    type: 'refused',
    words: '$ x',
  });
  const items = [
    { content: 'a', status: 'completed' },
    { content: 'b', status: 'pending' },
  ];
  expect(read({ type: 'plan', items })).toContainEqual({ type: 'plan', done: 1, total: 2, current: 'b' });
  expect(createAcpReader().read('nonsense', 'out')).toMatchObject([{ type: 'line' }]);
});
