import { expect, test } from 'vitest';
import type { ResourceStatus } from '../../source/domain/capacity.ts';
import { looksAlike } from '../../source/ui/controller/looks-alike.ts';
import { nothingShown, showMachine } from '../../source/ui/overview/header.ts';
import { busyState } from './pictures.ts';

const before = busyState();
const shown = showMachine(before, nothingShown);

/** Would the overview be drawn alike after this change of the machine's figures? */
function isStill(change: Partial<ResourceStatus>): boolean {
  const now = { ...before, resources: { ...before.resources, ...change }, plan: { ...before.plan, at: 1 } };
  return looksAlike(before, now, shown, showMachine(now, shown));
}

test('a reading that changes no shown figure draws nothing', () => {
  const { cpuPercent, cpuHistory, freeDiskBytes } = before.resources;
  expect(isStill({ cpuPercent: (cpuPercent ?? 0) + 1, freeDiskBytes: (freeDiskBytes ?? 0) - 4096 })).toBe(true);
  expect(isStill({ cpuHistory: cpuHistory.map(value => value + 0.1) })).toBe(true);
});

test('one that changes a percentage, a column, the capacity or its reason is drawn', () => {
  const { cpuPercent, cpuHistory } = before.resources;
  expect(isStill({ cpuPercent: (cpuPercent ?? 0) + 20 })).toBe(false);
  expect(isStill({ cpuHistory: [...cpuHistory, 99] })).toBe(false);
  expect(isStill({ capacity: before.resources.capacity - 1 })).toBe(false);
  expect(isStill({ explanation: 'CPU 72 %' })).toBe(false);
});

test('anything else that is new is drawn', () => {
  const other = { ...before, paused: !before.paused };
  expect(looksAlike(before, other, shown, shown)).toBe(false);
  const ready = { ...before, plan: { ...before.plan, ready: [...before.plan.ready, 'US-999'] } };
  expect(looksAlike(before, ready, shown, shown)).toBe(false);
});
