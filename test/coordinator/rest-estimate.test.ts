import { describe, expect, test } from 'vitest';
import { restEstimate } from '../../source/coordinator/state/eta.ts';
import type { State } from '../../source/coordinator/state/state.ts';
import { fakeInstance, fakeItem, noon, stateWith } from '../helpers/core/fake-handle.ts';

const minute = 60_000;

/** An item that was done in that many minutes. */
const done = (key: string, minutes: number) =>
  fakeInstance(key, { state: 'merged', startTime: noon - 60 * minute, endTime: noon - (60 - minutes) * minute });

function estimate(state: State): number | null {
  const rest = restEstimate(state, noon);
  return rest === null ? null : Math.round(rest / minute);
}

const items = (...keys: string[]) => keys.map(key => fakeItem(key));
const auto = { mode: 'auto' } as const;

describe('the estimate of the rest', () => {
  test('is not made before anything has been done, nor when there is nothing left', () => {
    expect(estimate(stateWith(items('US-1', 'US-2'), auto))).toBeNull();
    const failed = fakeInstance('US-1', { state: 'failed', endTime: noon });
    expect(estimate(stateWith(items('US-1', 'US-2'), { ...auto, instances: [failed] }))).toBeNull();
    expect(estimate(stateWith(items('US-1'), { ...auto, instances: [done('US-1', 10)] }))).toBeNull();
  });

  test('shares what is left among the agents that may run, by the middle of what items took', () => {
    const instances = [done('US-1', 2), done('US-2', 10), done('US-3', 50)];
    const keys = Array.from({ length: 11 }, (_, at) => `US-${at + 1}`);
    expect(estimate(stateWith(items(...keys), { ...auto, instances }))).toBe(20);
    expect(estimate(stateWith(items('US-1', 'US-2', 'US-3', 'US-4'), { ...auto, instances }))).toBe(10);
  });

  test('counts only what runs while the work loop is off or paused', () => {
    const instances = [done('US-1', 10), fakeInstance('US-2', { startTime: noon - 4 * minute })];
    const all = items('US-1', 'US-2', 'US-3', 'US-4');
    expect(estimate(stateWith(all, { instances }))).toBe(6);
    expect(estimate(stateWith(all, { ...auto, paused: true, instances }))).toBe(6);
    expect(estimate(stateWith(all, { ...auto, instances }))).toBe(10);
  });

  test('a run that takes longer than others is not about to end', () => {
    const instances = [done('US-1', 8), fakeInstance('US-2', { startTime: noon - 100 * minute })];
    expect(estimate(stateWith(items('US-1', 'US-2'), { instances }))).toBe(2);
  });

  test('a chain of dependencies is not faster than one after the other', () => {
    const chain = [
      ...items('US-1', 'US-2'),
      fakeItem('US-3', { dependsOn: ['US-2'] }),
      fakeItem('US-4', { dependsOn: ['US-3'] }),
    ];
    expect(estimate(stateWith(chain, { ...auto, instances: [done('US-1', 10)] }))).toBe(30);
  });

  test('a chain of thousands is followed to its end', () => {
    const chain = items('US-1', ...Array.from({ length: 6000 }, (_, at) => `US-${at + 2}`));
    const linked = chain.map((item, at) => (at < 2 ? item : { ...item, dependsOn: [`US-${at}`] }));
    expect(estimate(stateWith(linked, { ...auto, instances: [done('US-1', 1)] }))).toBe(6000);
  });

  test('items that do not run by themselves are left out, also a cycle', () => {
    const stuck = [fakeItem('US-1'), fakeItem('US-2', { dependsOn: ['US-2'] })];
    expect(estimate(stateWith(stuck, { ...auto, instances: [done('US-1', 10)] }))).toBeNull();
    const around = [
      fakeItem('US-1'),
      fakeItem('US-2', { dependsOn: ['US-3'] }),
      fakeItem('US-3', { dependsOn: ['US-2'] }),
    ];
    const plan = { ready: ['US-2', 'US-3'], at: noon };
    expect(estimate(stateWith(around, { ...auto, plan, instances: [done('US-1', 10)] }))).toBeGreaterThan(0);
  });
});
