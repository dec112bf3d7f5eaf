import { afterEach, describe, expect, test } from 'vitest';
import { FakeHandle, fakeInstance, fakeItem, stateWith } from '../helpers/core/fake-handle.ts';
import { type RunningScreen, screenAt } from '../helpers/render-at.tsx';
import { busy, busyState, fresh, instances } from './pictures.ts';

const size = { columns: 160, rows: 45 };
const landed = instances[0]?.runId ?? '';

let running: RunningScreen | null = null;

async function open(handle: FakeHandle, at = size): Promise<RunningScreen> {
  running = await screenAt(handle, at);
  return running;
}

/** Selects the item with that key. */
async function select(screen: RunningScreen, key: string): Promise<void> {
  screen.press('/');
  screen.press(key);
  screen.press('\r');
  await screen.waitForText(new RegExp(`▸${key}`));
}

afterEach(async () => {
  await running?.end();
  running = null;
});

describe('work', () => {
  test('s spawns the first ready item, then the next one', async () => {
    const handle = busy();
    const screen = await open(handle);
    screen.press('s');
    await screen.waitForText('did spawn');
    await select(screen, 'PRIORITY-2.65');
    screen.press('s');
    await screen.waitFor(() => handle.commands.length === 2, 'a second command');
    expect(handle.commands).toEqual([
      { type: 'spawn', id: 'US-045' },
      { type: 'spawn', id: 'PRIORITY-2.65' },
    ]);
  });

  test('keys that come before the repository has been read wait for it, in their order; leaving does not', async () => {
    const handle = busy();
    const known = handle.state();
    handle.set({ ...known, ready: false, roadmap: { ...known.roadmap, items: [] } });
    const screen = await open(handle);
    screen.press('/');
    screen.press('US-045');
    screen.press('\r');
    screen.press('s');
    await screen.waitForText('Waiting for the repository to be read, then your');
    expect(handle.commands).toEqual([]);
    screen.press('?');
    await screen.waitForText('Keys');
    screen.press('\u001b');
    await screen.waitForNo('Page down');
    handle.set(known);
    await screen.waitForText('did spawn');
    expect(handle.commands).toEqual([{ type: 'spawn', id: 'US-045' }]);
  });

  test('Esc withdraws the keys that wait for the repository', async () => {
    const handle = busy();
    const known = handle.state();
    handle.set({ ...known, ready: false });
    const screen = await open(handle);
    screen.press('s');
    await screen.waitForText('Waiting for the repository to be read, then your key will apply. Esc withdraws.');
    screen.press('\u001b');
    await screen.waitForText('Withdrawn. Nothing will happen.');
    handle.set(known);
    screen.press('S');
    await screen.waitForText('did set-mode');
    expect(handle.commands.map(({ type }) => type)).toEqual(['set-mode']);
  });

  test('a machine at its limit is a question: n starts nothing, y starts it anyway', async () => {
    const handle = busy();
    const command = { type: 'spawn', id: 'US-045', overCapacity: true } as const;
    handle.onCommand = sent =>
      sent.type === 'spawn' && sent.overCapacity !== true
        ? {
            ok: false,
            message: 'Cannot spawn.',
            runIds: [],
            ask: { question: 'CPU is at 92 %: start anyway?', command },
          }
        : { ok: true, message: 'Spawned.', runIds: [] };
    const screen = await open(handle);
    for (const answer of ['n', 'y']) {
      screen.press('s');
      await screen.waitForText('CPU is at 92 %: start anyway?');
      screen.press(answer);
      await screen.waitForNo('start anyway?');
    }
    await screen.waitForText('Spawned.');
    expect(handle.commands).toEqual([{ type: 'spawn', id: 'US-045' }, { type: 'spawn', id: 'US-045' }, command]);
  });

  test('what the coordinator refuses is said in its words', async () => {
    const handle = busy();
    handle.onCommand = () => ({ ok: false, message: 'US-046 waits: US-045 has not landed', runIds: [] });
    const screen = await open(handle);
    await select(screen, 'US-046');
    screen.press('s');
    await screen.waitForText('! US-046 waits: US-045 has not landed');
  });

  test('x asks, n keeps the agent, y cancels it', async () => {
    const handle = busy();
    const screen = await open(handle);
    await select(screen, 'US-043');
    screen.press('x');
    await screen.waitForText('Cancel US-043?');
    screen.press('n');
    await screen.waitForNo('Cancel US-043?');
    expect(handle.commands).toEqual([]);
    screen.press('xy');
    await screen.waitForText('did cancel');
    expect(handle.commands).toEqual([{ type: 'cancel', id: instances[3]?.runId }]);
  });

  test('S switches the work loop, p pauses spawns', async () => {
    const handle = busy();
    const screen = await open(handle);
    screen.press('S');
    screen.press('p');
    await screen.waitFor(() => handle.commands.length === 2, 'two commands');
    expect(handle.commands).toEqual([
      { type: 'set-mode', mode: 'manual' },
      { type: 'pause', paused: true },
    ]);
  });

  test('n makes an item of its own from what is typed and pasted', async () => {
    const handle = fresh();
    const screen = await open(handle);
    screen.press('n');
    screen.press('Tidy');
    screen.press('\u001b[200~ the shop\nup\u001b[201~');
    screen.press('\r');
    screen.press('src/shop/**, docs/a.md\r');
    await screen.waitForText('did run');
    expect(handle.commands).toHaveLength(1);
    expect(handle.commands[0]).toMatchObject({
      type: 'run',
      item: {
        id: 'TASK-1',
        key: 'TASK-1',
        title: 'Tidy the shop',
        prompt: 'Tidy the shop\nup',
        status: 'planned',
        line: 0,
        scope: { kind: 'known', paths: ['src/shop/**', 'docs/a.md'] },
      },
    });
  });

  test('n without text says what is missing and goes nowhere', async () => {
    const handle = fresh();
    const screen = await open(handle);
    screen.press('n');
    screen.press('\r');
    await screen.waitForText('Type what the agent should do first');
    expect(handle.commands).toEqual([]);
  });
});

