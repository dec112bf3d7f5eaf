import { afterEach, describe, expect, test } from 'vitest';
import { sanitizeLine } from '../../source/domain/text/sanitize.ts';
import { FakeHandle, fakeInstance, fakeItem, noon, stateWith } from '../helpers/core/fake-handle.ts';
import { brokenFrames, foreignControlsIn } from '../helpers/git/foreign.ts';
import { type RunningScreen, screenAt } from '../helpers/render-at.tsx';
import { sampleOf } from '../helpers/tiers.ts';

/** What agents, paths, refs and files may hold to harm a terminal. */
const attacks = [
  '\u001b]52;c;aGVsbG8=\u0007clipboard',
  '\u001b]0;owned\u0007title',
  '\u001b[2J\u001b[Hcleared',
  '\u001b[?1049lleft the alternate screen',
  '\u001b[?25hcursor',
  '\u001bPq#0;2;0;0;0\u001b\\sixel',
  '\u009b2J8-bit',
  '\u202egnp.evil',
  'nul\u0000bell\u0007bs\b\b\bcr\rlf\nvt\u000b',
  '\ud800lone',
  '\u001b[31mred that never ends',
  `${'z\u0301\u0302\u0303\u0304\u0305\u0306\u0307\u0308'.repeat(3)}`,
  '日本語'.repeat(60),
  '👨‍👩‍👧‍👦'.repeat(40),
  'x'.repeat(100_000),
];

let running: RunningScreen | null = null;

afterEach(async () => {
  await running?.end();
  running = null;
});

function hostileHandle(): FakeHandle {
  const items = attacks.map((attack, index) =>
    fakeItem(`US-${100 + index}`, { title: attack, notes: [attack], scope: { kind: 'known', paths: [attack] } }),
  );
  const runs = attacks.map((attack, index) =>
    fakeInstance(`US-${100 + index}`, {
      title: attack,
      agent: attack,
      branchName: `roadmap-${attack}`,
      worktreePath: `/tmp/${attack}`,
      reason: attack,
      state: index % 3 === 0 ? 'running' : index % 3 === 1 ? 'awaiting-approval' : 'conflict',
      endTime: index % 3 === 0 ? null : noon,
      head: 'c'.repeat(40),
      commits: 1,
      files: [
        { path: attack, change: 'A', oldMode: '000000', newMode: '120000', insertions: 1, deletions: 0, binary: false },
      ],
      merge: {
        prediction: index % 3 === 2 ? 'conflict' : 'clean',
        conflicts: [attack],
        violations: index % 3 === 1 ? [{ code: 'scope', path: attack, message: attack }] : [],
      },
    }),
  );
  const state = stateWith(items, {
    instances: runs,
    target: 'evil\u001b[2J',
    notices: attacks.map(text => ({ at: noon, level: 'error', text, runId: null })),
  });
  const handle = new FakeHandle({
    ...state,
    repository: { ...(state.repository ?? never()), name: 'repo\u001b]0;x\u0007', problems: [], remarks: attacks },
    resources: { ...state.resources, explanation: 'unknown: \u001b[2J' },
  });
  for (const run of runs)
    handle.logs.append(
      run.runId,
      attacks.map(attack => sanitizeLine(attack)),
    );
  handle.diffText = [
    'diff --git a/x b/x',
    '--- a/x',
    '+++ b/x',
    `@@ -0,0 +1,${attacks.length} @@`,
    ...attacks.map(one => `+${one.replaceAll('\n', ' ')}`),
  ].join('\n');
  handle.probes = runs.map(run => ({
    runId: run.runId,
    size: 1,
    untracked: attacks,
    ignored: attacks,
    obstacles: attacks,
  }));
  handle.onCommand = () => ({ ok: false, message: attacks.slice(0, 12).join(' '), runIds: [] });
  return handle;
}

function never(): never {
  throw new Error('the state has no repository');
}

const foreign = (screen: RunningScreen): readonly string[] => foreignControlsIn(screen.terminal.written.join(''));

const sizes = [
  [160, 45],
  [80, 24],
  [60, 16],
] as const;

