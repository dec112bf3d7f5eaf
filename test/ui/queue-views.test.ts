import { describe, expect, test } from 'vitest';
import { itemRows, touches } from '../../source/coordinator/state/selectors.ts';
import type { State } from '../../source/coordinator/state/state.ts';
import { statusView } from '../../source/coordinator/state/status-view.ts';
import { paneLines } from '../../source/ui/overview/panes.ts';
import { roadmapRow } from '../../source/ui/overview/rows.ts';
import { lineText } from '../../source/ui/presentation/line.ts';
import { approvalLines } from '../../source/ui/screens/approval.tsx';
import { fakeInstance, fakeItem, fakeState } from '../helpers/fake-handle.ts';

const one = fakeInstance('US-043');
const two = fakeInstance('US-044');
const three = fakeInstance('US-045', { state: 'awaiting-approval', head: 'c'.repeat(40) });

function stateWith(change: Partial<State>): State {
  const items = ['US-043', 'US-044', 'US-045'].map(key => fakeItem(key));
  const roadmap = { path: 'ROADMAP.md', items, problems: [] };
  return fakeState({ roadmap, instances: [one, two, three], ...change });
}

const radar = [
  { a: one.runId, b: two.runId, paths: ['source/app.ts'] },
  { a: one.runId, b: null, paths: ['a\u001b[31m.ts', 'b', 'c', 'd'] },
  { a: two.runId, b: three.runId, paths: null },
];

describe('what work in progress would meet', () => {
  const state = stateWith({ radar, target: 'roadmap' });

  test('is one sentence for each run that it concerns', () => {
    expect(touches(state)).toEqual({
      [one.runId]: [
        'touches the same lines as 044: source/app.ts',
        'conflicts with the current roadmap: a\\x1b[31m.ts, b, c and 1 more',
      ],
      [two.runId]: ['touches the same lines as 043: source/app.ts', 'cannot be compared with 045'],
      [three.runId]: ['cannot be compared with 044'],
    });
    expect(touches(stateWith({}))).toEqual({});
  });

  test('stands in the pane below the log, in the row of the item and on the approval page', () => {
    const pane = paneLines(one, [], 100, 10, touches(state)[one.runId]).map(lineText);
    expect(pane.slice(-2)[0]).toBe('! touches the same lines as 044: source/app.ts');
    const row = itemRows(state).find(({ item }) => item.key === 'US-044');
    if (row === undefined) throw new Error('no row');
    const { cells } = roadmapRow(
      row,
      { selected: false, width: 200 },
      { touching: touches(state)[two.runId] ?? [], used: null },
    );
    expect(lineText(cells.text ?? [])).toMatch(
      /^! .* · touches the same lines as 043: source\/app\.ts; cannot be compared with 045$/,
    );
    const page = approvalLines(state, three, false, 100).map(lineText).join('\n');
    expect(page).toContain('Others      cannot be compared with 044');
    const alone = approvalLines(stateWith({ radar: [] }), three, false, 100)
      .map(lineText)
      .join('\n');
    expect(alone).toContain('Others      no overlap with the 2 other branches');
  });

  test('is told to scripts by keys', () => {
    expect(statusView(state, null, 0).radar).toEqual([
      { a: 'US-043', b: 'US-044', paths: ['source/app.ts'] },
      { a: 'US-043', b: 'roadmap', paths: ['a\u001b[31m.ts', 'b', 'c', 'd'] },
    ]);
  });
});
