import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type Pty, start } from '../helpers/programs/pty.ts';

let folder = '';
let program = '';
const open: Pty[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cm-screen-'));
  program = join(folder, 'program.mjs');
  await build({
    entryPoints: [fileURLToPath(new URL('./program.tsx', import.meta.url))],
    outfile: program,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20.19',
    jsx: 'automatic',
    alias: { 'react-devtools-core': './scripts/empty.mjs' },
    define: { 'process.env.NODE_ENV': '"production"' },
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
    logLevel: 'error',
  });
});

afterEach(async () => {
  for (const pty of open.splice(0)) await pty.dispose();
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

const environment = { PATH: process.env.PATH ?? '', HOME: tmpdir(), TERM: 'xterm-256color', LANG: 'C.UTF-8' };

function run(columns: number, rows: number, env: Readonly<Record<string, string>> = {}): Pty {
  const pty = start(process.execPath, [program], { columns, rows, cwd: folder, env: { ...environment, ...env } });
  open.push(pty);
  return pty;
}

async function expectRestored(pty: Pty): Promise<void> {
  await pty.exited;
  expect(await pty.onAlternateScreen()).toBe(false);
  const raw = pty.raw();
  expect(raw.lastIndexOf('\u001b[?25h')).toBeGreaterThan(raw.lastIndexOf('\u001b[?25l'));
  expect(raw.lastIndexOf('\u001b[?2004l')).toBeGreaterThan(raw.lastIndexOf('\u001b[?2004h'));
  expect(raw.lastIndexOf('\u001b[23;2t')).toBeGreaterThan(raw.lastIndexOf('\u001b[22;2t'));
}

describe('on a real terminal', () => {
  test('q leaves and restores it, also where CI is set', async () => {
    const pty = run(120, 40, { CI: 'true' });
    await pty.waitForText('Merge queue');
    expect(await pty.onAlternateScreen()).toBe(true);
    pty.press('q');
    await pty.waitForText('agents are running');
    pty.press('k');
    await pty.waitForText('ended: left');
    expect(await pty.exited).toEqual({ exitCode: 0, signal: 0 });
    await expectRestored(pty);
  });

  test.each([
    ['SIGTERM', 'terminated'],
    ['SIGHUP', 'hangup'],
    ['SIGINT', 'terminated'],
  ] as const)('%s leaves with the agents running', async (signal, reason) => {
    const pty = run(100, 30);
    await pty.waitForText('Roadmap');
    pty.signal(signal);
    await pty.waitForText(`ended: ${reason}`);
    expect(pty.raw()).toContain('leaving: keep');
    await expectRestored(pty);
  });

  test('a terminal that is closed ends it', async () => {
    const pty = run(100, 30, { CM_TEST: 'chatty' });
    await pty.waitForText('Roadmap');
    // One pane has room, which shows the selected item.
    pty.press('kk');
    await pty.waitForText(/line \d+ of many/);
    pty.hangUp();
    const until = performance.now() + 20_000;
    while (isAlive(pty.pid) && performance.now() < until) await new Promise(resolve => setTimeout(resolve, 20));
    expect(isAlive(pty.pid)).toBe(false);
    open.length = 0;
  });

  test('an error while drawing restores it and says what broke', async () => {
    const pty = run(120, 40, { CM_TEST: 'crash' });
    await pty.waitForText('Roadmap');
    pty.press('s');
    await pty.waitForText('failed: broken on purpose');
    expect((await pty.exited).exitCode).toBe(1);
    await expectRestored(pty);
  });

  test('lines that keep coming never clear the screen', async () => {
    const pty = run(120, 40, { CM_TEST: 'chatty' });
    await pty.waitForText(/line \d{2,} of many/);
    pty.press('?');
    await pty.waitForText('┏ Keys');
    pty.press('\u001b');
    await pty.waitForText(/line \d{3} of many/);
    expect(pty.clears()).toBe(0);
  });

  test('Ctrl+Z stops it under a shell, fg brings it back whole', async () => {
    const pty = start('bash', ['--norc', '--noprofile', '-i'], {
      columns: 100,
      rows: 30,
      cwd: folder,
      env: { ...environment, PS1: 'ready> ' },
    });
    open.push(pty);
    await pty.waitForText('ready>');
    pty.press(`${process.execPath} ${program}\r`);
    const before = await pty.waitForText('q quit');
    pty.press('\u001a');
    await pty.waitForText('Stopped');
    expect(await pty.onAlternateScreen()).toBe(false);
    pty.press('fg\r');
    await pty.waitFor(rows => rows.join('\n') === before.join('\n'), 'the screen as it was');
    expect(await pty.onAlternateScreen()).toBe(true);
    pty.press('j');
    await pty.waitForText('▸US-046');
    pty.press('qk');
    await pty.waitForText('ended: left');
  });

  test('after every resize the screen is that of a fresh start', async () => {
    const pty = run(80, 24);
    await pty.waitForText('Roadmap');
    for (const [columns, rows] of [
      [40, 10],
      [1, 1],
      [200, 60],
      [60, 16],
      [160, 45],
      [80, 24],
    ] as const) {
      const other = run(columns, rows);
      const fresh = await other.waitForText(columns < 60 ? (columns > 1 ? 'cm-tui needs' : '…') : 'q quit');
      await other.dispose();
      pty.resize(columns, rows);
      await pty.waitFor(
        now => now.join('\n') === fresh.join('\n'),
        `the screen of a fresh start:\n${fresh.join('\n')}\n`,
      );
    }
  });

  test('a storm of resizes ends in the right picture', async () => {
    const pty = run(120, 40);
    const fresh = await pty.waitForText('q quit');
    for (let round = 0; round < 200; round++) {
      pty.resize(60 + ((round * 37) % 100), 16 + ((round * 13) % 40));
      if (round % 20 === 0) await new Promise(resolve => setImmediate(resolve));
    }
    pty.resize(120, 40);
    await pty.waitFor(now => now.join('\n') === fresh.join('\n'), 'the screen as it was');
  });
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
