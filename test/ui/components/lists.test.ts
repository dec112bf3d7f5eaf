import { describe, expect, test } from 'vitest';
import { resolveKeys } from '../../../source/commands/keymap.ts';
import { counts, itemRows } from '../../../source/coordinator/state/selectors.ts';
import { messageLine } from '../../../source/ui/overview/footer.ts';
import { paneLines, paneTitle } from '../../../source/ui/overview/panes.ts';
import { roadmapRow } from '../../../source/ui/overview/rows.ts';
import { fitLine, lineText } from '../../../source/ui/presentation/line.ts';
import type { Used } from '../../../source/ui/usage-trail.ts';
import { fakeInstance, fakeItem, noon, stateWith } from '../../helpers/core/fake-handle.ts';

const item = fakeItem('US-001', { title: 'Change quantities in the cart' });
const running = fakeInstance('US-001', { title: item.title });
const used: Used = { cpuPercent: 97, memoryBytes: 330e6, count: 3, cpuTrail: [0, 20, 60, 97] };

function lastCell(width: number, more: { readonly used?: Used; readonly touching?: readonly string[] } = {}): string {
  const [row] = itemRows(stateWith([item], { instances: [running] }));
  if (row === undefined) throw new Error('no row');
  const news = { touching: more.touching ?? [], used: more.used ?? null };
  const cell = roadmapRow(row, { selected: false, width }, news).cells.text ?? [];
  return lineText(fitLine(cell, width));
}

describe('an agent at work in the list of items', () => {
  test('shows processor and memory with a sparkline, and less of it where there is little room', () => {
    expect(lastCell(60, { used })).toMatch(/^Change quantities in the cart +▁▁▁▁▁▂▅█ {2}95 % 336 MB$/);
    expect(lastCell(40, { used })).toMatch(/^Change quantities in … ▁▂▅█ {2}95 % 336 MB$/);
    expect(lastCell(20, { used })).toMatch(/^Change q… ▁▂▅█ {2}95 %$/);
    expect(lastCell(12, { used })).toBe('Change quan…');
  });

  test('has every number at its place, however long it is', () => {
    const places = [0, 5, 95, 100, 780].map(cpuPercent => {
      const text = lastCell(40, { used: { ...used, cpuPercent } });
      return [text.length, text.indexOf(' %'), text.indexOf(' MB')];
    });
    expect(new Set(places.map(String)).size).toBe(1);
  });

  test('keeps its title where its work touches that of another, and the line below the panes tells of it', () => {
    const touching = ['touches the same lines as 002: a.ts', 'touches the same lines as 003: a.ts'];
    expect(lastCell(60, { used, touching })).toMatch(/^! Change quantities in the cart · t.* 95 % 336 MB$/);
    const radar = [{ a: running.runId, b: null, paths: ['a.ts'] }];
    const state = stateWith([item], { instances: [running], radar });
    expect(
      lineText(
        messageLine(null, state, { item, instance: running }, { now: noon, keymap: resolveKeys({}), width: 200 }),
      ),
    ).toMatch(/running: .*a\.ts/);
  });
});

test('nothing is called ready before the repository has been read: no key could start it', () => {
  const statusOf = (ready: boolean) => itemRows(stateWith([item], { ready }))[0]?.status;
  expect([statusOf(false), statusOf(true)]).toEqual(['planned', 'ready']);
  expect([false, true].map(ready => counts(stateWith([item], { ready })).ready)).toEqual([0, 1]);
});

test('the line below the panes keeps the next key where the reason is long', () => {
  const failed = fakeInstance('US-001', { state: 'failed', reason: 'it ended with a very long sentence '.repeat(9) });
  const state = stateWith([item], { instances: [failed] });
  for (const width of [60, 80, 120, 200]) {
    const text = lineText(
      messageLine(null, state, { item, instance: failed }, { now: noon, keymap: resolveKeys({}), width }),
    );
    expect(text.length).toBeLessThanOrEqual(width);
    expect(text).toMatch(/^ US-001 ✗ failed.*….*\(Enter log, r retry\)$/);
  }
});

describe('a pane', () => {
  const tail = Array.from({ length: 20 }, (_, at) => ({
    time: noon,
    kind: 'text' as const,
    stream: 'out' as const,
    text: `line ${at}`,
  }));
  const touching = [2, 3, 4].map(at => `touches the same lines as 00${at}`);

  test('ends with the newest lines, whatever else it has to say', () => {
    for (const height of [1, 2, 3, 4, 5, 8, 30]) {
      const lines = paneLines(running, tail, 80, height, touching).map(lineText);
      expect(lines.length).toBeLessThanOrEqual(height);
      const logged = lines.filter(text => text.includes('line '));
      if (height > 1) expect(logged.at(-1)).toContain('line 19');
    }
    expect(paneLines(running, tail, 80, 3, touching).map(lineText).at(-1)).toContain('(and 2 more)');
    expect(paneLines(running, tail, 80, 20, touching).filter(one => lineText(one).startsWith('!'))).toHaveLength(3);
  });

  test('says in its title what the worktree takes on disk, once that is known', () => {
    const signals = { activity: null, lastOutput: null, usage: null };
    expect(lineText(paneTitle(running, noon, { ...signals, diskBytes: 48_200_000 }))).toContain('48 MB on disk');
    expect(lineText(paneTitle(running, noon, signals))).not.toContain('on disk');
  });
});
