import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { brokenFrames, foreignControlsIn } from '../../helpers/git/foreign.ts';
import { builtProgram, committingAgent, type Product, type ProductOptions } from '../../helpers/programs/product.ts';
import { type Pty, start } from '../../helpers/programs/pty.ts';
import { temporaryProduct } from '../../helpers/programs/temporary-product.ts';
import { isLong } from '../../helpers/tiers.ts';

/** The built program on a real terminal, seen as a person sees it. */

const open: Pty[] = [];

afterEach(async () => {
  for (const pty of open.splice(0)) await pty.dispose();
});

function product(options: Partial<ProductOptions> = {}): Product {
  const items = [1, 2, 3].map(at => ({ id: `US-04${at}`, files: [`out/${at}.txt`] }));
  return temporaryProduct({ items, ...options });
}

interface Start {
  readonly columns?: number;
  readonly rows?: number;
  readonly variables?: Readonly<Record<string, string>>;
}

function environmentOf(one: Product, variables: Readonly<Record<string, string>> = {}): Record<string, string> {
  const all = { ...one.env, TERM: 'xterm-256color', LANG: 'C.UTF-8', ...variables };
  return Object.fromEntries(Object.entries(all).flatMap(([name, value]) => (value ? [[name, value]] : [])));
}

function screenOf(one: Product, { columns = 120, rows = 40, variables = {} }: Start = {}): Pty {
  const options = { columns, rows, cwd: one.root, env: environmentOf(one, variables) };
  const pty = start(process.execPath, [builtProgram], options);
  open.push(pty);
  return pty;
}

/** Presses s until it is done: while the repository is still being compared with what is known, the key only says so. */
async function spawned(screen: Pty): Promise<void> {
  await screen.waitFor(rows => {
    const text = rows.join('\n');
    if (/▸US-041 . running/.test(text)) return true;
    if (/\(s spawn\)|ry again in a moment/.test(text)) screen.press('s');
    return false;
  }, 'a running agent');
}

/** Text in frames that are whole: a look may fall between two pieces of what the terminal gets. */
const wholeWith = (text: RegExp) => (rows: string[]) => text.test(rows.join('\n')) && brokenFrames(rows).length === 0;

/** The screen once the repository has been read; the history of the machine, which grows with time, left out. */
const steady = (rows: readonly string[]): string =>
  rows
    .join('\n')
    .replaceAll(/[▁▂▃▄▅▆▇]/g, ' ')
    .replaceAll(/ +$/gm, '');

describe('sizes', () => {
  test.runIf(isLong)('after each size the screen is that of a fresh start there', async () => {
    const long = screenOf(product(), { columns: 80, rows: 24 });
    await long.waitForText('▸US-041 ○ ready');
    for (const [columns, rows] of [
      [80, 24],
      [40, 10],
      [1, 1],
      [200, 60],
      [160, 45],
    ] as const) {
      long.resize(columns, rows);
      const fresh = screenOf(product(), { columns, rows });
      const shows = columns >= 60 ? /▸US-041 +○ ready/ : columns > 1 ? 'cm-tui needs' : '…';
      await fresh.waitForText(shows);
      // Both come to rest in the same picture, whichever takes longer.
      let wanted = '';
      await long.waitFor(now => {
        const same = wanted !== '' && steady(now) === wanted;
        void fresh.screen().then(then => {
          wanted = steady(then);
        });
        return same;
      }, `the picture of a fresh start at ${columns}×${rows}`);
      fresh.press('q');
      expect(await fresh.exited).toEqual({ exitCode: 0, signal: 0 });
    }
    await long.waitFor(wholeWith(/Roadmap/), 'whole frames');
  });
});

