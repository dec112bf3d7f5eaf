import { afterEach, test } from 'vitest';
import { FakeHandle, fakeItem, stateWith } from '../../helpers/core/fake-handle.ts';
import { type RunningScreen, screenAt } from '../../helpers/render-at.tsx';

let running: RunningScreen | null = null;

afterEach(async () => {
  await running?.end();
  running = null;
});

const long = `Phase 2: ${'a name of many words '.repeat(8)}`;

test('a group with a long name keeps apart from how far it is, and says that it runs alone', async () => {
  const items = [fakeItem('US-001', { group: 'Phase 1' }), fakeItem('US-002', { group: long })];
  running = await screenAt(new FakeHandle(stateWith(items, { onlyGroup: long })), { columns: 80, rows: 24 });
  running.press('Z');
  await running.waitForText(/Phase 2: a name .*… runs alone, 0 of 1 done/);
  await running.waitForText(/Phase 1 .*0 of 1 done/);
});

test('an item of unknown scope names the key that suggests its files', async () => {
  const unknown = fakeItem('US-001', { scope: { kind: 'unknown', paths: [] } });
  running = await screenAt(new FakeHandle(stateWith([unknown])), { columns: 160, rows: 40 });
  await running.waitForText('unknown scope: runs one at a time (F suggests files)');
});
