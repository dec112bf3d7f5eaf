import { expect, test } from 'vitest';
import { freeSlot, portBaseOf } from '../../../source/domain/queue/run-slot.ts';
import { makeInstance, makeItem } from '../../helpers/core/planning.ts';

test('a run gets the smallest number that no run at work or on its way has', () => {
  const runs = [
    makeInstance(makeItem('US-001'), { state: 'running', slot: 1 }),
    makeInstance(makeItem('US-002'), { state: 'awaiting-approval', slot: 2 }),
    makeInstance(makeItem('US-003'), { state: 'merged', slot: 3 }),
    makeInstance(makeItem('US-004'), { state: 'checking', slot: 4 }),
  ];
  expect(freeSlot(runs)).toBe(3);
  expect(freeSlot(runs, runs[0])).toBe(1);
  expect(freeSlot([])).toBe(1);
});

test('the ports of fifty runs do not meet, nor those that connections get', () => {
  const bases = Array.from({ length: 50 }, (_, at) => portBaseOf(at + 1, '/home/ada/shop/.git/cm-tui'));
  expect(new Set(bases).size).toBe(50);
  const sorted = bases.toSorted((a, b) => a - b);
  expect(sorted.every((base, at) => at === 0 || base - (sorted[at - 1] ?? 0) >= 20)).toBe(true);
  expect(sorted[0]).toBeGreaterThanOrEqual(20_000);
  expect((sorted.at(-1) ?? 0) + 20).toBeLessThanOrEqual(32_000);
});
