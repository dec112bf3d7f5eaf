import { afterEach, describe, expect, test } from 'vitest';
import { actions } from '../../source/commands/actions.ts';
import { keyLabel } from '../../source/commands/key-words.ts';
import { keyFor, resolveKeys, withKeys } from '../../source/commands/keymap.ts';
import { FakeHandle, fakeItem, stateWith } from '../helpers/core/fake-handle.ts';
import { type RunningScreen, screenAt } from '../helpers/render-at.tsx';
import { busy, busyState, fresh } from './pictures.ts';

let running: RunningScreen | null = null;

afterEach(async () => {
  await running?.end();
  running = null;
});

async function open(handle: FakeHandle, keys: Readonly<Record<string, readonly string[]>>): Promise<RunningScreen> {
  running = await screenAt(handle, { columns: 120, rows: 40 }, { settings: { keys } });
  return running;
}

const keys = { spawn: ['z'], approve: ['A'], 'new-item': ['ctrl+n'], 'resume-queue': ['_'], redo: ['&'] };

describe('keys of one’s own', () => {
  test('are the ones that the footer, the next step, the guides and the reasons name', async () => {
    const handle = busy();
    handle.set(busyState({ queuePaused: 'something was changed' }));
    const screen = await open(handle, keys);
    await screen.waitForText('US-045 ○ ready  (z spawn)');
    await screen.waitForText('paused: _ resumes');
    await screen.waitForText(/^ z spawn /m);
    screen.press('x');
    await screen.waitForText('has not started. Press z to spawn it.');
    screen.press('2A');
    await screen.waitForText('Land US-041 on roadmap?');
    screen.press('y');
    await screen.waitForText('Press & to retry on the current tip');
    screen.press(':');
    screen.press('review and');
    await screen.waitForText('Press & to retry');
  });

  test('an empty screen names them too', async () => {
    const screen = await open(fresh(), keys);
    await screen.waitForText(/Ctrl\+N *new item/);
    screen.press('\u000e');
    await screen.waitForText('┏ New item');
  });

  test('what is wrong with them is said at once, and all of it in the events', async () => {
    const handle = new FakeHandle(stateWith([fakeItem('US-001')]));
    const screen = await open(handle, { nosuch: ['q'], diff: [], spawn: ['ctrl+1'] });
    await screen.waitForText('! Setting keys.nosuch ignored: unknown action "nosuch". (2 more, press e)');
    screen.press('e');
    await screen.waitForText(/keys\.nosuch[\s\S]*keys\.diff[\s\S]*"ctrl\+1" is not a valid key/);
  });

  test('every place that names a key names one that there is', () => {
    const keymap = resolveKeys({});
    for (const { id } of actions) expect(keyFor(keymap, id)).not.toContain('"');
    expect(withKeys(`${keyLabel('help')} or ${keyLabel('gone')}`, keymap)).toBe('? or "gone"');
  });
});
