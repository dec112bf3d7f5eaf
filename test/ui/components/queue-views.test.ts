import { describe, expect, test } from 'vitest';
import { reviewView } from '../../../source/coordinator/review/review-view.ts';
import { alerts, itemRows, touches } from '../../../source/coordinator/state/selectors.ts';
import type { State } from '../../../source/coordinator/state/state.ts';
import { statusView } from '../../../source/coordinator/state/status-view.ts';
import type { Instance } from '../../../source/domain/instance.ts';
import { emptyMergeEntry } from '../../../source/domain/queue/merge-entry.ts';
import { defaultSettings } from '../../../source/domain/settings.ts';
import { paneLines } from '../../../source/ui/overview/panes.ts';
import { queueRow, roadmapRow } from '../../../source/ui/overview/rows.ts';
import { lineText } from '../../../source/ui/presentation/line.ts';
import { reviewLines } from '../../../source/ui/presentation/review-lines.ts';
import { queueStatus } from '../../../source/ui/presentation/status.ts';
import { fakeInstance, fakeItem, fakeState } from '../../helpers/core/fake-handle.ts';

const one = fakeInstance('US-043');
const two = fakeInstance('US-044');
const three = fakeInstance('US-045', { state: 'awaiting-approval', head: 'c'.repeat(40) });

function stateWith(change: Partial<State>): State {
  const items = ['US-043', 'US-044', 'US-045'].map(key => fakeItem(key));
  const roadmap = { path: 'ROADMAP.md', items, problems: [] };
  return fakeState({ roadmap, instances: [one, two, three], ...change });
}

/** The facts of the review page. */
function approvalLines(state: State, instance: Instance, accepted: boolean, width: number) {
  const material = { itemText: null, summary: null, commits: [] };
  const view = reviewView(state, instance, material, { lines: [], files: [], hunks: [] }, 0);
  return reviewLines(view, { width, accepted, all: false });
}

const radar = [
  { a: one.runId, b: two.runId, paths: ['source/app.ts'] },
  { a: one.runId, b: null, paths: ['a\u001b[31m.ts', 'b', 'c', 'd'] },
  { a: two.runId, b: three.runId, paths: null },
];

test('a warning is on the approval page and in the row of the queue, and nothing has to be accepted', () => {
  const found = { code: 'ownership', path: 'core\u202e.js', message: 'core.js belongs to backend' } as const;
  const merge = { ...emptyMergeEntry, prediction: 'clean' as const, warnings: [found] };
  const warned = { ...three, merge };
  const page = approvalLines(stateWith({ instances: [warned] }), warned, false, 100).map(lineText);
  expect(page).toContain(' ! 1 warning (ownershipPolicy is "warn"):');
  expect(page).toContain('   ownership      core\\u202e.js: core.js belongs to backend');
  expect(page.join('\n')).not.toContain('accept');
  expect(queueStatus(warned).word).toBe('warning');
  expect(lineText(queueRow(warned, 0, false, null).cells.text ?? [])).toMatch(/^core.\.js$/u);
});

test('an item that reaches into files of another owner says so before it is started', () => {
  const item = { ...fakeItem('US-043'), scope: { kind: 'known', paths: ['core/a.js'] } } as const;
  const rules = [{ pattern: 'core/**', owner: 'backend', line: 1 }];
  const changes = { roadmap: { path: 'ROADMAP.md', items: [item], problems: [] }, instances: [], ready: true };
  const state = stateWith({
    ...changes,
    ownership: { rules, readOnly: [], ignoredRows: 0 },
    settings: { ...defaultSettings, ownershipPolicy: 'warn' },
    plan: { ready: ['US-043'], at: 0 },
  });
  const row = itemRows(state)[0];
  if (row === undefined) throw new Error('no row');
  const text = lineText(roadmapRow(row, { selected: false, width: 200 }).cells.text ?? []);
  expect(text).toMatch(/^! .* · warning: core\/a\.js belongs to backend, not to code_developer$/);
});

describe('what work in progress would meet', () => {
  const state = stateWith({ radar, target: 'roadmap' });

  test('is one sentence for each run that it concerns', () => {
    expect(touches(state)).toEqual({
      [one.runId]: [
        'touches the same lines as US-044: source/app.ts',
        'conflicts with the current roadmap: a\\x1b[31m.ts, b, c and 1 more',
      ],
      [two.runId]: ['touches the same lines as US-043: source/app.ts', 'cannot be compared with US-045'],
      [three.runId]: ['cannot be compared with US-044'],
    });
    expect(touches(stateWith({}))).toEqual({});
  });

  test('stands in the pane below the log, in the row of the item and on the approval page', () => {
    const pane = paneLines(one, [], 100, 10, touches(state)[one.runId]).map(lineText);
    expect(pane.slice(-2)[0]).toBe('! touches the same lines as US-044: source/app.ts');
    const row = itemRows(state).find(({ item }) => item.key === 'US-044');
    if (row === undefined) throw new Error('no row');
    const { cells } = roadmapRow(
      row,
      { selected: false, width: 200 },
      { touching: touches(state)[two.runId] ?? [], used: null },
    );
    expect(lineText(cells.text ?? [])).toMatch(
      /^! .* · touches the same lines as US-043: source\/app\.ts; cannot be compared with US-045$/,
    );
    const page = approvalLines(state, three, false, 100).map(lineText).join('\n');
    expect(page).toContain('Others      cannot be compared with US-044');
    const alone = approvalLines(stateWith({ radar: [] }), three, false, 100)
      .map(lineText)
      .join('\n');
    expect(alone).toContain('Others      no overlap with the 2 other branches');
  });

  test('so does what the gate would say of a run at work', () => {
    const found = { code: 'ownership', path: 'core.js', message: 'core.js belongs to backend, not to writer' } as const;
    const outside = { code: 'scope', path: 'core.js', message: "core.js is outside the item's scope" } as const;
    const early = { [one.runId]: { violations: [outside], warnings: [found] } };
    const both = stateWith({ radar, target: 'roadmap', early });
    expect(paneLines(one, [], 100, 20, alerts(both)[one.runId]).map(lineText).slice(-4, -2)).toEqual([
      "! will block its landing: core.js is outside the item's scope",
      '! warning: core.js belongs to backend, not to writer',
    ]);
    expect(alerts(both)[two.runId]).toEqual(touches(both)[two.runId]);
  });

  test('is told to scripts by keys', () => {
    expect(statusView(state, null, 0).radar).toEqual([
      { a: 'US-043', b: 'US-044', paths: ['source/app.ts'] },
      { a: 'US-043', b: 'roadmap', paths: ['a\u001b[31m.ts', 'b', 'c', 'd'] },
    ]);
  });
});