describe('leaving', () => {
  async function inShell(leave: (shell: Pty, one: Product) => Promise<void>): Promise<void> {
    const one = product();
    const env = environmentOf(one, { PS1: 'shell> ' });
    const shell = start('bash', ['--norc', '--noprofile', '-i'], { columns: 100, rows: 30, cwd: one.root, env });
    open.push(shell);
    await shell.waitForText('shell>');
    shell.press(`echo what stood here; stty -a > ${one.base}/before; "${process.execPath}" "${builtProgram}"\r`);
    await shell.waitForText('▸US-041 ○ ready');
    await leave(shell, one);
    await shell.waitForText(/^what stood here\nshell>/m);
    expect(await shell.onAlternateScreen()).toBe(false);
    shell.press(`stty -a > ${one.base}/after; echo set\r`);
    await shell.waitForText(/^set$/m);
    const settings = ['before', 'after'].map(name => readFileSync(join(one.base, name), 'utf8'));
    expect(settings[1]).toBe(settings[0]);
    const raw = shell.raw();
    expect(raw.lastIndexOf('\u001b[?25h'), 'the cursor is shown').toBeGreaterThan(raw.lastIndexOf('\u001b[?25l'));
    expect(raw.lastIndexOf('\u001b[23;2t'), 'the window title is given back').toBeGreaterThan(
      raw.lastIndexOf('\u001b[22;2t'),
    );
  }

  const pidOf = async (one: Product): Promise<number> =>
    (await one.json<{ coordinator: { pid: number } }>('status', '--json')).coordinator.pid;

  test('q: the terminal is as it was, its settings too', async () => {
    await inShell(async shell => shell.press('q'));
  });

  test.each(['SIGTERM', 'SIGHUP'] as const)('%s: the terminal is as it was, its settings too', async signal => {
    await inShell(async (_, one) => {
      process.kill(await pidOf(one), signal);
    });
  });
});

describe('a hostile agent', () => {
  const attacks = [
    String.raw`printf '\033]52;c;aGVsbG8=\007clipboard\n'`,
    String.raw`printf '\033]0;owned\007title\n'`,
    String.raw`printf '\033[2J\033[Hcleared\n'`,
    String.raw`printf '\033[?1049l\033[?25hleft\n'`,
    String.raw`printf '\302\233\062J8-bit\n'`,
    String.raw`printf '\342\200\256gnp.evil\n'`,
    String.raw`printf 'nul\000bell\007bs\010\010cr\rvt\013\n'`,
    String.raw`printf 'bad \377\376\300\257 bytes\n'`,
    String.raw`head -c 1000000 /dev/zero | tr '\000' 'x'; echo`,
    String.raw`printf '\033]52;c;aGVsbG8=\007on the error stream\n' >&2`,
  ].join('\n');

  test('nothing of it reaches the terminal raw, the frame stays whole, keys answer', async () => {
    const one = product({ agent: `${attacks}\necho the end of it\nexec sleep 600` });
    const screen = screenOf(one);
    await screen.waitForText('▸US-041 ○ ready');
    await spawned(screen);
    await screen.waitFor(wholeWith(/the end of it/), 'the last line in whole frames');
    screen.press('3l');
    await screen.waitForText('following');
    screen.press('o');
    await screen.waitFor(wholeWith(/raw output[\s\S]*the end of it/), 'the raw log in a whole frame');
    screen.press('?');
    await screen.waitForText('┏ Keys');
    expect(foreignControlsIn(screen.raw().replaceAll('\r', ''))).toEqual([]);
    expect(screen.raw()).not.toMatch(/[\u202a-\u202e\u2066-\u2069]/);
    expect(screen.raw()).not.toContain('aGVsbG8');
    expect(await screen.onAlternateScreen()).toBe(true);
    await one.run('cancel', 'US-041');
  });
});

