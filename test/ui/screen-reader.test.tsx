import { afterEach, describe, expect, test } from 'vitest';
import { type RunningScreen, screenAt } from '../helpers/render-at.tsx';
import { busy, instances } from './pictures.ts';

const size = { columns: 120, rows: 30 };
const environment = { INK_SCREEN_READER: 'true' };
/** Frames, bars, sparklines and marks, which a screen reader would name one by one. */
const drawn = /[\u2500-\u25ff\u2713\u2717\u2298]/;

let running: RunningScreen | null = null;

async function open(handle = busy(), at = size): Promise<RunningScreen> {
  running = await screenAt(handle, at, { environment });
  await running.waitForText('US-043');
  return running;
}

afterEach(async () => {
  await running?.end();
  running = null;
});

const text = (rows: readonly string[]): string => rows.filter(row => row !== '').join('\n');

describe('for a screen reader', () => {
  test('there is one part of the screen at a time, in words, from top to bottom', async () => {
    const screen = await open();
    const roadmap = text(await screen.waitForText('selected: US-045 ready'));
    expect(roadmap).not.toMatch(drawn);
    expect(roadmap).not.toContain('Merge queue');
    expect(roadmap.split('\n')[0]).toContain('on roadmap');
    expect(roadmap.split('\n')[1]).toContain('1 ready for review (m)');
    expect(roadmap.split('\n')[2]).toBe('Roadmap, 6 of 8');
    expect(roadmap.split('\n').at(-2)).toContain('US-045 ready  (s spawn)');
    expect(roadmap.split('\n').at(-1)).toContain('s spawn');
    screen.press('\t');
    const queue = text(await screen.waitForText('Merge queue, 1 of 2'));
    expect(queue).toContain('selected: 1 US-041 conflict');
    expect(queue).not.toMatch(drawn);
    screen.press('\t');
    // The first pane is that of what is selected in the list.
    expect(text(await screen.waitForText('US-041 conflict after'))).toContain('conflicts with roadmap');
    screen.press('\t');
    const pane = text(await screen.waitForText('US-043 running since'));
    expect(pane).toContain('2 tests failed');
    expect(pane).not.toMatch(drawn);
  });

  test('only keys that can be used are named, since dim cannot be heard', async () => {
    const screen = await open();
    await screen.waitForText('selected: US-045 ready');
    expect(
      text(await screen.screen())
        .split('\n')
        .at(-1),
    ).not.toContain('x cancel');
    screen.press('3');
    await screen.waitFor(rows => /x cancel/.test(text(rows).split('\n').at(-1) ?? ''), 'the key of the running agent');
  });

  test('questions and views stand alone, and their keys work', async () => {
    const handle = busy();
    const screen = await open(handle);
    screen.press('3x');
    const question = text(await screen.waitForText('Cancel US-043?'));
    expect(question).not.toContain('2 tests failed');
    screen.press('y');
    await screen.waitFor(() => handle.commands.length === 1, 'the command');
    expect(handle.commands).toMatchObject([{ type: 'cancel' }]);
    for (const [key, title] of [
      ['?', 'Keys'],
      [':', 'Commands'],
      ['t', 'Timeline'],
      ['i', 'US-043 Parallel execution'],
      ['l', 'following'],
    ] as const) {
      screen.press(key);
      const view = text(await screen.waitForText(title));
      expect(view, title).not.toMatch(drawn);
      screen.press('\u001b');
      await screen.waitForText('on roadmap');
    }
  });

  test('everything fits the terminal, however much there is', async () => {
    const handle = busy();
    for (const { runId } of instances)
      handle.logs.append(
        runId,
        Array.from({ length: 200 }, (_, at) => `line ${at} ${'that is long '.repeat(20)}`),
      );
    const screen = await open(handle, { columns: 60, rows: 16 });
    screen.press('3');
    const rows = await screen.waitForText('line 199');
    expect(text(rows)).toContain('2/4 run');
    expect(text(rows)).toMatch(/US-043 running[\s\S]*q quit/);
  });

  test('what cannot be seen just now is not read out again', async () => {
    const handle = busy();
    const screen = await open(handle);
    await screen.waitForText('selected: US-045 ready');
    await screen.still();
    const before = screen.terminal.written.join('');
    handle.logs.append(instances[3]?.runId ?? '', ['another line']);
    const state = handle.state();
    handle.usages = { [instances[3]?.runId ?? '']: { cpuPercent: 99, memoryBytes: 900e6, count: 3 } };
    handle.set({ ...state, resources: { ...state.resources, cpuPercent: 90, cpuHistory: [10, 90] } });
    await screen.still();
    const added = screen.terminal.written.join('').slice(before.length);
    expect(added).not.toContain('US-043');
  });
});
