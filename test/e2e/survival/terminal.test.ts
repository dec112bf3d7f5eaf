import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { builtProgram, committingAgent, type Product } from '../../helpers/programs/product.ts';
import { type Pty, start as startPty } from '../../helpers/programs/pty.ts';
import { bearersOf, eventually, isLiving, processorTime } from '../../helpers/programs/survivors.ts';
import { temporaryProduct } from '../../helpers/programs/temporary-product.ts';
import { isLong } from '../../helpers/tiers.ts';

const screens: Pty[] = [];

afterEach(async () => {
  for (const screen of screens.splice(0)) await screen.dispose();
});

const keys = ['US-041', 'US-042'];
/** Works until it is let go by a file beside the repository. */
const waiting = `until [ -e "$(dirname "$0")/go" ]; do sleep 0.05; done\n${committingAgent}`;
const letGo = (one: Product) => writeFileSync(join(one.base, 'go'), '');
const headless = ['start', '--headless', '--approve', 'clean', '--exit-when-idle'];

function product(): Product {
  return temporaryProduct({ items: keys.map(id => ({ id, files: [`out/${id}.txt`] })), agent: waiting });
}

function screenOf(one: Product, args: readonly string[] = [], variables: Readonly<Record<string, string>> = {}): Pty {
  const env = Object.fromEntries(
    Object.entries({ ...one.env, TERM: 'xterm-256color', LANG: 'C.UTF-8', ...variables }).filter(
      (entry): entry is [string, string] => entry[1] !== undefined,
    ),
  );
  const pty = startPty(process.execPath, [builtProgram, ...args], { columns: 120, rows: 40, cwd: one.root, env });
  screens.push(pty);
  return pty;
}

/** A screen with its work loop on and both agents at work. */
async function atWork(one: Product, variables: Readonly<Record<string, string>> = {}): Promise<Pty> {
  const screen = screenOf(one, ['--auto'], variables);
  await screen.waitForText('2/4 running');
  await eventually(() => agentsAlive(one) === keys.length, 'agents at work');
  return screen;
}

const agentsAlive = (one: Product) => new Set(bearersOf(one).map(({ runId }) => runId)).size;

/** The program is gone, the agents are not, and the next start lands what they did. */
async function goesOn(one: Product): Promise<void> {
  expect(agentsAlive(one)).toBe(2);
  letGo(one);
  expect(await one.run(...headless)).toMatchObject({ code: 0, stderr: '' });
  const merges = one.git('log', '--merges', '--format=%s', 'roadmap').split('\n').sort();
  expect(merges).toEqual(keys.map(key => `Merge ${key} parallel execution`));
}

async function expectRestored(screen: Pty): Promise<void> {
  expect(await screen.onAlternateScreen()).toBe(false);
  const raw = screen.raw();
  for (const [on, off] of [
    ['\u001b[?25h', '\u001b[?25l'],
    ['\u001b[?2004l', '\u001b[?2004h'],
  ] as const) {
    const last = raw.slice(Math.max(0, raw.lastIndexOf(off)));
    expect(!raw.includes(off) || last.includes(on), `${off.slice(1)} is taken back`).toBe(true);
  }
}

const lastStop = (one: Product) =>
  readFileSync(join(one.root, '.git/cm-tui/journal.jsonl'), 'utf8').trim().split('\n').at(-1) ?? '';

describe('the terminal goes away', () => {
  test.runIf(isLong)('closed: the program is gone, has burnt nothing, and the agents live', async () => {
    const one = product();
    const screen = await atWork(one);
    screen.hangUp();
    await eventually(() => {
      const used = processorTime(screen.pid);
      expect(used ?? 0, 'seconds of processor time').toBeLessThan(20);
      return !isLiving(screen.pid);
    }, 'the end of the program');
    expect(await screen.exited).toEqual({ exitCode: 0, signal: 0 });
    expect(lastStop(one)).toContain('coordinator-stopped');
    await goesOn(one);
  });

  test.runIf(isLong).each(['SIGHUP', 'SIGTERM', 'SIGQUIT'] as const)(
    '%s: it leaves with the terminal restored',
    async signal => {
      const one = product();
      const screen = await atWork(one);
      screen.signal(signal);
      expect(await screen.exited).toEqual({ exitCode: 0, signal: 0 });
      await expectRestored(screen);
      expect(lastStop(one)).toContain('coordinator-stopped');
      await goesOn(one);
    },
  );

  test.runIf(isLong).each(['SIGHUP', 'SIGTERM', 'SIGQUIT', 'SIGINT'] as const)('without a screen, %s', async signal => {
    const one = product();
    const running = one.start(...headless);
    await running.event(() => running.events.filter(({ type }) => type === 'instance-started').length === 2);
    running.kill(signal);
    expect(await running.exit).toMatchObject({ code: 130, stderr: '' });
    expect(lastStop(one)).toContain(`"reason":"${signal}"`);
    await goesOn(one);
  });

  test.runIf(isLong)('without a screen, a reader of its output that has left', async () => {
    const one = product();
    const command = ['-c', '"$0" "$1" start --headless | head -n 3', process.execPath, builtProgram];
    const stdout = execFileSync('sh', command, { cwd: one.root, env: one.env, encoding: 'utf8' });
    expect(stdout.trim().split('\n')).toHaveLength(3);
    expect(lastStop(one)).toContain('stdout was closed');
    letGo(one);
    expect(await one.run(...headless)).toMatchObject({ code: 0 });
  });
});

describe('stopped and continued', () => {
  test.runIf(isLong)('what ended meanwhile is known at once, and the screen is whole', async () => {
    const one = product();
    const screen = await atWork(one);
    screen.signal('SIGSTOP');
    letGo(one);
    await eventually(() => agentsAlive(one) === 0, 'the end of the agents');
    screen.signal('SIGCONT');
    await screen.waitForText('2 to land');
    expect(await screen.onAlternateScreen()).toBe(true);
    expect(lockedOut(await one.run(...headless))).toBe(screen.pid);
  });
});