describe('landing', () => {
  test('m shows every path and lands the head that stood on the page', async () => {
    const handle = busy();
    const screen = await open(handle);
    await select(screen, 'US-042');
    screen.press('m');
    const page = (await screen.waitForText('const wanted')).join('\n');
    for (const text of ['Land US-042 on roadmap?', 'source/search.ts', '2'.repeat(40), '✓ merges cleanly'])
      expect(page).toContain(text);
    screen.press('y');
    await screen.waitForText('did approve');
    expect(handle.commands).toEqual([{ type: 'approve', id: instances[2]?.runId, head: '2'.repeat(40), by: 'user' }]);
  });

  test('a branch that has moved while the page was open is not landed', async () => {
    const handle = busy();
    const screen = await open(handle);
    await select(screen, 'US-042');
    screen.press('m');
    await screen.waitForText('Land US-042 on roadmap?');
    handle.set(
      busyState({ instances: instances.map(one => (one.key === 'US-042' ? { ...one, head: '9'.repeat(40) } : one)) }),
    );
    await screen.waitForText('new commits: m reloads');
    screen.press('y');
    await screen.waitForText('US-042 has new commits since you opened this page');
    expect(handle.commands).toEqual([]);
  });

  test('violations have to be accepted on the page before the approval', async () => {
    const violations = [{ code: 'ownership', path: 'secret\u202e.txt', message: 'owned by architect' }] as const;
    const one = fakeInstance('US-001', {
      state: 'blocked',
      head: 'c'.repeat(40),
      commits: 1,
      endTime: 1,
      merge: { prediction: 'clean', violations },
    });
    const handle = new FakeHandle(stateWith([fakeItem('US-001')], { instances: [one] }));
    const screen = await open(handle);
    screen.press('m');
    await screen.waitForText('secret\\u202e.txt');
    screen.press('y');
    await screen.waitForText('v accept the violation once, then y land');
    expect(handle.commands).toEqual([]);
    screen.press('v');
    await screen.waitForText('accepted once');
    screen.press('y');
    await screen.waitForText('did approve');
    expect(handle.commands).toEqual([
      { type: 'approve', id: one.runId, head: 'c'.repeat(40), accept: ['ownership secret\u202e.txt'], by: 'user' },
    ]);
  });

  test('what stands against a branch can be sent back to its agent, in words that are there already', async () => {
    const violations = [{ code: 'scope', path: 'x.txt', message: "x.txt is outside the item's scope" }] as const;
    const one = fakeInstance('US-001', {
      state: 'blocked',
      head: 'c'.repeat(40),
      base: 'b'.repeat(40),
      commits: 1,
      endTime: 1,
      merge: { prediction: 'clean', violations },
    });
    const handle = new FakeHandle(stateWith([fakeItem('US-001')], { instances: [one] }));
    const screen = await open(handle);
    screen.press('m');
    await screen.waitForText('v accept once');
    screen.press('b');
    await screen.waitForText('Request a fix for US-001');
    screen.press(' Please.');
    screen.press('\r');
    await screen.waitForText('did resume');
    const message = "Revert what does not belong to your item: x.txt is outside the item's scope. Please.";
    expect(handle.commands).toEqual([{ type: 'resume', id: one.runId, message }]);
    screen.press('r');
    await screen.waitForText('did reject');
    expect(handle.commands[1]).toEqual({ type: 'reject', id: one.runId, reason: 'rejected by the user' });
  });

  test('M lists what would land before it lands it', async () => {
    const handle = busy();
    const screen = await open(handle);
    screen.press('M');
    await screen.waitForText('US-042 roadmap-042 at 2222222222, 2 files, predicted clean');
    screen.press('\r');
    await screen.waitForText('did approve-all');
    expect(handle.commands).toEqual([{ type: 'approve-all' }]);
  });

  test('M says how many more there are than it has room to list', async () => {
    const keys = Array.from({ length: 40 }, (_, at) => `US-${100 + at}`);
    const clean = keys.map(key =>
      fakeInstance(key, { state: 'awaiting-approval', head: 'c'.repeat(40), merge: { prediction: 'clean' } }),
    );
    const handle = new FakeHandle(
      stateWith(
        keys.map(key => fakeItem(key)),
        { instances: clean },
      ),
    );
    const screen = await open(handle, { columns: 80, rows: 24 });
    screen.press('M');
    const rows = (await screen.waitForText('Land 40 branches on roadmap?')).join('\n');
    const listed = rows.match(/roadmap-1\d\d at c{10}, 0 files/g)?.length ?? 0;
    expect(rows).toContain(`… and ${40 - listed} more`);
    expect(rows).toMatch(/y Enter +Yes/);
  });

  test.each([
    ['t', { type: 'retry', id: instances[1]?.runId }],
    ['b', { type: 'approve', id: instances[1]?.runId, head: '1'.repeat(40), by: 'user' }],
    ['r', { type: 'reject', id: instances[1]?.runId, reason: 'rejected by the user' }],
  ])('r then %s', async (key, command) => {
    const handle = busy();
    const screen = await open(handle);
    await select(screen, 'US-041');
    screen.press('r');
    await screen.waitForText('US-041: what next?');
    screen.press(key);
    await screen.waitForText(`did ${command.type}`);
    expect(handle.commands).toEqual([command]);
  });

  test('c lists what goes and what would be lost, and removes only that', async () => {
    const handle = busy();
    const screen = await open(handle);
    screen.press('c');
    await screen.waitForText('.env (ignored, not in git');
    screen.press('y');
    await screen.waitForText('Nothing to remove yet');
    expect(handle.commands).toEqual([]);
    screen.press('v');
    await screen.waitForText('.env (ignored, will be lost)');
    screen.press('y');
    await screen.waitForText('did clean');
    expect(handle.commands).toEqual([{ type: 'clean', ids: [landed], confirmedLoss: { [landed]: ['.env'] } }]);
  });

  test('c leaves alone what may not go', async () => {
    const handle = busy();
    handle.probes = [
      { runId: landed, size: 1, untracked: [], ignored: [], obstacles: [] },
      { runId: instances[1]?.runId ?? '', size: 1, untracked: [], ignored: [], obstacles: ['it has not landed'] },
    ];
    const screen = await open(handle);
    screen.press('c');
    await screen.waitForText('it has not landed');
    screen.press('\r');
    await screen.waitForText('did clean');
    expect(handle.commands).toEqual([{ type: 'clean', ids: [landed], confirmedLoss: {} }]);
  });
});

