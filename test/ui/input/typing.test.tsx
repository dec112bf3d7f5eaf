import { afterEach, describe, expect, test } from 'vitest';
import type { FakeHandle } from '../../helpers/core/fake-handle.ts';
import { type RunningScreen, screenAt } from '../../helpers/render-at.tsx';
import { sampleOf } from '../../helpers/tiers.ts';
import { busy, fresh, instances } from '../pictures.ts';

const sizes = [
  { columns: 160, rows: 45 },
  { columns: 80, rows: 24 },
  { columns: 60, rows: 16 },
];

let running: RunningScreen | null = null;

async function open(handle: FakeHandle, at = sizes[0] ?? { columns: 160, rows: 45 }): Promise<RunningScreen> {
  running = await screenAt(handle, at);
  return running;
}

afterEach(async () => {
  await running?.end();
  running = null;
});

const lines = 'First line\nSecond line\n\n\t- a list 😀\n';
const asCR = lines.replaceAll('\n', '\r');

async function sentPrompt(handle: FakeHandle, screen: RunningScreen): Promise<unknown> {
  screen.press('\r');
  await screen.waitForText('Enter start');
  screen.press('\r');
  await screen.waitForText('did run');
  const [command] = handle.commands;
  return command?.type === 'run' ? [command.item.title, command.item.prompt] : command;
}

describe('several lines', () => {
  test.each([
    ['pasted with CR', `\u001b[200~${asCR}\u001b[201~`],
    ['pasted with LF', `\u001b[200~${lines}\u001b[201~`],
    ['pasted with CRLF', `\u001b[200~${lines.replaceAll('\n', '\r\n')}\u001b[201~`],
    ['sent like keys, with CR', asCR],
    ['sent like keys, with LF', lines],
  ])('%s reach the agent as they are, and the first one is the title', async (_, sent) => {
    const handle = fresh();
    const screen = await open(handle);
    screen.press('n');
    await screen.waitForText('What should the agent do?');
    screen.press(sent);
    await screen.waitForText('a list');
    await new Promise(resolve => setTimeout(resolve, 25));
    expect(await sentPrompt(handle, screen)).toEqual(['First line', lines]);
  });

  test('10,000 of them, in pieces as a terminal passes them on', async () => {
    const handle = fresh();
    const screen = await open(handle);
    screen.press('n');
    await screen.waitForText('What should the agent do?');
    const text = Array.from({ length: 10_000 }, (_, at) => `line ${at}`).join('\r');
    for (let at = 0; at < text.length; at += 4096) screen.press(text.slice(at, at + 4096));
    await screen.waitForText('line 9999');
    await new Promise(resolve => setTimeout(resolve, 25));
    expect(await sentPrompt(handle, screen)).toEqual(['line 0', text.replaceAll('\r', '\n')]);
  });

  test('typed with Ctrl+J; arrows move among them, and Tab goes to the other field', async () => {
    const handle = fresh();
    const screen = await open(handle, sizes[2]);
    screen.press('n');
    for (const key of ['one', '\n', 'three', '\u001b[A', '\u001b[F', '\n', 'two', '\t', 'src/**']) screen.press(key);
    await screen.waitForText('Enter start');
    screen.press('\r');
    await screen.waitForText('did run');
    expect(handle.commands[0]).toMatchObject({ item: { prompt: 'one\ntwo\nthree', scope: { paths: ['src/**'] } } });
  });

  test('come from the editor of the user with Ctrl+E, which gets the terminal', async () => {
    const handle = fresh();
    running = await screenAt(handle, sizes[0] ?? { columns: 160, rows: 45 }, {
      openExternal: async request => {
        if (request.type !== 'text') return 'another program';
        request.taken(`${request.text}, edited\nin two lines`);
        return null;
      },
    });
    running.press('n');
    await running.waitForText('Ctrl+E editor');
    running.press('typed');
    await running.waitForText('typed');
    running.press('\u0005');
    await running.waitForText('in two lines');
    running.press('\r');
    await running.waitForText('Enter start');
    running.press('\r');
    await running.waitForText('did run');
    expect(handle.commands).toMatchObject([
      { item: { prompt: 'typed, edited\nin two lines', title: 'typed, edited' } },
    ]);
  });

  test('reach an agent whose run is resumed, and one that is asked for a fix', async () => {
    const handle = busy();
    const screen = await open(handle);
    screen.press('/US-041\r');
    await screen.waitForText('▸US-041');
    screen.press('a');
    await screen.waitForText('What should the agent do next?');
    screen.press(`\u001b[200~${asCR}\u001b[201~\r`);
    await screen.waitForText('did resume');
    expect(handle.commands).toEqual([{ type: 'resume', id: instances[1]?.runId, message: lines }]);
  });

  test('that were not sent are there again', async () => {
    const screen = await open(fresh());
    screen.press('n');
    screen.press('half a thought');
    await screen.waitForText('half a thought');
    screen.press('\u001b');
    await screen.waitForText('What you typed is kept');
    screen.press('n');
    await screen.waitForText('half a thought');
  });
});

