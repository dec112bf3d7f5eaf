import { afterEach, expect, test } from 'vitest';
import { FakeHandle, fakeInstance, fakeItem, stateWith } from '../../helpers/core/fake-handle.ts';
import { type RunningScreen, screenAt } from '../../helpers/render-at.tsx';

let running: RunningScreen | null = null;

afterEach(async () => {
  await running?.end();
  running = null;
});

test('the first frame says nothing false, and the selection begins at the first ready item', async () => {
  const adHoc = [fakeItem('TASK-1', { prompt: 'one', line: 0 })];
  const instances = [fakeInstance('TASK-1', { state: 'merged' })];
  const known = stateWith([fakeItem('US-001', { status: 'complete' }), fakeItem('US-002')], {
    adHoc,
    instances,
    plan: { ready: ['US-002'], at: 0 },
  });
  const handle = new FakeHandle({ ...known, ready: false, roadmap: { ...known.roadmap, items: [] } });
  running = await screenAt(handle, { columns: 160, rows: 45 });
  const first = (await running.waitForText('Reading the repository')).join('\n');
  expect(first).toContain('reading …');
  expect(first).not.toMatch(/landed|ready|1 of 1/);
  running.press('j');
  handle.set(known);
  const rows = await running.waitForText('▸TASK-1');
  expect(rows[0]).toContain('1 ready');
  running.press('k');
  await running.waitForText('▸US-002');
});
