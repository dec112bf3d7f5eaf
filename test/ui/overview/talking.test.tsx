import { afterEach, expect, test } from 'vitest';
import { acpPrograms } from '../../../source/agents/acp/programs.ts';
import type { ActionContext } from '../../../source/commands/action.ts';
import { actionFor, resolveKeys } from '../../../source/commands/keymap.ts';
import type { RunSignals } from '../../../source/coordinator/state/handle.ts';
import type { State } from '../../../source/coordinator/state/state.ts';
import type { Instance } from '../../../source/domain/instance.ts';
import { listeningByDefault, listens } from '../../../source/domain/permission/listening.ts';
import type { OpenAsk } from '../../../source/domain/permission/run-talk.ts';
import { needsLine } from '../../../source/ui/overview/needs-line.ts';
import { progressOf } from '../../../source/ui/overview/progress.ts';
import { lineText } from '../../../source/ui/presentation/line.ts';
import { FakeHandle, fakeInstance, fakeItem, noon, stateWith } from '../../helpers/core/fake-handle.ts';
import { type RunningScreen, screenAt } from '../../helpers/render-at.tsx';

let running: RunningScreen | null = null;

afterEach(async () => {
  await running?.end();
  running = null;
});

const keymap = resolveKeys({});
const item = fakeItem('US-001');

function ask(number: number, more: Partial<OpenAsk> = {}): OpenAsk {
  return { ask: number, words: `$ npm install part-${number}`, detail: 'npm install', since: noon - 60_000, ...more };
}

function run(open: readonly OpenAsk[], more: Partial<Instance> = {}): Instance {
  return fakeInstance('US-001', { agent: 'kimi', asks: { last: open.length, open }, ...more } as Parameters<
    typeof fakeInstance
  >[1]);
}

function stateOf(instance: Instance): State {
  return stateWith([item], { instances: [instance] });
}

function contextOf(instance: Instance, more: Partial<ActionContext> = {}): ActionContext {
  return { state: stateOf(instance), view: 'overview', item, instance, external: true, now: noon, ...more };
}

/** What a key leads to: the event, or the sentence that says why there is none. */
function press(key: string, context: ActionContext) {
  const action = actionFor(keymap, context.view, key, () => context);
  const possible = action?.enabled(context);
  return possible === true ? action?.event(context, key) : possible;
}

test('the programs that listen by default are those that speak the protocol by default', () => {
  expect([...listeningByDefault].sort()).toEqual(acpPrograms.map(({ name }) => name).sort());
  expect(listens({ agents: {} }, 'claude')).toBe(false);
  expect(listens({ agents: { claude: { protocol: 'acp' } } }, 'claude')).toBe(true);
  expect(listens({ agents: { kimi: { protocol: 'stream' } } }, 'kimi')).toBe(false);
});

test('y and n answer the one open question, by its number', () => {
  const instance = run([ask(3)]);
  const answer = (allow: boolean) => ({
    type: 'send',
    command: { type: 'answer', id: instance.runId, allow, ask: 3 },
  });
  for (const view of ['overview', 'details', 'question'] as const) {
    expect(press('y', contextOf(instance, { view })), view).toEqual(answer(true));
    expect(press('n', contextOf(instance, { view })), view).toEqual(answer(false));
  }
  expect(press('enter', contextOf(instance))).toEqual({ type: 'open', screen: 'question' });
});

test('of several questions none is answered before it was read', () => {
  const instance = run([ask(1), ask(2)]);
  expect(press('y', contextOf(instance))).toEqual({ type: 'open', screen: 'question' });
  expect(press('n', contextOf(instance))).toEqual({ type: 'open', screen: 'question' });
  expect(press('y', contextOf(instance, { view: 'question' }))).toMatchObject({ command: { allow: true, ask: 1 } });
});

