import { afterEach, expect, test } from 'vitest';
import { resolveKeys } from '../../../source/commands/keymap.ts';
import { targetAt } from '../../../source/ui/controller/mouse-input.ts';
import { footerActionAt, footerLine } from '../../../source/ui/overview/footer.ts';
import { firstOverview, sceneOf } from '../../../source/ui/overview/model.ts';
import { lineText } from '../../../source/ui/presentation/line.ts';
import { mouseEvents } from '../../../source/ui/terminal/mouse.ts';
import { type RunningScreen, screenAt } from '../../helpers/render-at.tsx';
import { busy, busyState } from '../pictures.ts';

const size = { columns: 100, rows: 30 };
let running: RunningScreen | null = null;

afterEach(async () => {
  await running?.end();
  running = null;
});

async function open(mouse: boolean): Promise<RunningScreen> {
  running = await screenAt(busy(), size, { settings: { mouse } });
  await running.waitForText('▸US-045');
  return running;
}

/** A press, or a step of the wheel, as a terminal reports it. */
const report = (code: number, column: number, row: number) => `\u001b[<${code};${column + 1};${row + 1}M`;

test('reports are told from keys; releases, moves and other buttons are nothing', () => {
  expect(mouseEvents('[<0;5;7M')).toEqual([{ type: 'press', column: 4, row: 6 }]);
  expect(mouseEvents('[<64;5;7M\u001b[<65;5;7M')?.map(({ type }) => type)).toEqual(['wheel-up', 'wheel-down']);
  expect(mouseEvents('[<0;5;7m')).toEqual([]);
  expect(mouseEvents('[<35;5;7M')).toEqual([]);
  expect(mouseEvents('[<2;5;7M')).toEqual([]);
  for (const keys of ['', 'j', '[<0;5;7', '[<0;5;7Mj', '[A']) expect(mouseEvents(keys), keys).toBeNull();
});

test('every place of the overview is its row, its pane, or nothing', () => {
  const scene = sceneOf(busyState(), firstOverview, size);
  const { roadmap } = scene.layout;
  if (roadmap === null) throw new Error('no list');
  expect(targetAt(scene, { column: 2, row: roadmap.top + 1 })).toEqual({ part: 'roadmap', index: scene.itemOffset });
  expect(targetAt(scene, { column: 2, row: roadmap.top })).toEqual({ part: 'roadmap', index: null });
  expect(targetAt(scene, { column: 2, row: size.rows - 3 })).toMatchObject({ part: 'pane' });
  expect(targetAt(scene, { column: 2, row: 0 })).toBeNull();
});

test('every key of the footer is where it is drawn', () => {
  const keymap = resolveKeys({});
  const context = { state: busyState(), view: 'overview', item: null, instance: null, external: true } as const;
  const text = lineText(footerLine(keymap, context, 100));
  const at = (words: string) => footerActionAt(keymap, context, 100, text.indexOf(words));
  expect([at('S loop'), at('n new'), at('? help'), at('q quit')]).toEqual(['loop', 'new-item', 'help', 'leave']);
  expect(footerActionAt(keymap, context, 100, 0)).toBeNull();
});

test('a click selects, a double click opens, the wheel moves, and the footer is pressed', async () => {
  const screen = await open(true);
  expect(screen.terminal.written.join('')).toContain('\u001b[?1000h\u001b[?1006h');
  const rows = await screen.screen();
  const row = rows.findIndex(text => text.includes('US-043'));
  screen.press(report(0, 5, row));
  await screen.waitForText('▸US-043');
  screen.press(report(65, 5, row));
  await screen.waitForText('▸US-046');
  screen.press(report(0, 5, row));
  screen.press(report(0, 5, row));
  await screen.waitForText('following');
  screen.press('\u001b');
  await screen.waitForText('┏ Roadmap');
  const footer = (await screen.screen()).at(-1) ?? '';
  screen.press(report(0, footer.indexOf('? help'), size.rows - 1));
  await screen.waitForText('┏ Keys');
});

test('without the setting the terminal keeps the mouse', async () => {
  const screen = await open(false);
  expect(screen.terminal.written.join('')).not.toContain('1000h');
});

test('theme, mouse and keys follow the settings while the screen runs', async () => {
  const handle = busy();
  running = await screenAt(handle, size);
  await running.waitForText('▸US-045');
  const { terminal } = running;
  expect(terminal.written.join('')).not.toContain('\u001b[?1000h');
  const state = handle.state();
  const keys = { spawn: ['w'], nothing: ['u'] };
  handle.set({ ...state, settings: { ...state.settings, mouse: true, theme: 'mono', keys } });
  await running.waitForText('w spawn');
  await running.waitForText('Setting keys.nothing ignored');
  const from = terminal.written.length;
  expect(terminal.written.join('')).toContain('\u001b[?1000h');
  running.press('\u000c');
  await running.still();
  // Without colours.
  expect(terminal.written.slice(from).join('')).not.toMatch(/\u001b\[3[1-7]m/);
  handle.set({ ...state, settings: { ...state.settings, mouse: false, theme: 'mono', keys } });
  await running.waitFor(() => terminal.written.join('').includes('\u001b[?1000l'), 'mouse off');
});
