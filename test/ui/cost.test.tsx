import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { coalesce } from '../../source/ui/coalesce.ts';
import { FakeHandle, fakeInstance, fakeItem, stateWith } from '../helpers/core/fake-handle.ts';
import { type RunningScreen, screenAt } from '../helpers/render-at.tsx';
import { busy, busyState, instances } from './pictures.ts';

const size = { columns: 160, rows: 45 };
const frameStart = '\u001b[?2026h';

let running: RunningScreen | null = null;

afterEach(async () => {
  await running?.end();
  running = null;
});

function frames(screen: RunningScreen): number {
  return screen.terminal.written.join('').split(frameStart).length - 1;
}

function bytes(screen: RunningScreen): number {
  return screen.terminal.written.join('').length;
}

describe('what a screen costs', () => {
  test('nothing is written when nothing that is shown has changed', async () => {
    const handle = busy();
    running = await screenAt(handle, size);
    await running.still();
    const before = bytes(running);
    for (let tick = 0; tick < 20; tick++) {
      const { resources } = handle.state();
      const wobble = { ...resources, cpuPercent: 45 + (tick % 3) - 1, memoryPercent: 38 + (tick % 2) };
      handle.set({ ...handle.state(), resources: wobble, inFlight: {} });
      await new Promise(resolve => setImmediate(resolve));
    }
    await running.still();
    expect(bytes(running) - before).toBe(0);
  });

  test('a burst of log lines and states is a few frames', async () => {
    const handle = busy();
    running = await screenAt(handle, size);
    await running.waitForText('q quit');
    const before = frames(running);
    for (let line = 0; line < 3000; line++) handle.logs.append(instances[3]?.runId ?? '', [`burst ${line}`]);
    for (let count = 0; count < 300; count++) handle.set(busyState({ paused: count % 2 === 0 }));
    await running.waitForText('burst 2999');
    expect(frames(running) - before).toBeLessThanOrEqual(6);
  });

  test('logs that are not in sight draw nothing', async () => {
    const handle = busy();
    running = await screenAt(handle, size);
    await running.waitForText('q quit');
    running.press('t');
    await running.waitForText('┏ Timeline');
    await running.still();
    const before = bytes(running);
    handle.logs.append(instances[3]?.runId ?? '', ['not seen']);
    await running.still();
    expect(bytes(running) - before).toBe(0);
  });

  test('a chunk of keys is one frame', async () => {
    running = await screenAt(busy(), size);
    await running.waitForText('q quit');
    const before = frames(running);
    running.press('kkkkjj');
    await running.waitForText('▸US-043');
    expect(frames(running) - before).toBeLessThanOrEqual(2);
  });

  test('a key looks at the rows in sight, not at all of them', async () => {
    let reads = 0;
    const items = Array.from({ length: 2000 }, (_, index) => {
      const item = fakeItem(`US-${10_000 + index}`);
      const { title } = item;
      return Object.defineProperty({ ...item }, 'title', {
        enumerable: true,
        get: () => {
          reads++;
          return title;
        },
      });
    });
    running = await screenAt(new FakeHandle(stateWith(items)), size);
    await running.waitForText('▸US-10000');
    reads = 0;
    running.press('j');
    await running.waitForText('▸US-10001');
    expect(reads).toBeGreaterThan(0);
    expect(reads).toBeLessThanOrEqual(3 * size.rows);
  });

  test('panes are those of the page, however many instances there are', async () => {
    const items = Array.from({ length: 200 }, (_, index) => fakeItem(`US-${100 + index}`));
    const handle = new FakeHandle(stateWith(items, { instances: items.map(item => fakeInstance(item.key)) }));
    const asked = new Set<string>();
    const { logs } = handle;
    const tail = logs.tail.bind(logs);
    logs.tail = runId => {
      asked.add(runId);
      return tail(runId);
    };
    running = await screenAt(handle, size);
    await running.waitForText('page 1 of');
    // The panes, and the rows of the list that are in sight: they show the steps of their agents.
    expect(asked.size).toBeLessThanOrEqual(40);
    running.press(']');
    await running.waitForText('page 2 of');
    expect(asked.size).toBeLessThanOrEqual(50);
  });
});

describe('coalescing', () => {
  test('the first call is made at once, the last is never lost, and no timer is left', () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    let calls = 0;
    const call = coalesce(() => {
      calls++;
    }, 5);
    call();
    expect(calls).toBe(1);
    for (let count = 0; count < 50; count++) call();
    expect(calls).toBe(1);
    vi.runAllTimers();
    expect(calls).toBe(2);
    call();
    call();
    call.cancel();
    expect(vi.getTimerCount()).toBe(0);
    vi.runAllTimers();
    expect(calls).toBe(3);
  });
});