describe.each(sampleOf(sizes, ([columns]) => columns !== 160))('hostile text at %d×%d', (columns, rows) => {
  const steps: readonly (readonly [string, readonly string[], string | RegExp])[] = [
    ['the overview', [], 'Roadmap'],
    ['every row of the list', ['G', 'g'], 'Roadmap'],
    ['the merge queue', ['2', 'G'], '┏ Merge queue'],
    ['a log', ['3', 'l'], 'following'],
    ['a wrapped log', ['3', 'l', 'w'], 'xxxxx'],
    ['a diff', ['3', 'd'], '+++ b/x'],
    ['details', ['i'], /Depends on/],
    ['events', ['e'], 'Events'],
    ['the review', ['j', 'm'], 'Trial merge'],
    ['the diff of the review', ['j', 'm', '}'], /@@ -0,0/],
    ['redo', ['j', 'r'], ': what next?'],
    ['an answer', ['s'], /^ ! /m],
  ];

  test.each(steps)('%s', async (_, keys, shows) => {
    running = await screenAt(hostileHandle(), { columns, rows });
    for (const key of keys) running.press(key);
    const screen = await running.waitForText(shows);
    expect(foreign(running)).toEqual([]);
    expect(running.terminal.emulator.buffer.active.type).toBe('alternate');
    expect(screen.join('\n')).not.toMatch(/[\u202a-\u202e\u2066-\u2069]/);
    expect(running.terminal.clears()).toBe(0);
    const frame = screen.filter(row => /^[┏╭┃│┗╰]/.test(row));
    expect(frame.length).toBeGreaterThan(5);
    expect(brokenFrames(screen)).toEqual([]);
    running.press('?');
    await running.waitForText('┏ Keys');
  });
});

describe('odd sizes', () => {
  test.each([
    [1, 1],
    [2, 1],
    [59, 200],
    [500, 15],
    [500, 200],
    [0, 0],
  ])('%d×%d', async (columns, rows) => {
    const handle = hostileHandle();
    running = await screenAt(handle, { columns: columns || 80, rows: rows || 24 });
    const screen = await running.screen();
    expect(screen).toHaveLength(rows || 24);
    running.press('jjj?');
    running.press('\u001b');
    expect(running.terminal.clears()).toBe(0);
  });
});

describe('a terminal that is too small', () => {
  test('takes no keys blindly but q', async () => {
    const handle = hostileHandle();
    running = await screenAt(handle, { columns: 50, rows: 10 });
    await running.waitForText('cm-tui needs 60×16, this is 50×10: q quits');
    running.press('Ssjx');
    running.press('y');
    running.press('q');
    expect(await running.ended).toEqual({ reason: 'left' });
    expect(handle.commands).toEqual([]);
    expect(running.choices).toEqual(['keep']);
  });
});

describe('odd input', () => {
  test('pasted control characters never reach the terminal or the item', async () => {
    const handle = hostileHandle();
    handle.onCommand = () => ({ ok: true, message: 'taken', runIds: [] });
    running = await screenAt(handle, { columns: 120, rows: 40 });
    running.press('n');
    running.press('\u001b[200~do \u001b]0;x\u0007this\u0000\u001b[201~');
    await running.waitForText('do this');
    running.press('\r\r');
    await running.waitForText('taken');
    expect(handle.commands[0]).toMatchObject({
      type: 'run',
      item: { title: 'do this\u2400', prompt: 'do this\u2400' },
    });
    expect(foreign(running)).toEqual([]);
  });

  test('a flood of keys is handled in order', async () => {
    const items = Array.from({ length: 300 }, (_, index) => fakeItem(`US-${1000 + index}`));
    running = await screenAt(new FakeHandle(stateWith(items)), { columns: 120, rows: 40 });
    running.press('j'.repeat(5000));
    running.press('k'.repeat(10));
    await running.waitForText('▸US-1289');
  });

  test('unknown sequences do nothing', async () => {
    running = await screenAt(hostileHandle(), { columns: 120, rows: 40 });
    running.press('\u001b[99;99Z');
    running.press('\u001b[<0;10;10M');
    running.press('\u001b[?62;22c');
    running.press('?');
    await running.waitForText('┏ Keys');
  });
});
