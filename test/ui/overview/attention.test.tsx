import { afterEach, expect, test } from 'vitest';
import { resolveKeys } from '../../../source/commands/keymap.ts';
import type { Instance } from '../../../source/domain/instance.ts';
import { needsLine } from '../../../source/ui/overview/needs-line.ts';
import { planOf, progressCell, progressOf } from '../../../source/ui/overview/progress.ts';
import { lineText } from '../../../source/ui/presentation/line.ts';
import { FakeHandle, fakeInstance, fakeItem, stateWith } from '../../helpers/core/fake-handle.ts';
import { type RunningScreen, screenAt } from '../../helpers/render-at.tsx';
import { busy, busyState } from '../pictures.ts';

let running: RunningScreen | null = null;

afterEach(async () => {
  await running?.end();
  running = null;
});

async function open(handle: FakeHandle): Promise<RunningScreen> {
  running = await screenAt(handle, { columns: 100, rows: 30 });
  return running;
}

const keymap = resolveKeys({});

test('one line says what needs you, with its key, and what happens next; what does not fit goes first at the end', () => {
  expect(lineText(needsLine(busyState(), keymap, 120))).toBe(
    ' 1 ready for review (m) · 1 conflict (r) · US-046 waits for US-045 · 2 agents at work  ! next',
  );
  expect(lineText(needsLine(busyState(), keymap, 50))).toBe(' 1 ready for review (m) · 1 conflict (r)  ! next');
  expect(lineText(needsLine(stateWith([]), keymap, 80))).toBe(' Nothing needs you.');
  expect(lineText(needsLine(stateWith([fakeItem('US-001')]), keymap, 80))).toContain('1 ready to spawn (s)');
  // It is ready for review once its trial merge is known.
  const early = stateWith([fakeItem('US-001')], {
    instances: [fakeInstance('US-001', { state: 'awaiting-approval' })],
  });
  expect(lineText(needsLine(early, keymap, 80))).not.toContain('ready for review');
});

test('! goes round through what needs you, from every view', async () => {
  const screen = await open(busy());
  screen.press('!');
  await screen.waitForText('▸US-042');
  screen.press('!');
  await screen.waitForText('▸US-041');
  screen.press('i');
  await screen.waitForText('Run 041');
  screen.press('!');
  await screen.waitForText('▸US-042');
  await screen.waitForNo('Run 041');
});

test('the first pane follows the selection, with every reason uncut', async () => {
  const screen = await open(busy());
  await screen.waitForText('╭ US-045 ○ ready');
  screen.press('j');
  await screen.waitForText('╭ US-046 ◌ waits');
  await screen.waitForText('US-045 has not landed');
  screen.press('!');
  await screen.waitForText('╭ US-042 ◆ to review');
});

test('D dismisses what is over, and brings it back', async () => {
  const state = stateWith([fakeItem('US-001')], { instances: [fakeInstance('US-001', { state: 'failed' })] });
  const handle = new FakeHandle(state);
  const screen = await open(handle);
  screen.press('D');
  await expect
    .poll(() => handle.commands)
    .toEqual([{ type: 'dismiss', id: state.instances[0]?.runId, dismissed: true }]);
  handle.set(
    stateWith([fakeItem('US-001')], { instances: [fakeInstance('US-001', { state: 'failed', dismissed: true })] }),
  );
  await screen.waitForText('▸US-001 ◌ waits');
  screen.press('D');
  await expect.poll(() => handle.commands.at(-1)).toMatchObject({ dismissed: false });
});

test('X says what a run holds before it is discarded, brings back one that was, and says why it cannot', async () => {
  const run = (over: Partial<Instance>) =>
    stateWith([fakeItem('US-001')], {
      instances: [fakeInstance('US-001', { state: 'rejected', commits: 1, branchName: 'roadmap-001', ...over })],
    });
  const handle = new FakeHandle(run({ state: 'running' }));
  const screen = await open(handle);
  screen.press('X');
  await screen.waitForText('US-001 is still running. Cancel it first.');
  handle.set(run({}));
  await screen.waitForText('▸US-001 ⊘ rejected');
  screen.press('X');
  await screen.waitForText('Discard US-001?');
  await screen.waitForText('stay pinned for 30 days');
  screen.press('n');
  await screen.waitForNo('Discard US-001?');
  expect(handle.commands).toEqual([]);
  screen.press('X');
  await screen.waitForText('Discard US-001?');
  screen.press('y');
  const id = handle.state().instances[0]?.runId;
  await expect.poll(() => handle.commands).toEqual([{ type: 'discard', ids: [id] }]);
  const removed = { head: '1'.repeat(40), saved: null, from: { state: 'rejected', reason: null } } as const;
  handle.set(run({ removed }));
  await screen.waitForText('discarded');
  screen.press('X');
  await expect.poll(() => handle.commands.at(-1)).toEqual({ type: 'restore', id });
});

test('help opens at the section of the view, finds by other words, and Enter performs', async () => {
  const screen = await open(busy());
  screen.press('?');
  await screen.waitForText('┏ Keys');
  screen.press('/merge queue');
  await screen.waitForText('Move to the top of the merge queue');
  await screen.waitForNo('Full-screen log');
  screen.press('\u001b');
  await screen.waitForText('Move or scroll down');
  screen.press('/gantt');
  await screen.waitForText('▸t');
  screen.press('\r');
  await screen.waitForText('┏ Timeline');
  screen.press('\u001b');
  await screen.waitForText('┏ Roadmap');
});

test('the palette finds by synonyms', async () => {
  const screen = await open(busy());
  screen.press(':');
  screen.press('merge');
  await screen.waitForText('▸ Review and land');
});

test('a run that has printed nothing for four minutes says so, unless it waits for an answer', () => {
  const at = 10 * 60_000;
  const quiet = (run: Partial<Instance>, lastOutput: number | null) => {
    const handle = busy();
    const instance = fakeInstance('US-001', { state: 'running', startTime: 1, ...run });
    const signals = () => ({ [instance.runId]: { activity: 'thinking', usage: null, lastOutput } });
    return progressOf(instance, { logs: handle.logs, signals }, at)?.quiet;
  };
  expect(quiet({}, at - 4 * 60_000)).toBe('no output for 4m');
  expect(quiet({}, at - 239_999)).toBe('');
  expect(quiet({}, null)).toBe('no output for 9m');
  expect(quiet({ startTime: at - 60_000 }, 1)).toBe('');
  const asks = { open: [{ ask: 1, words: '', detail: '', since: 0 }], last: 1 };
  expect(quiet({ asks }, null)).toBe('');
});

test('the plan that an agent told last is counted, with its current step', () => {
  const line = (text: string, kind: 'plan' | 'text' = 'plan') => ({ time: 0, kind, stream: 'out' as const, text });
  const tail = [
    line('[ ] old'),
    line('words', 'text'),
    line('[x] read'),
    line('[>] write'),
    line('[ ] test'),
    line('more', 'text'),
  ];
  expect(planOf(tail)).toEqual({ plan: { done: 1, total: 3 }, current: 'write' });
  expect(planOf([line('words', 'text')])).toEqual({ plan: null, current: null });
  const progress = { step: '', plan: { done: 1, total: 2 }, elapsed: '12m', quiet: '', spent: '$0.42' };
  expect(lineText(progressCell(progress, 60))).toBe(' 1/2 ▕███   ▏ 12m $0.42');
  expect(lineText(progressCell(progress, 40))).toBe(' 1/2 12m $0.42');
  expect(lineText(progressCell(progress, 22))).toBe(' 12m');
  expect(progressCell(progress, 10)).toEqual([]);
});
