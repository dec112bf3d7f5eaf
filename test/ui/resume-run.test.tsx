import { afterEach, expect, test } from 'vitest';
import { canResumeRun } from '../../source/commands/conditions.ts';
import { keyLabel } from '../../source/commands/key-words.ts';
import { fakeInstance, fakeItem, stateWith } from '../helpers/core/fake-handle.ts';
import { type RunningScreen, screenAt } from '../helpers/render-at.tsx';
import { busy, instances } from './pictures.ts';

let running: RunningScreen | null = null;

afterEach(async () => {
  await running?.end();
  running = null;
});

test('r then g lets a run go on in its own worktree', async () => {
  const handle = busy();
  running = await screenAt(handle, { columns: 160, rows: 45 });
  await running.waitForText('q quit');
  running.press('/');
  await running.waitForText('Enter keep');
  running.press('US-041\r');
  await running.waitForText('▸US-041');
  running.press('r');
  await running.waitForText('g         Resume the agent');
  running.press('g');
  await running.waitForText('did retry');
  expect(handle.commands).toEqual([{ type: 'retry', id: instances[1]?.runId, inPlace: true }]);
});

test.each([
  [{ state: 'failed' }, true],
  [{ state: 'checks-failed' }, true],
  [{ state: 'rejected' }, true],
  [{ state: 'running' }, `US-001 is still running. Press ${keyLabel('cancel')} to cancel it first.`],
  [{ state: 'completed' }, 'US-001 has just finished. Try again in a moment.'],
  [{ state: 'queued' }, 'US-001 is queued to land. Reject it first.'],
  [{ state: 'checking' }, 'US-001 is queued to land. Reject it first.'],
  [{ state: 'merged' }, 'US-001 has already landed.'],
  [{ state: 'failed', base: null }, 'US-001 never had a worktree to resume in.'],
  [{ state: 'conflict', handBacks: 1 }, true],
  [{ state: 'conflict', handBacks: 2 }, expect.stringContaining('was asked for a fix 2 times already')],
  [{ state: 'checks-failed', handBacks: 2 }, expect.stringContaining('was asked for a fix 2 times already')],
  // It did not stop at its landing: that is no hand-back.
  [{ state: 'failed', handBacks: 2 }, true],
] as const)('going on in place of %j: %s', (more, answer) => {
  const item = fakeItem('US-001');
  const instance = fakeInstance('US-001', more);
  const state = stateWith([item], { instances: [instance] });
  expect(canResumeRun({ state, view: 'redo', item, instance, external: true })).toEqual(answer);
});

test('what is no longer in the ROADMAP does not go on', () => {
  const instance = fakeInstance('US-001', { state: 'failed' });
  const state = stateWith([], { instances: [instance] });
  expect(canResumeRun({ state, view: 'redo', item: null, instance, external: true })).toBe(
    'US-001 is no longer in the ROADMAP.',
  );
});
