import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { type AgentStatus, fakeAgent } from '../../helpers/programs/fake-agents.ts';
import { onTerminal } from '../../helpers/programs/on-terminal.ts';
import { until } from '../../helpers/programs/processes.ts';
import { createProduct, type Product, type ProductOptions } from '../../helpers/programs/product.ts';
import { isLong } from '../../helpers/tiers.ts';

const made: Product[] = [];

afterEach(() => {
  for (const one of made.splice(0)) {
    // The terminal of a test that failed half-way.
    const socket = join(one.root, '.git/cm-tui/runs/041/tmux.sock');
    if (existsSync(socket)) spawnSync('tmux', ['-S', socket, 'kill-server']);
    one.cleanup();
  }
});

const product = (options: ProductOptions) => {
  const one = createProduct(options);
  made.push(one);
  return one;
};

const detach = '\u0002d';
/** Talks on its terminal, and commits when it is told to. */
const talker = [
  'test -t 0 && test -t 1 || exit 7',
  "printf 'at your service\\n'",
  'while read -r line; do',
  '  case "$line" in',
  '    work) echo done > one.txt; git add -A; git commit -qm work; echo committed ;;',
  '    leave) exit 0 ;;',
  '    *) echo "heard: $line" ;;',
  '  esac',
  'done',
].join('\n');

const interactive = (one: Product, more: object = {}) =>
  one.configure({
    agent: 'talker',
    agents: { talker: { command: `${one.base}/agent.sh`, interactive: true, ...more } },
    noOutputTimeout: 0.5,
  });

const only = async (one: Product) => {
  const [instance] = (await one.json<AgentStatus>('status', '--json')).instances;
  if (instance === undefined) throw new Error('no instance');
  return instance;
};

it('an interactive agent: attach from the screen, type, detach, kill -9, start again, attach again', async () => {
  const one = product({ items: [{ id: 'US-041', files: ['one.txt'] }], agent: talker });
  interactive(one);
  const first = onTerminal(one, { columns: 100, rows: 30 });
  await first.waitForText('▸US-041 ○ ready');
  // Until the repository has been looked at, the key only says so.
  await until(async () => {
    first.press('s');
    return (await first.screen()).join('\n').includes('▸US-041 ● running');
  });
  first.press('a');
  await first.waitForText('detaches, the agent keeps working');
  await first.waitForText('at your service');
  first.press('hello\r');
  await first.waitForText('heard: hello');
  first.press(detach);
  await first.waitForText('Roadmap');
  const { pid } = await only(one);
  first.signal('SIGKILL');
  await first.exited;

  const second = onTerminal(one, { columns: 100, rows: 30 });
  await second.waitForText('▸US-041 ● running');
  second.press('a');
  await second.waitForText('detaches, the agent keeps working');
  await second.waitForText('heard: hello');
  second.press('work\r');
  await second.waitForText('committed');
  expect((await only(one)).pid).toBe(pid);
  second.press('leave\r');
  await second.waitForText('Roadmap');
  await until(async () => (await only(one)).state === 'awaiting-approval');
  second.press('q');
  await second.exited;

  const log = (await one.run('logs', 'US-041')).stdout;
  expect(log).toContain('heard: hello');
  expect(log).toContain('committed');
  const record = one.read('.git/cm-tui/runs/041/exit');
  expect(record.trim()).toBe('0');
});

it.runIf(isLong)('a headless agent that has ended: the key asks what it should do next', async () => {
  const one = product({ items: [{ id: 'US-041', files: ['one.txt'] }] });
  one.configure({ agent: 'claude', agents: fakeAgent('claude', 'no-commit') });
  await one.run('start', '--headless', '--exit-when-idle');
  expect(await only(one)).toMatchObject({ state: 'no-work' });
  one.configure({ agent: 'claude', agents: fakeAgent('claude') });
  const screen = onTerminal(one, { columns: 100, rows: 30 });
  await screen.waitForText('▸US-041');
  screen.press('a');
  await screen.waitForText('What should the agent do next?');
  screen.press('now commit <!-- fake: edit=one.txt -->');
  screen.press('\r');
  await until(async () => (await only(one)).state === 'awaiting-approval');
  screen.press('q');
  await screen.exited;
});

it.runIf(isLong)(
  'from a shell as well; cancelling ends the terminal, and a message begins a new part in it',
  async () => {
    const one = product({ items: [{ id: 'US-041', files: ['one.txt'] }], agent: talker });
    interactive(one);
    expect(await one.run('spawn', '--priority', 'US-041')).toMatchObject({ code: 0, stderr: '' });
    const terminal = onTerminal(one, { columns: 100, rows: 30, args: ['attach', 'US-041'] });
    await terminal.waitForText('at your service');
    expect(await one.run('cancel', 'US-041')).toMatchObject({ code: 0, stderr: '' });
    await terminal.exited;
    expect(await only(one)).toMatchObject({ state: 'cancelled' });

    expect(await one.run('attach', 'US-041', '--message', 'again')).toMatchObject({ code: 0, stderr: '' });
    const again = onTerminal(one, { columns: 100, rows: 30, args: ['attach', 'US-041'] });
    await again.waitForText('at your service');
    again.press('leave\r');
    expect(await again.exited).toMatchObject({ exitCode: 0 });
    expect((await one.run('logs', 'US-041')).stdout.match(/at your service/g)).toHaveLength(2);
    await one.run('start', '--headless', '--exit-when-idle');
  },
);

it('without tmux one sentence says what to install', async () => {
  const one = product({ items: [{ id: 'US-041', files: ['one.txt'] }], agent: talker });
  interactive(one);
  const git = execFileSync('which', ['git'], { encoding: 'utf8' }).trim();
  one.write(`${one.base}/bin/git`, `#!/bin/sh\nexec ${git} "$@"\n`);
  chmodSync(`${one.base}/bin/git`, 0o755);
  Object.assign(one.env, { PATH: `${one.base}/bin` });
  const spawned = await one.run('spawn', '--priority', 'US-041');
  expect(spawned.code).toBe(3);
  expect(spawned.stderr).toMatch(/need tmux: install it \(apt install tmux/);
  expect(spawned.stderr.trim().split('\n')).toHaveLength(1);
  // Nothing was made for what could not begin.
  expect(existsSync(`${one.base}/shop-wt041`)).toBe(false);
  expect(await one.run('start', '--headless', '--exit-when-idle')).toMatchObject({ code: 3, stderr: spawned.stderr });
});
