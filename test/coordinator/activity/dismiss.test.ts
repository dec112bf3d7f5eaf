import { expect, test } from 'vitest';
import { attentionOf } from '../../../source/coordinator/state/attention.ts';
import { counts, itemRows, paneInstances, queueInstances } from '../../../source/coordinator/state/selectors.ts';
import { replay } from '../../../source/coordinator/update.ts';
import { isDismissed } from '../../../source/domain/instance.ts';
import { emptyMergeEntry } from '../../../source/domain/queue/merge-entry.ts';
import { fakeInstance, fakeItem, stateWith } from '../../helpers/core/fake-handle.ts';
import { makeItem } from '../../helpers/core/planning.ts';
import { Scene } from '../../helpers/core/scene.ts';

test('a run that is not over cannot be dismissed, and a dismissed one keeps everything', () => {
  const scene = new Scene([makeItem('US-001')], {});
  scene.ready();
  scene.command({ type: 'spawn', id: 'US-001' });
  const refused = scene.command({ type: 'dismiss', id: 'US-001', dismissed: true });
  expect(refused.answer).toMatchObject({ ok: false, message: expect.stringContaining('cannot be dismissed') });
  expect(refused.facts).toEqual([]);
});

test('the fact is folded both ways, and a run that is resumed is no longer dismissed', () => {
  const at = 0;
  const { runId } = fakeInstance('US-001');
  const before = { ...stateWith([fakeItem('US-001')], { instances: [fakeInstance('US-001', { state: 'failed' })] }) };
  const away = replay([{ type: 'instance-dismissed', runId, dismissed: true, at }], before);
  expect(away.instances.map(isDismissed)).toEqual([true]);
  expect(replay([{ type: 'instance-dismissed', runId, dismissed: false, at }], away).instances).toEqual(
    before.instances,
  );
  const again = { type: 'instance-resumed', runId, priorityId: 'US-001', message: 'go', at } as const;
  expect(replay([again], away).instances[0]).toMatchObject({ state: 'preparing' });
  expect(replay([again], away).instances[0]?.dismissed).toBeUndefined();
});

test('what is dismissed needs nobody, and what is still to be done stays in the list as if it had not run', () => {
  const items = [fakeItem('US-001'), fakeItem('US-002'), fakeItem('TASK-1', { line: 0 })];
  const instances = [
    fakeInstance('US-001', { state: 'failed', dismissed: true }),
    fakeInstance('US-002', { state: 'merged', dismissed: true }),
    fakeInstance('TASK-1', { state: 'needs-attention', dismissed: true, runId: 'task' }),
  ];
  const state = stateWith(items, { instances });
  expect(attentionOf(state)).toEqual([]);
  expect(counts(state).attention).toBe(0);
  expect(queueInstances(state)).toEqual([]);
  expect(paneInstances(state)).toEqual([]);
  expect(itemRows(state).map(row => [row.item.key, row.dismissed, row.instance === null])).toEqual([
    ['US-001', false, true],
    ['US-002', true, false],
    ['TASK-1', true, false],
  ]);
});

test('what needs a person comes in groups: what can land first', () => {
  const items = ['US-001', 'US-002', 'US-003', 'US-004'].map(key => fakeItem(key));
  const instances = [
    fakeInstance('US-001', { state: 'failed' }),
    fakeInstance('US-002', {
      state: 'awaiting-approval',
      merge: { ...emptyMergeEntry, prediction: 'clean', tried: true },
    }),
    fakeInstance('US-003', { state: 'running' }),
    fakeInstance('US-004', { state: 'conflict' }),
  ];
  expect(attentionOf(stateWith(items, { instances })).map(one => [one.kind, one.instance.key])).toEqual([
    ['review', 'US-002'],
    ['conflict', 'US-004'],
    ['failed', 'US-001'],
  ]);
});