describe('landing that was paused', () => {
  test('Q says what for, and lets it go on after a yes', async () => {
    const reasons = [
      'while US-001 ran, app.txt changed outside its worktree; nothing lands until you accept that',
      'roadmap was reset to an earlier commit; nothing lands until you resume the queue',
    ];
    const handle = new FakeHandle(stateWith([fakeItem('US-001')], { queuePaused: reasons.join('; ') }));
    const screen = await open(handle);
    screen.press('Q');
    const question = (await screen.waitForText('Resume landing?')).join('\n');
    expect(question).toContain('while US-001 ran, app.txt changed outside its worktree');
    expect(question).toContain('roadmap was reset to an earlier commit');
    screen.press('n');
    await screen.waitForNo('Resume landing?');
    expect(handle.commands).toEqual([]);
    screen.press('Q');
    await screen.waitForText('Resume landing?');
    screen.press('y');
    await screen.waitForText('did resume-queue');
    expect(handle.commands).toEqual([{ type: 'resume-queue', reason: reasons.join('; ') }]);
  });
});

describe('undo', () => {
  test('u says which way a landing is taken back before it is', async () => {
    const handle = busy();
    const screen = await open(handle);
    await select(screen, 'US-043');
    screen.press('u');
    const question = (await screen.waitForText('Undo the landing of')).join('\n');
    expect(question).toContain('roadmap has moved on');
    screen.press('y');
    await screen.waitForText('did undo');
    expect(handle.commands).toEqual([{ type: 'undo', id: landed }]);
  });

  test('while nothing has come after it, the target simply goes back', async () => {
    const oid = 'd'.repeat(40);
    const candidate = { oid, base: 'b'.repeat(40), head: 'c'.repeat(40), statusWritten: true };
    const one = fakeInstance('US-001', { state: 'merged', merge: { landed: oid, landedAt: 1, candidate } });
    const handle = new FakeHandle(stateWith([fakeItem('US-001')], { instances: [one], targetTip: oid }));
    const screen = await open(handle);
    screen.press('u');
    await screen.waitForText('roadmap returns to bbbbbbbbbb');
    screen.press('n');
    await screen.waitForNo('Undo the landing');
    expect(handle.commands).toEqual([]);
  });

  test('u has nothing to do before anything has landed', async () => {
    const handle = new FakeHandle(stateWith([fakeItem('US-001')], {}));
    const screen = await open(handle);
    screen.press('u');
    await screen.waitForText('No landing to undo');
  });
});