/** The cell of the cursor, where it is shown. */
function cursorOf({ terminal }: RunningScreen): { readonly x: number; readonly y: number } | null {
  const shows = /\u001b\[\?25[hl](?![\s\S]*\u001b\[\?25[hl])/.exec(terminal.written.join(''))?.[0] === '\u001b[?25h';
  const { cursorX: x, cursorY: y } = terminal.emulator.buffer.active;
  return shows ? { x, y } : null;
}

describe.each(sampleOf(sizes, ({ columns }) => columns === 80))(
  'the cursor of the terminal at $columns×$rows',
  size => {
    test.each([
      ['the filter', '/'],
      ['the palette', ':'],
      ['a new item', 'n'],
      ['the search of a log', 'l/'],
      ['the name of a saved log', 'lW\u0015'],
      ['the search of a diff', 'd/'],
      ['the message of a run that is resumed', 'a'],
    ])('stands behind what is typed: %s', async (_, keys) => {
      const screen = await open(busy(), size);
      screen.press('/US-041\r');
      await screen.waitForText('▸US-041');
      await screen.still();
      expect(cursorOf(screen)).toBeNull();
      for (const key of keys) {
        screen.press(key);
        await screen.still();
      }
      screen.press('日b');
      const rows = await screen.waitForText('日b');
      await screen.still();
      const y = rows.findLastIndex(row => row.includes('日b'));
      const place = cursorOf(screen);
      expect(place?.y).toBe(y);
      const row = rows[y] ?? '';
      // A wide character takes two cells and one place in the text.
      expect(place?.x).toBe(row.indexOf('日b') + 3);
      screen.press('\u001b[D');
      await screen.still();
      expect(cursorOf(screen)).toEqual({ x: row.indexOf('日b') + 2, y });
      screen.press('\u001b');
      await screen.still();
      expect(cursorOf(screen)).toBeNull();
    });
  },
);

test('a new item says what it costs to name no files, takes agent, model and what it depends on, and is selected', async () => {
  const handle = busy();
  handle.onCommand = command => {
    if (command.type === 'run') {
      const state = handle.state();
      handle.set({ ...state, adHoc: [...state.adHoc, { ...command.item, id: 'TASK-77', key: 'TASK-77' }] });
    }
    return { ok: true, message: `did ${command.type}`, runIds: [] };
  };
  running = await screenAt(handle, { columns: 160, rows: 45 }, { agents: () => ['claude', 'codex'] });
  running.press('n');
  await running.waitForText('Without files, only one such item runs at a time.');
  for (const key of ['Tidy', '\t', 'src/**', '\t', 'Clean up', '\t', 'codx', '\t', 'big', '\t', 'US-041'])
    running.press(key);
  await running.waitForText('US-041');
  running.press('\r');
  await running.waitForText('Unknown agent "codx". Did you mean "codex"?');
  running.press('\u0015codex');
  running.press('\r');
  await running.waitForText('▸TASK-77');
  expect(handle.commands).toMatchObject([
    {
      type: 'run',
      item: {
        title: 'Clean up',
        prompt: 'Tidy',
        agentProgram: 'codex',
        model: 'big',
        dependsOn: ['US-041'],
        scope: { kind: 'known', paths: ['src/**'] },
      },
    },
  ]);
});

describe('a keyboard layout that is not Latin', () => {
  test('acts by the places of its keys where the terminal reports them, and types its letters', async () => {
    const handle = busy();
    const screen = await open(handle);
    expect(screen.terminal.written.join('')).toContain('\u001b[?u');
    screen.press('\u001b[?0u');
    await screen.waitFor(() => screen.terminal.written.join('').includes('\u001b[>29u'), 'the protocol');
    screen.press('\u001b[1099::115;;1099u');
    await screen.waitForText('did spawn');
    screen.press('\u001b[1090::110;;1090u');
    await screen.waitForText('What should the agent do?');
    screen.press('\u001b[1099::115;;1099u');
    await screen.waitForText('▸ ы');
    screen.press('\u001b[57414u');
    await screen.waitForText('Enter start');
    await screen.end();
    expect(screen.terminal.written.join('')).toContain('\u001b[<u');
    running = null;
  });

  test('is reported once where the terminal does not', async () => {
    const screen = await open(busy());
    screen.press('ы');
    await screen.waitForText('The keyboard layout is not Latin');
    screen.press('j');
    await screen.waitForNo('The keyboard layout is not Latin');
    screen.press('ы');
    await screen.still();
    expect((await screen.screen()).join('\n')).not.toContain('The keyboard layout is not Latin');
  });
});

test('a paste without a field says where there is one', async () => {
  const screen = await open(busy());
  screen.press('\u001b[200~xyz\u001b[201~');
  await screen.waitForText('There is no field to paste into. n opens one for a new item.');
});
