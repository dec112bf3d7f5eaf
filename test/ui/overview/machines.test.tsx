import { afterEach, describe, expect, test } from 'vitest';
import { looksAlike } from '../../../source/ui/controller/looks-alike.ts';
import { targetAt } from '../../../source/ui/controller/mouse-input.ts';
import { nothingShown, showMachine } from '../../../source/ui/overview/header.ts';
import { firstOverview, sceneOf } from '../../../source/ui/overview/model.ts';
import { FakeHandle } from '../../helpers/core/fake-handle.ts';
import { type RunningScreen, screenAt } from '../../helpers/render-at.tsx';
import { busy, fleetState } from '../pictures.ts';

let running: RunningScreen | null = null;

afterEach(async () => {
  await running?.end();
  running = null;
});

const sizes = [
  { columns: 160, rows: 45 },
  { columns: 80, rows: 24 },
] as const;

async function fleetScreen(size: { columns: number; rows: number } = sizes[1]) {
  const handle = new FakeHandle(fleetState());
  running = await screenAt(handle, size, { settings: { mouse: true } });
  return { handle, screen: running };
}

describe.each(sizes)('at $columns×$rows', size => {
  test('each machine is one line: what it uses, its slots, whether it is heard; silence is never a figure', async () => {
    const { screen } = await fleetScreen(size);
    const rows = await screen.waitForText('w3');
    const lineOf = (name: string) => rows.find(row => new RegExp(`^.[ ▸]${name} .*\\d/\\d`).test(row)) ?? '';
    expect(lineOf('w1')).toMatch(/60 .* 30 +1\/4 +ready/);
    expect(lineOf('w2')).toMatch(/\?\? .*\?\? +1\/4 +no contact 2m/);
    expect(lineOf('w3')).toMatch(/0\/2 +draining/);
    expect(rows.join('\n')).toContain('1 to accept');
    // Only what was accepted counts.
    expect(rows[0]).toMatch(size.columns > 100 ? /3 machines 2\/10/ : /3m 2\/10/);
    screen.press('0G');
    expect((await screen.waitForText('▸w4')).join('\n')).toMatch(/▸w4 .* not accepted yet/);
  });

  test('the list of runs says where each is, and in words what is wrong with its machine', async () => {
    const { screen } = await fleetScreen(size);
    const rows = await screen.waitForText('w3');
    const lineOf = (key: string) => rows.find(row => row.includes(`${key} `) && row.includes('running')) ?? '';
    expect(lineOf('US-043')).toMatch(/running +w1 /);
    expect(lineOf('US-044')).toMatch(/running +w2 +! no cont/);
    expect(rows.find(row => /^.[ ▸]US-041/.test(row))).toMatch(/conflict +w2 +! late r/);
  });
});

test('nothing of it is shown where all agents run here, and 0 says why', async () => {
  running = await screenAt(busy(), sizes[0]);
  const rows = await running.waitForText('US-043');
  expect(rows.join('\n')).not.toMatch(/Machines|machine/);
  running.press('0');
  await running.waitForText('All agents run here');
  for (let stop = 0; stop < 6; stop++) running.press('\t');
  await running.waitForNo('Machines');
});

describe('keys in the list of machines', () => {
  test.each([
    [
      'accepts it once the fingerprint was compared',
      'jjjK',
      /Accept w4\?[\s\S]*aaaa-bbbb/,
      { type: 'accept-worker', worker: 'w4', key: 'key-w4' },
    ],
    [
      'drains it, and names its runs',
      'h',
      /Drain w1\?[\s\S]*finishes US-043/,
      { type: 'drain-worker', worker: 'w1', drained: true },
    ],
    [
      'gives one that was drained runs again',
      'jjh',
      /Give w3 runs again\?/,
      { type: 'drain-worker', worker: 'w3', drained: false },
    ],
    ['forgets one without runs', 'jjz', /Forget w3\?[\s\S]*counts no more/, { type: 'forget-worker', worker: 'w3' }],
  ])('%s', async (_, keys, question, command) => {
    const { handle, screen } = await fleetScreen();
    screen.press(`0${keys}`);
    await screen.waitForText(question);
    expect(handle.commands).toEqual([]);
    screen.press('y');
    await expect.poll(() => handle.commands).toEqual([command]);
  });

  test.each([
    ['z', 'w1 still has US-043'],
    ['K', 'w1 is accepted already'],
    ['jjjh', 'w4 has not been accepted'],
    ['s', 'Nothing selected'],
  ])('%s says why not', async (keys, why) => {
    const { handle, screen } = await fleetScreen();
    screen.press(`0${keys}`);
    await screen.waitForText(why);
    expect(handle.commands).toEqual([]);
  });

  test('Tab comes to it between the merge queue and the logs, and Esc leaves it', async () => {
    const { screen } = await fleetScreen();
    screen.press('\t\t');
    await screen.waitForText('┏ Machines');
    screen.press('\t');
    await screen.waitForNo('┏ Machines');
    screen.press('0\u001b');
    await screen.waitForText('┏ Roadmap');
  });

  test('the list goes when the settings name no engine any more', async () => {
    const { handle, screen } = await fleetScreen();
    screen.press('0j');
    await screen.waitForText('w2 works on US-044; nothing was heard of it for 2m');
    await screen.waitForText('┏ Machines');
    handle.set({ ...handle.state(), settings: busy().state().settings });
    await screen.waitForText('┏ Roadmap');
    await screen.waitForNo('Machines');
  });
});

test('a click selects a machine, and its heading is none', async () => {
  const { screen } = await fleetScreen();
  const scene = sceneOf(fleetState(), firstOverview, sizes[1]);
  const top = scene.layout.machines?.top ?? 0;
  const at = (row: number) => targetAt(scene, { column: 4, row: top + row });
  expect([0, 1, 2, 4].map(at).map(target => target?.part === 'machines' && target.index)).toEqual([null, null, 0, 2]);
  screen.press(`\u001b[<0;5;${top + 4}M`);
  await screen.waitForText('▸w2');
});

test('a look at the machines draws only what is new', () => {
  const before = fleetState();
  const shown = showMachine(before, nothingShown);
  const still = (change: object) => {
    const machines = before.machines?.map((one, at) => (at === 0 ? { ...one, ...change } : one)) ?? [];
    return looksAlike(before, { ...before, machines }, shown, shown);
  };
  expect(still({ silentMs: 4000, cpuPercent: 61 })).toBe(true);
  for (const change of [{ silentMs: 30_000 }, { cpuPercent: 90 }, { slots: 5 }, { version: '2' }, { draining: true }])
    expect(still(change), JSON.stringify(change)).toBe(false);
});