describe('keys that are not possible now', () => {
  test.each([
    ['US-045', 'x', 'US-045 has not started. Press s to spawn it.'],
    ['US-045', 'd', 'US-045 has not started'],
    ['US-043', 's', 'US-043 is already running'],
    ['US-043', 'm', 'US-043 is still running'],
    ['US-042', 'x', 'US-042 is not running'],
    ['US-043', 'a', 'Run "cm-tui attach US-043"'],
  ])('%s %s says why', async (key, pressed, reason) => {
    const handle = busy();
    const screen = await open(handle);
    await select(screen, key);
    screen.press(pressed);
    await screen.waitForText(reason);
    expect(handle.commands).toEqual([]);
  });

  test('a key of the overview says where it works when a view is open', async () => {
    const screen = await open(busy());
    screen.press('t');
    await screen.waitForText('┏ Timeline');
    screen.press('s');
    await screen.waitForText('works in the overview. Esc goes back');
  });
});

describe('looking', () => {
  test('views open and Esc goes back the way it came', async () => {
    const screen = await open(busy());
    screen.press('3');
    screen.press('l');
    await screen.waitForText('following');
    screen.press('d');
    await screen.waitForText('20 of 20');
    screen.press('\u001b');
    await screen.waitForText('following');
    screen.press('\u001b');
    await screen.waitForText('Merge queue');
  });

  test('keys typed ahead of a view that is still loading go to it', async () => {
    const handle = busy();
    const screen = await open(handle);
    await select(screen, 'US-043');
    screen.press('x');
    screen.press('y');
    await screen.waitForText('did cancel');
    expect(handle.commands).toHaveLength(1);
  });

  test('the palette finds by a few letters and does it', async () => {
    const handle = busy();
    const screen = await open(handle);
    screen.press(':');
    screen.press('loop');
    await screen.waitForText('▸ Toggle the work loop');
    screen.press('\r');
    await screen.waitForText('did set-mode');
  });

  test('the palette says why something is not possible, before and after choosing it', async () => {
    const screen = await open(busy());
    screen.press('\u0010');
    screen.press('cancel');
    await screen.waitForText('US-045 has not started');
    screen.press('\r');
    await screen.waitForNo('┏ Commands');
    await screen.waitForText('! US-045 has not started');
  });

  test('news of the selected run names the next key, news of another is said as it came', async () => {
    const handle = busy();
    const screen = await open(handle);
    await select(screen, 'US-042');
    const notice = { at: 0, level: 'info' as const, text: 'it has ended' };
    handle.set(busyState({ notices: [{ ...notice, runId: instances[3]?.runId ?? null }] }));
    await screen.waitForText('it has ended');
    handle.set(busyState({ notices: [{ ...notice, text: 'ended too', runId: instances[2]?.runId ?? null }] }));
    await screen.waitForText('m review and land');
    expect((await screen.screen()).join('\n')).not.toContain('ended too');
  });

  test('the filter narrows as it is typed; Esc clears it', async () => {
    const screen = await open(busy());
    screen.press('/');
    screen.press('docs');
    await screen.waitForText('▸US-045');
    await screen.waitForNo('US-043        ●');
    screen.press('\u001b');
    await screen.waitForText(/US-043 +● running +running npm test · Para/);
  });

  test('o lists what the ROADMAP calls complete too', async () => {
    const done = fakeItem('US-001', { status: 'complete' });
    const screen = await open(new FakeHandle(stateWith([done, fakeItem('US-002')])));
    await screen.waitForText('US-002');
    await screen.waitForNo('US-001');
    screen.press('o');
    await screen.waitForText(/US-001 ✓ complete/);
  });

  test('Tab walks through the panes, numbers jump', async () => {
    const screen = await open(busy());
    screen.press('\t');
    await screen.waitForText('┏ Merge queue');
    screen.press('\t');
    // The first pane is that of what is selected in the list.
    await screen.waitForText('┏ US-041');
    screen.press('\u001b[Z');
    await screen.waitForText('┏ Merge queue');
    screen.press('5');
    await screen.waitForText('┏ US-044');
    screen.press('1');
    await screen.waitForText('┏ Roadmap');
  });

  test('the selection stays on its item when rows come and go', async () => {
    const items = ['US-001', 'US-002', 'US-003'].map(key => fakeItem(key));
    const handle = new FakeHandle(stateWith(items));
    const screen = await open(handle);
    screen.press('j');
    await screen.waitForText('▸US-002');
    handle.set(stateWith([fakeItem('US-000'), ...items.slice(1)]));
    await screen.waitForText('US-000');
    await screen.waitForText('▸US-002');
  });
});

