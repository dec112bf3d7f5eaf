import { afterEach, describe, expect, test } from 'vitest';
import { defaultSettings } from '../../../source/domain/settings.ts';
import type { SaveText } from '../../../source/ui/index.tsx';
import { noon } from '../../helpers/core/fake-handle.ts';
import { type RunningScreen, screenAt } from '../../helpers/render-at.tsx';
import { busy, instances } from '../pictures.ts';

const size = { columns: 120, rows: 30 };
const runId = instances[3]?.runId ?? '';
const other = instances[4]?.runId ?? '';

let running: RunningScreen | null = null;

async function openLog(handle = busy(), more: { readonly saveText?: SaveText } = {}): Promise<RunningScreen> {
  running = await screenAt(handle, size, more);
  running.press('3');
  running.press('l');
  await running.waitForText('following');
  return running;
}

afterEach(async () => {
  await running?.end();
  running = null;
});

describe('the log view', () => {
  test('L shows all agents in the order of time, o says that raw streams belong to one', async () => {
    const handle = busy();
    handle.logs.append(other, ['later'], { time: noon + 2000 });
    handle.logs.append(runId, ['latest'], { time: noon + 3000 });
    const screen = await openLog(handle);
    screen.press('L');
    await screen.waitForText('All agents');
    const places = (rows: string[]) =>
      ['I will look', 'US-044        │ later', 'US-043        │ latest'].map(text =>
        rows.findIndex(row => row.includes(text)),
      );
    // The title is drawn at once, the lines as soon as they are read.
    const read = places(await screen.waitFor(rows => places(rows).every(at => at > 0), 'the lines of all agents'));
    expect(read).toEqual([...read].sort((a, b) => a - b));
    handle.logs.append(other, ['and on'], { time: noon + 4000 });
    await screen.waitForText('US-044        │ and on');
    // Marks of their kinds stand behind the names.
    const columns = (await screen.screen()).filter(row => row.includes(' │ ')).map(row => row.indexOf(' │ '));
    expect(new Set(columns.filter(column => column > 10)).size).toBe(1);
    screen.press('o');
    await screen.waitForText('Raw streams belong to one run');
    screen.press('\u001b');
    await screen.waitForText('Merge queue');
  });

  test('T takes the time stamps away and brings them back', async () => {
    const screen = await openLog();
    await screen.waitForText('12:00:00 I will look');
    screen.press('T');
    await screen.waitForNo('12:00:00');
    screen.press('T');
    await screen.waitForText('12:00:00 I will look');
  });

  test('e and E jump from error to error and say when there is no further one', async () => {
    const handle = busy();
    handle.logs.append(
      runId,
      Array.from({ length: 100 }, (_, at) => `fine ${at}`),
    );
    handle.logs.append(runId, ['Error: it broke here']);
    handle.logs.append(
      runId,
      Array.from({ length: 100 }, (_, at) => `fine again ${at}`),
    );
    const screen = await openLog(handle);
    screen.press('g');
    await screen.waitForText('2 tests failed');
    screen.press('e');
    await screen.waitForText('▸12:00:00 ✗ 2 tests failed');
    screen.press('e');
    await screen.waitForText('▸12:00:00 Error: it broke here');
    screen.press('e');
    await screen.waitForText('No further error.');
    screen.press('E');
    await screen.waitForText('▸12:00:00 ✗ 2 tests failed');
  });

  test('copy mode is the bare text from the first column on', async () => {
    const screen = await openLog();
    screen.press('y');
    await screen.waitFor(rows => rows.some(row => row === '2 tests failed'), 'the text alone');
    screen.press('y');
    await screen.waitForText('following');
  });

  test('a search through a raw log says how far it is, keys answer meanwhile, Esc stops it and not the view', async () => {
    const handle = busy();
    handle.logs.fill(
      runId,
      'out',
      Array.from({ length: 40_000 }, (_, at) => (at % 20_000 === 7 ? 'needle' : `hay ${at}`)),
    );
    let open: () => void = () => {};
    const screen = await openLog(handle);
    screen.press('o');
    await screen.waitForText('hay 39999');
    handle.logs.gate = new Promise(resolve => {
      open = resolve;
    });
    screen.press('g');
    await screen.waitForText('hay 0');
    screen.press('/needle\r');
    await screen.waitForText('0 % searched, Esc stops');
    await screen.waitForText('▸needle');
    screen.press('w');
    await screen.waitForText('wrapped');
    screen.press('\u001b');
    await screen.waitForText('in the first 0 %');
    open();
    expect((await screen.screen()).join('\n')).toContain('raw output');
    screen.press('n');
    await screen.waitForText('2 lines match');
    await screen.waitFor(rows => rows.some(row => row.includes('hay 20008')), 'the second match');
    expect(Math.max(...handle.logs.reads)).toBeLessThanOrEqual(2000);
  });

  test('W saves the whole log where it is told to', async () => {
    const saved: { path: string; text: string }[] = [];
    const screen = await openLog(busy(), {
      saveText: async (path, text) => {
        let all = '';
        for await (const piece of text) all += piece;
        saved.push({ path, text: all });
        return `Saved to ${path}.`;
      },
    });
    screen.press('W');
    await screen.waitForText('Save to 043.log');
    screen.press('\u0015');
    screen.press('mine.txt\r');
    await screen.waitForText('Saved to mine.txt.');
    expect(saved[0]?.path).toBe('mine.txt');
    expect(saved[0]?.text.split('\n')).toContain('12:00:00 2 tests failed');
  });

  test('W says why nothing was saved; Esc closes the field and not the view', async () => {
    const screen = await openLog(busy(), { saveText: () => Promise.reject(new Error('that name is taken')) });
    screen.press('W');
    screen.press('\r');
    await screen.waitForText('that name is taken');
    screen.press('W');
    await screen.waitForText('Save to');
    screen.press('\u001b');
    await screen.waitForNo('Save to');
    expect((await screen.screen()).join('\n')).toContain('following');
  });
});

