import { expect, it } from 'vitest';
import { noOwnership } from '../../../source/domain/ownership/ownership.ts';
import { defaultSettings } from '../../../source/domain/settings.ts';
import { findWaits } from '../../../source/domain/timeline/waits.ts';
import { makeInstance, makeItem } from '../../helpers/core/planning.ts';

it('an ad-hoc item waited for nothing before it was added', () => {
  const run = (key: string, from: number, to: number) =>
    makeInstance(makeItem(key), { state: 'failed', requestedAt: from, startTime: from, endTime: to });
  const one = run('TASK-1', 1000, 2000);
  const two = run('TASK-2', 30_000, 31_000);
  const three = run('TASK-3', 32_000, 33_000);
  const input = {
    instances: [one, two, three],
    items: ['TASK-1', 'TASK-2', 'TASK-3'].map(key => makeItem(key)),
    ownership: noOwnership,
    settings: defaultSettings,
    now: 40_000,
  };
  const addedAt = { 'TASK-1': 1000, 'TASK-2': 30_000, 'TASK-3': 31_500 };
  expect(findWaits(input, 1000).get(three.runId)).not.toEqual([]);
  expect(findWaits({ ...input, addedAt }, 1000).get(three.runId)).toEqual([]);
  const waits = findWaits({ ...input, addedAt: { ...addedAt, 'TASK-3': 30_500 } }, 1000).get(three.runId);
  expect(waits?.map(({ from }) => from)).toEqual([30_500]);
});