describe('leaving', () => {
  test('q with agents at work asks; Enter keeps them running', async () => {
    const screen = await open(busy());
    screen.press('q');
    await screen.waitForText('2 agents are running');
    screen.press('\r');
    expect(await screen.ended).toEqual({ reason: 'left' });
    expect(screen.choices).toEqual(['keep']);
  });

  test('q then s stops them', async () => {
    const screen = await open(busy());
    screen.press('q');
    screen.press('s');
    expect(await screen.ended).toEqual({ reason: 'left' });
    expect(screen.choices).toEqual(['stop']);
  });

  test('q then Esc stays', async () => {
    const screen = await open(busy());
    screen.press('q');
    await screen.waitForText('┏ Quit?');
    screen.press('\u001b');
    await screen.waitForNo('┏ Quit?');
    expect(screen.choices).toEqual([]);
  });

  test('q with nothing at work leaves at once', async () => {
    const screen = await open(fresh());
    screen.press('q');
    expect(await screen.ended).toEqual({ reason: 'left' });
  });

  test('Ctrl+C says that it takes two', async () => {
    const screen = await open(busy());
    screen.press('\u0003');
    await screen.waitForText('Press Ctrl+C again');
    screen.press('\u0003');
    expect(await screen.ended).toEqual({ reason: 'left' });
    expect(screen.choices).toEqual(['keep']);
  });

  test('a terminal that goes away leaves with the agents running', async () => {
    const screen = await open(busy());
    screen.terminal.hangUp();
    expect(await screen.ended).toEqual({ reason: 'terminal-closed' });
    expect(screen.choices).toEqual(['keep']);
  });

  test('when stopping the agents fails, the screen says why and stays', async () => {
    running = await screenAt(busy(), size, {
      onLeave: choice => {
        if (choice === 'stop') throw new Error('2 processes are still alive');
      },
    });
    running.press('qs');
    await running.waitForText('2 processes are still alive');
    running.press('q');
    await running.waitForText('┏ Quit?');
  });
});