describe('a new user', () => {
  test('comes from a repository without ROADMAP to landed work by what the screen says', async () => {
    const one = product({ items: [] });
    one.git('rm', '-q', 'docs/roadmap/ROADMAP.md');
    one.git('commit', '-qm', 'No ROADMAP');
    const screen = screenOf(one);
    await screen.waitForText(/No ROADMAP with items found[\s\S]*n +new item/);
    screen.press('n');
    await screen.waitForText('New item');
    screen.press('Write a greeting');
    await screen.waitForText('Write a greeting');
    screen.press('\r');
    screen.press('\r');
    await screen.waitForText('TASK-1');
    await screen.waitForText('m review and land');
    screen.press('m');
    await screen.waitForText('Land TASK-1 on roadmap?');
    await screen.waitForText(/y land/);
    screen.press('y');
    await screen.waitForText(/1\/1 landed/);
    await screen.waitForText('c clean up');
    expect(one.git('log', '--merges', '--format=%s', 'roadmap')).toBe('Merge TASK-1 parallel execution');
    screen.press('c');
    await screen.waitForText(/✓ remove: [\s\S]*y yes/);
    screen.press('y');
    await screen.waitFor(() => !one.git('worktree', 'list').includes('-wt'), 'the end of the worktree');
    screen.press('q');
    expect(await screen.exited).toEqual({ exitCode: 0, signal: 0 });
  });
});

test('an agent whose program is not there is told before anything is spawned for nothing, and nothing is spawned with it', async () => {
  const one = product({ settings: { agents: { script: { command: 'no-such-program' } } } });
  const screen = screenOf(one, { columns: 80, rows: 24 });
  await screen.waitForText('! "script" is not installed. Run "cm-tui doctor"');
  const refusal = 'Cannot start agent "script": "no-such-program" is not installed. See "cm-tui';
  screen.press('s');
  await screen.waitForText(refusal);
  screen.press('n');
  await screen.waitForText('New item');
  screen.press('Write a greeting');
  await screen.waitForText('Write a greeting');
  screen.press('\r');
  await screen.waitForText('Enter start');
  screen.press('\r');
  await screen.waitFor(
    rows => rows.join('\n').includes(refusal) && rows.some(row => row.includes('▸ Agent')),
    'the field',
  );
  const { instances } = await one.json<{ instances: readonly unknown[] }>('status', '--json');
  expect(instances).toEqual([]);
});

describe('a start after work has been done', () => {
  test.runIf(isLong)('shows what the agents said last, the owner and the one that looks on alike', async () => {
    const one = product({
      items: [{ id: 'US-041', files: ['out/**'] }],
      agent: `echo "the last words of $CM_KEY"\n${committingAgent}`,
    });
    expect(await one.run('start', '--headless', '--exit-when-idle')).toMatchObject({ code: 1 });
    const owner = screenOf(one);
    await owner.waitForText(/US-041 ◆ to review[\s\S]*the last words of US-041/);
    const viewer = screenOf(one);
    await viewer.waitForText(/viewer[\s\S]*the last words of US-041/);
    owner.press('3l');
    await owner.waitForText(/following[\s\S]*the last words of US-041/);
  });
});

describe('colours', () => {
  test('NO_COLOR: none are sent', async () => {
    const screen = screenOf(product(), { variables: { NO_COLOR: '1' } });
    await screen.waitForText('▸US-041 ○ ready');
    screen.press('j');
    await screen.waitForText('▸US-042 ○ ready');
    expect(screen.raw()).not.toMatch(/\u001b\[(?:\d+;)*(?:3[0-8]|4[0-8]|9[0-7]|10[0-7])(?:;\d+)*m/);
  });

  test('a theme of the settings is used', async () => {
    const one = product();
    writeFileSync(join(one.root, '.git/cm-tui/config.json'), JSON.stringify({ theme: 'light' }));
    const screen = screenOf(one, { variables: { FORCE_COLOR: '1' } });
    await screen.waitForText('▸US-041 ○ ready');
    expect(screen.raw()).toContain('\u001b[34m');
    expect(screen.raw()).not.toContain('\u001b[36m');
  });
});