test('no key counts that was on its way when the question appeared', () => {
  const instance = run([ask(1, { since: noon - 499 })]);
  expect(press('y', contextOf(instance))).toBe(
    'The question has only just appeared. Read it, then press the key again.',
  );
  expect(press('n', contextOf(instance))).toContain('only just appeared');
  expect(press('y', contextOf(instance, { now: noon + 1 }))).toMatchObject({ type: 'send' });
});

test('where nothing is asked the keys are those of other actions, or say so', () => {
  const instance = run([]);
  expect(press('y', contextOf(instance))).toBe('US-001 asks nothing now.');
  expect(press('n', contextOf(instance))).toEqual({ type: 'open', screen: 'new-item' });
  expect(press('enter', contextOf(instance))).toEqual({ type: 'open', screen: 'log' });
});

test('a and i speak to an agent that listens while it works, and to no other', () => {
  const instance = run([]);
  expect(press('a', contextOf(instance))).toEqual({ type: 'open', screen: 'say' });
  expect(press('i', contextOf(instance))).toMatchObject({
    type: 'confirm',
    command: { type: 'interrupt', id: instance.runId },
  });
  expect(press('I', contextOf(instance))).toEqual({ type: 'open', screen: 'details' });
  for (const other of [run([], { agent: 'claude' }), run([], { state: 'failed' })]) {
    expect(press('i', contextOf(other))).toEqual({ type: 'open', screen: 'details' });
    expect(press('a', contextOf(other))).not.toEqual({ type: 'open', screen: 'say' });
  }
  const say = keymap.actions.find(({ id }) => id === 'say');
  expect(say?.enabled(contextOf(run([], { agent: 'claude' })))).toContain('takes no messages while it works');
  expect(say?.enabled(contextOf(run([], { state: 'failed' })))).toBe('US-001 is not at work.');
});

test('the line of what needs you counts open questions, before all else', () => {
  const state = stateOf(run([ask(1), ask(2)]));
  expect(lineText(needsLine(state, keymap, 80))).toContain(' 2 questions (y) · ');
  expect(lineText(needsLine(stateOf(run([])), keymap, 80))).not.toContain('question');
});

test('the plan that an agent tells goes before the one that its log shows', () => {
  const instance = run([]);
  const plan = { done: 2, total: 3, current: 'write the tests' };
  const signals: RunSignals = { activity: null, lastOutput: null, usage: null, plan };
  const handle = new FakeHandle(stateOf(instance));
  const told = { logs: handle.logs, signals: () => ({ [instance.runId]: signals }) };
  expect(progressOf(instance, told, noon)).toMatchObject({ plan: { done: 2, total: 3 }, step: 'write the tests' });
  expect(progressOf(instance, { logs: handle.logs }, noon)?.plan).toBeNull();
});

test('a question is seen in the row and the pane, read in full, answered once, and a message is sent', async () => {
  const detail = `npm install part-1\n${'x'.repeat(20)}\u001b[8mhidden`;
  const instance = run([ask(1, { detail })]);
  const handle = new FakeHandle(stateOf(instance));
  running = await screenAt(handle, { columns: 120, rows: 30 });
  await running.waitForText('? asks');
  await running.waitForText('? $ npm install part-1');
  await running.waitForText('y allow once, n deny, Enter all of it');
  running.press('\r');
  await running.waitForText('US-001 asks');
  await running.waitForText('␛[8mhidden');
  running.press('n');
  await running.waitForNo('␛[8mhidden');
  const answer = { type: 'answer', id: instance.runId, allow: false, ask: 1 };
  await expect.poll(() => handle.commands).toEqual([answer]);
  // Answered elsewhere: the page of the question goes.
  running.press('\r');
  await running.waitForText('␛[8mhidden');
  handle.set(stateOf(run([])));
  await running.waitForNo('␛[8mhidden');
  running.press('a');
  await running.waitForText('Message to US-001');
  running.press('use pnpm');
  await running.waitForText('use pnpm');
  running.press('\r');
  running.press('y\r');
  await expect
    .poll(() => handle.commands.at(-1))
    .toEqual({ type: 'say', id: instance.runId, message: 'use pnpm', now: true });
});
