import { describe, expect, test } from 'vitest';
import { counts, itemRows, paneInstances, queueInstances, speedup } from '../../source/coordinator/state/selectors.ts';
import { adHocItem, nextAdHocNumber } from '../../source/domain/ad-hoc.ts';
import { fakeInstance, fakeItem, fakeState, noon, stateWith } from '../helpers/core/fake-handle.ts';

const second = 1000;

describe('rows of the roadmap', () => {
  test('say what is most worth knowing of each item', () => {
    const items = [
      fakeItem('US-001', { status: 'complete' }),
      fakeItem('US-002'),
      fakeItem('US-003'),
      fakeItem('US-004', { dependsOn: ['US-003'] }),
      fakeItem('US-005', { status: 'unknown' }),
      fakeItem('US-006', { status: 'blocked' }),
    ];
    const old = fakeInstance('US-002', { runId: 'first', state: 'failed' });
    const latest = fakeInstance('US-002', { runId: 'second', state: 'running' });
    const state = stateWith(items, { instances: [old, latest], pins: ['US-003'] });
    expect(
      itemRows(state).map(row => [row.item.id, row.status, row.why(), row.instance?.runId ?? null, row.pinned]),
    ).toEqual([
      ['US-001', 'complete', '', null, false],
      ['US-002', 'running', '', 'second', false],
      ['US-003', 'ready', '', null, true],
      ['US-004', 'waiting', 'US-003 has not landed; US-002 runs and also changes src/**', null, false],
      ['US-005', 'unknown', '', null, false],
      ['US-006', 'on-hold', '', null, false],
    ]);
  });

  test('leave out what the plan says of an item that is plainly at work', () => {
    const items = [fakeItem('US-001'), fakeItem('US-002')];
    const instances = [fakeInstance('US-001'), fakeInstance('US-002', { state: 'cancelled' })];
    const state = stateWith(items, { instances });
    expect(itemRows(state).map(row => row.why())).toEqual([
      '',
      'US-001 runs and also changes src/**; its last run was cancelled; retry it when you are ready',
    ]);
  });

  test('are the same object until something they show has changed', () => {
    const state = stateWith([fakeItem('US-001')]);
    const rows = itemRows(state);
    expect(itemRows({ ...state, resources: { ...state.resources, cpuPercent: 99 } })).toBe(rows);
    expect(itemRows({ ...state, instances: [fakeInstance('US-001')] })).not.toBe(rows);
  });

  test('hold ad-hoc items too', () => {
    const item = adHocItem({ title: '', prompt: 'do it', files: [], number: 1 });
    expect(itemRows(fakeState({ adHoc: [item] })).map(row => row.item.key)).toEqual(['TASK-1']);
  });
});

describe('the merge queue', () => {
  test('what lands next comes first, then what has waited longest', () => {
    const instances = [
      fakeInstance('US-001', { state: 'conflict', endTime: 30 }),
      fakeInstance('US-002', { state: 'queued', endTime: 40, merge: { approvedAt: 9 } }),
      fakeInstance('US-003', { state: 'awaiting-approval', endTime: 20 }),
      fakeInstance('US-004', { state: 'landing', endTime: 50, merge: { approvedAt: 10 } }),
      fakeInstance('US-005', { state: 'running' }),
      fakeInstance('US-006', { state: 'queued', endTime: 10, merge: { approvedAt: 5 } }),
      fakeInstance('US-007', { state: 'merged', endTime: 10 }),
    ];
    expect(queueInstances(fakeState({ instances })).map(one => one.key)).toEqual([
      'US-004',
      'US-006',
      'US-002',
      'US-003',
      'US-001',
    ]);
  });
});

describe('panes', () => {
  test('agents at work first, then the latest run of what has not landed', () => {
    const instances = [
      fakeInstance('US-001', { runId: 'a', state: 'failed' }),
      fakeInstance('US-002', { runId: 'b', state: 'merged' }),
      fakeInstance('US-003', { runId: 'c', state: 'running' }),
      fakeInstance('US-001', { runId: 'd', state: 'conflict' }),
    ];
    expect(paneInstances(fakeState({ instances })).map(one => one.runId)).toEqual(['c', 'd']);
  });
});

describe('counts', () => {
  test('of a busy repository', () => {
    const items = ['US-001', 'US-002', 'US-003', 'US-004', 'US-005'].map(key => fakeItem(key));
    const instances = [
      fakeInstance('US-001', { state: 'merged' }),
      fakeInstance('US-002', { state: 'running' }),
      fakeInstance('US-003', { state: 'awaiting-approval' }),
      fakeInstance('US-004', { state: 'failed' }),
    ];
    expect(counts(stateWith(items, { instances }))).toEqual({
      running: 1,
      ready: 1,
      toMerge: 1,
      landed: 1,
      planned: 4,
      attention: 1,
    });
  });
});

describe('the speed-up', () => {
  const landed = (key: string, start: number, end: number, at: number): ReturnType<typeof fakeInstance> =>
    fakeInstance(key, {
      state: 'merged',
      startTime: noon + start * second,
      endTime: noon + end * second,
      merge: { landedAt: noon + at * second },
    });

  test('is the sum of the runs over the time in which they really happened', () => {
    const instances = [landed('US-001', 0, 10, 11), landed('US-002', 0, 10, 12), landed('US-003', 2, 12, 12)];
    expect(speedup(fakeState({ instances }), noon)).toEqual({
      sequentialMs: 30 * second,
      elapsedMs: 12 * second,
      factor: 2.5,
    });
  });

  test('leaves out stretches in which nothing ran, and what has not landed', () => {
    const instances = [
      landed('US-001', 0, 10, 10),
      landed('US-002', 1000, 1010, 1010),
      fakeInstance('US-003', { startTime: noon - 5000 * second }),
    ];
    expect(speedup(fakeState({ instances }), noon)).toEqual({
      sequentialMs: 20 * second,
      elapsedMs: 20 * second,
      factor: 1,
    });
  });

  test('of nothing is nothing', () => {
    expect(speedup(fakeState(), noon)).toEqual({ sequentialMs: 0, elapsedMs: 0, factor: 0 });
  });
});

describe('ad-hoc items', () => {
  test('take the first line of the prompt as their title, made harmless and short', () => {
    const item = adHocItem({
      title: ' ',
      prompt: `fix \u001b[2Jit ${'x'.repeat(100)}\nsecond`,
      files: [' src/** ', ''],
      number: 7,
    });
    expect(item).toMatchObject({
      id: 'TASK-7',
      key: 'TASK-7',
      status: 'planned',
      line: 0,
      scope: { kind: 'known', paths: ['src/**'] },
      prompt: `fix \u001b[2Jit ${'x'.repeat(100)}\nsecond`,
    });
    expect(item.title).toMatch(/^fix it x+…$/);
    expect(item.title.length).toBeLessThanOrEqual(73);
  });

  test('without files have an unknown scope', () => {
    expect(adHocItem({ title: 'T', prompt: 'p', files: [], number: 1 }).scope).toEqual({ kind: 'unknown', paths: [] });
  });

  test('are numbered on', () => {
    expect(nextAdHocNumber([])).toBe(1);
    expect(nextAdHocNumber([fakeItem('TASK-4'), fakeItem('US-900')])).toBe(5);
  });
});