describe('the diff view', () => {
  async function openDiff(external: (request: unknown) => Promise<string | null>): Promise<RunningScreen> {
    running = await screenAt(busy(), { columns: 120, rows: 16 }, { openExternal: external, settings: defaultSettings });
    for (const chunk of ['/', 'US-042', '\r', 'd']) running.press(chunk);
    await running.waitForText('diff --git a/source/search.ts');
    return running;
  }

  test('| hands the text to the pager, v the file and its line to the editor', async () => {
    const requests: unknown[] = [];
    const screen = await openDiff(async request => {
      requests.push(request);
      return requests.length === 1 ? null : 'vi failed with exit code 1. Set EDITOR to another program.';
    });
    screen.press('|');
    await screen.waitFor(() => requests.length === 1, 'the pager');
    await screen.waitForText('diff --git a/source/search.ts');
    screen.press('v');
    await screen.waitForText('vi failed with exit code 1');
    expect(requests).toEqual([
      { type: 'pager', text: expect.stringContaining('+  const wanted = text.trim();\n') },
      { type: 'editor', runId: instances[2]?.runId, path: 'source/search.ts', line: 1 },
    ]);
  });

  test('} and { go from hunk to hunk', async () => {
    const screen = await openDiff(async () => null);
    screen.press('}');
    await screen.waitForNo('diff --git a/source/search.ts');
    screen.press('{');
    await screen.waitForText('This is the first hunk.');
  });
});

test('every press of n counts, however fast, in either direction', async () => {
  const handle = busy();
  handle.logs.append(
    runId,
    Array.from({ length: 30 }, (_, at) => `step ${at + 1} of 30`),
    { time: noon },
  );
  const screen = await openLog(handle);
  await screen.waitForText('step 30 of 30');
  screen.press('/');
  screen.press('step');
  screen.press('\r');
  const at = (rows: readonly string[]) => Number(/▸.*step (\d+) of/.exec(rows.join('\n'))?.[1] ?? 0);
  const begin = at(await screen.waitFor(rows => at(rows) > 0, 'a first match'));
  screen.press('nnnnn');
  await screen.waitFor(rows => at(rows) === begin + 5, `step ${begin + 5}`);
  for (const key of 'nnnnNN') screen.press(key);
  await screen.waitFor(rows => at(rows) === begin + 7, `step ${begin + 7}`);
});
