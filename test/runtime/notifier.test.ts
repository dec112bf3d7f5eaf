import { expect, test } from 'vitest';
import type { NewsEvent } from '../../source/coordinator/state/news.ts';
import { newsEvents } from '../../source/coordinator/state/news.ts';
import { Notifier } from '../../source/runtime/notifier.ts';
import { fakeInstance, fakeState } from '../helpers/core/fake-handle.ts';

const event = (number: number): NewsEvent => ({
  type: 'failed',
  key: `US-${number}`,
  title: '',
  text: `US-${number} failed.`,
});

/** A notifier on a clock that stands still until it is moved, and the events that were passed on. */
function make(ends: boolean) {
  let now = 1000;
  let timer: { readonly at: number; readonly callback: () => void } | null = null;
  const passed: NewsEvent[] = [];
  const pending: (() => void)[] = [];
  const clock = {
    now: () => now,
    setTimer: (delay: number, callback: () => void) => {
      timer = { at: now + delay, callback };
      return () => {
        timer = null;
      };
    },
  };
  const notifier = new Notifier(clock, one => {
    passed.push(one);
    return ends ? Promise.resolve() : new Promise(resolve => pending.push(resolve));
  });
  const settle = () => new Promise(resolve => setImmediate(resolve));
  const wait = async (ms: number) => {
    now += ms;
    if (timer !== null && timer.at <= now) timer.callback();
    await settle();
  };
  return { notifier, passed, pending, settle, wait };
}

test('five events go one by one, what comes then goes together once the time is over', async () => {
  const { notifier, passed, settle, wait } = make(true);
  notifier.add(Array.from({ length: 8 }, (_, index) => event(index)));
  for (let turn = 0; turn < 8; turn++) await settle();
  expect(passed.map(({ key }) => key)).toEqual(['US-0', 'US-1', 'US-2', 'US-3', 'US-4']);
  notifier.add([event(8)]);
  await wait(29_000);
  expect(passed).toHaveLength(5);
  await wait(1000);
  expect(passed.at(-1)).toEqual({
    type: 'several',
    key: null,
    title: '4 events',
    text: 'US-5 failed. US-6 failed. US-7 failed. US-8 failed.',
  });
});

test('a program that is still at work is waited for, and the end passes on the rest', async () => {
  const { notifier, passed, pending, settle } = make(false);
  notifier.add([event(1), event(2)]);
  await settle();
  expect(passed).toHaveLength(1);
  pending[0]?.();
  await settle();
  expect(passed.map(({ key }) => key)).toEqual(['US-1', 'US-2']);
  notifier.add([event(3)]);
  notifier.close();
  expect(passed.at(-1)?.key).toBe('US-3');
});

test('news are the states that a run reaches and a pause of landing, in one sentence each', () => {
  const running = fakeState({ instances: [fakeInstance('US-043')] });
  const failed = {
    ...running,
    instances: [fakeInstance('US-043', { state: 'failed', reason: 'exit code\u001b[31m 7' })],
  };
  expect(newsEvents(running, failed)).toEqual([
    { type: 'failed', key: 'US-043', title: 'Title of US-043', text: 'US-043 failed: exit code 7.' },
  ]);
  expect(newsEvents(running, { ...running, queuePaused: 'the target moved' })).toEqual([
    { type: 'landing-paused', key: null, title: '', text: 'Landing is paused: the target moved' },
  ]);
  expect(newsEvents(failed, failed)).toEqual([]);
  // What was there before is not news.
  expect(newsEvents(fakeState(), failed)).toEqual([]);
});
