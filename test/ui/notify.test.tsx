import { afterEach, describe, expect, test } from 'vitest';
import type { InstanceState } from '../../source/domain/instance.ts';
import { FakeHandle, fakeInstance, fakeItem, stateWith } from '../helpers/core/fake-handle.ts';
import { type RunningScreen, screenAt } from '../helpers/render-at.tsx';

const hostile = 'US-7\u001b]52;c;x\u0007';
const bell = '\u0007';

let running: RunningScreen | null = null;

afterEach(async () => {
  await running?.end();
  running = null;
});

function stateOf(state: InstanceState) {
  const merge = { prediction: 'clean' as const };
  const instance = fakeInstance(hostile, { slug: '007', runId: 'run'.padEnd(16, '7'), state, merge });
  return stateWith([fakeItem(hostile)], { instances: [instance] });
}

/** What the terminal gets beside frames when the one run comes to that state. */
async function told(notify: { readonly bell: boolean; readonly desktop: boolean }, state: InstanceState) {
  const handle = new FakeHandle(stateOf('running'));
  const screen = await screenAt(handle, { columns: 100, rows: 30 }, { settings: { notify } });
  running = screen;
  await screen.waitForText('1/4 running');
  const before = screen.terminal.written.length;
  handle.set(stateOf(state));
  await screen.waitForText('0/4 running');
  await screen.still();
  return screen.terminal.written
    .slice(before)
    .filter(text => /^(?:\u0007|\u001b\])/.test(text) && !text.startsWith('\u001b]2;'));
}

describe('what is worth a bell', () => {
  test.each([
    ['awaiting-approval', 'US-7 is ready for review'],
    ['conflict', 'US-7 conflicts with the target'],
    ['needs-attention', 'US-7 needs attention'],
    ['merged', 'US-7 has landed'],
    ['failed', 'US-7 failed'],
  ] as const)('%s: rings, and tells the desktop in words of ours', async (state, words) => {
    expect(await told({ bell: true, desktop: true }, state)).toEqual([
      bell,
      `\u001b]9;cm-tui: ${words}\u0007\u001b]777;notify;cm-tui;${words}\u0007`,
    ]);
  });

  test('each can be switched off', async () => {
    expect(await told({ bell: true, desktop: false }, 'conflict')).toEqual([bell]);
    await running?.end();
    const [only, ...more] = await told({ bell: false, desktop: true }, 'conflict');
    expect([only?.startsWith('\u001b]9;'), more]).toEqual([true, []]);
    await running?.end();
    expect(await told({ bell: false, desktop: false }, 'conflict')).toEqual([]);
  });

  test('what a person has done is not', async () => {
    expect(await told({ bell: true, desktop: true }, 'cancelled')).toEqual([]);
  });
});

test('the title of the window counts, says nothing that is not ours, and is given back', async () => {
  const handle = new FakeHandle(stateOf('running'));
  running = await screenAt(handle, { columns: 100, rows: 30 });
  const screen = running;
  const titles = () =>
    [...screen.terminal.written.join('').matchAll(/\u001b\]2;([^\u0007]*)\u0007/g)].map(([, title]) => title);
  await screen.waitForText('1/4 running');
  handle.set(stateOf('conflict'));
  await screen.waitFor(() => titles().length === 2, 'a second title');
  expect(titles()).toEqual(['cm-tui: 1 running', 'cm-tui: 1 to land, 1 needs you']);
  await screen.end();
  running = null;
  const written = screen.terminal.written.join('');
  expect(written.lastIndexOf('\u001b[23;2t')).toBeGreaterThan(written.lastIndexOf('\u001b[22;2t'));
});