/** The pid that a refusal names. */
function lockedOut({ code, stderr }: { readonly code: number | null; readonly stderr: string }): number {
  expect(code).toBe(4);
  return Number(/pid (\d+)/.exec(stderr)?.[1]);
}

describe('a fault of the program itself', () => {
  async function expectReport(one: Product, fault: string): Promise<void> {
    const state = join(one.root, '.git/cm-tui');
    const files = readdirSync(state).filter(name => name.startsWith('crash-'));
    expect(files).toHaveLength(1);
    const file = join(state, files[0] ?? '');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const text = readFileSync(file, 'utf8');
    expect(text).toContain(fault);
    expect(text, 'secrets are taken out').not.toContain('hunter2hunter2');
  }

  test.runIf(isLong).each([
    ['while it draws', 'screen.draw:throw'],
    ['where nobody catches it', 'timer.fired:throw:3'],
  ])('%s: terminal restored, a plain sentence, a report, agents alive', async (_where, point) => {
    const one = product();
    const first = one.start('start', '--headless');
    await first.event(() => first.events.filter(({ type }) => type === 'instance-started').length === 2);
    first.kill('SIGTERM');
    await first.exit;
    const screen = screenOf(one, [], { CM_FAILPOINT: point, SOME_TOKEN: 'hunter2hunter2' });
    expect((await screen.exited).exitCode).toBe(1);
    await expectRestored(screen);
    const shown = (await screen.screen()).join('');
    expect(shown).toContain('cm-tui crashed');
    expect(shown).toContain('The agents keep running');
    await expectReport(one, point.split(':')[0] ?? '');
    expect(lastStop(one)).toContain('"reason":"crashed"');
    await goesOn(one);
  });

  test.runIf(isLong)('without a screen', async () => {
    const one = product();
    const result = await one.with({ CM_FAILPOINT: 'timer.fired:throw:3' }).run('start', '--headless');
    expect(result.code).toBe(1);
    expect(result.stderr).toMatch(/^cm-tui crashed \(failpoint timer\.fired\)\. [^\n]*crash-[^\n]*\n$/);
    await expectReport(one, 'timer.fired');
    letGo(one);
    expect(await one.run(...headless)).toMatchObject({ code: 0 });
  });
});

describe('a second screen', () => {
  test('follows the first, sends commands to it, and takes over when it is gone', async () => {
    const one = product();
    const first = one.start('start', '--headless');
    await first.event(() => first.events.filter(({ type }) => type === 'instance-started').length === 2);
    const viewer = screenOf(one);
    await viewer.waitForText('viewer');
    await viewer.waitForText('2/4 running');
    await viewer.waitForText(`pid ${first.pid}`);
    viewer.press('p');
    await first.event(event => event.type === 'spawns-paused');
    await viewer.waitForText(/paused/i);
    first.kill('SIGKILL');
    await first.exit;
    await viewer.waitForText('Take over?');
    await viewer.waitForText(`pid ${first.pid}`);
    viewer.press('y');
    await viewer.waitForText('now owns the repository');
    await viewer.waitFor(rows => !rows.join('\n').includes('viewer'), 'an owner');
    expect(lockedOut(await one.run(...headless))).toBe(viewer.pid);
    letGo(one);
    await viewer.waitForText(/✓ clean.*✓ clean/s);
    viewer.press('M');
    await viewer.waitForText('Land 2 branches');
    viewer.press('y');
    await viewer.waitForText('2 landed');
  });

  test.runIf(isLong)('that does not take over follows the next owner', async () => {
    const one = product();
    const first = one.start('start', '--headless');
    await first.event(() => first.events.filter(({ type }) => type === 'instance-started').length === 2);
    const viewer = screenOf(one);
    await viewer.waitForText('viewer');
    first.kill('SIGKILL');
    await viewer.waitForText('Take over?');
    viewer.press('n');
    await viewer.waitForText('No cm-tui owns the repository');
    const next = one.start('start', '--headless');
    await viewer.waitForText(`pid ${next.pid}`);
    next.kill('SIGTERM');
    await next.exit;
  });

  test.runIf(isLong)('is refused while the first is stopped', async () => {
    const one = product();
    const first = one.start('start', '--headless');
    await first.event(({ type }) => type === 'instance-started');
    first.kill('SIGSTOP');
    const viewer = screenOf(one);
    expect((await viewer.exited).exitCode).toBe(4);
    expect((await viewer.screen()).join('')).toContain(`pid ${first.pid}`);
    expect(await viewer.onAlternateScreen()).toBe(false);
    first.kill('SIGKILL');
  });
});

describe('a damaged journal on the screen', () => {
  test('asks before anything, and goes on with yes', async () => {
    const one = product();
    const first = one.start(...headless);
    await first.event(() => first.events.filter(({ type }) => type === 'instance-started').length === 2);
    first.kill('SIGKILL');
    await first.exit;
    const file = join(one.root, '.git/cm-tui/journal.jsonl');
    const bytes = readFileSync(file);
    bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
    writeFileSync(file, bytes);
    const declined = screenOf(one);
    await declined.waitForText('[y/N]');
    declined.press('n\r');
    expect((await declined.exited).exitCode).toBe(3);
    expect(readFileSync(file).equals(bytes)).toBe(true);
    const screen = screenOf(one);
    await screen.waitForText('[y/N]');
    screen.press('y\r');
    await screen.waitForText('2/4 running');
    screen.signal('SIGTERM');
    await screen.exited;
    await goesOn(one);
  });
});
