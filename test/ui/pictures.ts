import type { State } from '../../source/coordinator/state/state.ts';
import type { ChangedFile } from '../../source/domain/instance.ts';
import type { WorkerSeen } from '../../source/ports/fleet/fleet.ts';
import { FakeHandle, fakeInstance, fakeItem, fakeState, noon, stateWith } from '../helpers/core/fake-handle.ts';

/** Columns and rows of pictures: every size that has a layout of its own. */
export const sizes = [
  [160, 45],
  [120, 40],
  [80, 24],
  [60, 16],
] as const;

/** The states that the pictures of the screen are taken of. */

const minute = 60_000;

function file(path: string, insertions: number, deletions: number, change: ChangedFile['change'] = 'M'): ChangedFile {
  return {
    path,
    change,
    oldMode: change === 'A' ? '000000' : '100644',
    newMode: change === 'D' ? '000000' : '100644',
    insertions,
    deletions,
    binary: false,
  };
}

const items = [
  fakeItem('US-040', { title: 'Price list as CSV', status: 'complete' }),
  fakeItem('US-041', { title: 'Basket keeps its content' }),
  fakeItem('US-042', { title: 'Search by article number' }),
  fakeItem('US-043', { title: 'Parallel execution', scope: { kind: 'known', paths: ['source/plan/**'] } }),
  fakeItem('US-044', { title: 'Refactor analyser', dependsOn: [] }),
  fakeItem('US-045', {
    title: 'Docs guide for newcomers',
    scope: { kind: 'inferred', paths: ['docs/guide.md'] },
    estimateHours: 6,
  }),
  fakeItem('US-046', {
    title: 'Search in the docs',
    dependsOn: ['US-045'],
    notes: ['psutil'],
    scope: { kind: 'known', paths: ['docs/search/**'] },
  }),
  fakeItem('PRIORITY-2.65', { title: '見積もり page for Japan', agentType: 'project_manager' }),
];

export const instances = [
  fakeInstance('US-040', {
    state: 'merged',
    title: 'Price list as CSV',
    startTime: noon - 40 * minute,
    endTime: noon - 30 * minute,
    head: '0'.repeat(40),
    commits: 1,
    merge: { landed: 'd'.repeat(40), landedAt: noon - 28 * minute },
  }),
  fakeInstance('US-041', {
    state: 'conflict',
    title: 'Basket keeps its content',
    reason: 'conflicts with roadmap in source/app.ts',
    startTime: noon - 40 * minute,
    endTime: noon - 20 * minute,
    head: '1'.repeat(40),
    commits: 1,
    files: [file('source/app.ts', 3, 1)],
    merge: { prediction: 'conflict', conflicts: ['source/app.ts'] },
  }),
  fakeInstance('US-042', {
    state: 'awaiting-approval',
    title: 'Search by article number',
    startTime: noon - 40 * minute,
    endTime: noon - 15 * minute,
    head: '2'.repeat(40),
    commits: 2,
    files: [file('source/search.ts', 18, 2), file('test/search.test.ts', 40, 0, 'A')],
    merge: { prediction: 'clean' },
  }),
  fakeInstance('US-043', {
    title: 'Parallel execution',
    agent: 'claude',
    startTime: noon - 12 * minute,
    commits: 3,
    files: [file('source/plan/plan.ts', 120, 14)],
  }),
  fakeInstance('US-044', { title: 'Refactor analyser', agent: 'codex', startTime: noon - 3 * minute }),
];

export function busyState(more: Partial<State> = {}): State {
  return stateWith(items, {
    mode: 'auto',
    instances,
    notices: [
      {
        at: noon - 5 * minute,
        level: 'warning',
        text: 'US-041 conflicts with roadmap in source/app.ts',
        runId: null,
      },
    ],
    ...more,
  });
}

/** Work under way, something to land, a conflict: most of what the overview can show. */
export function busy(): FakeHandle {
  const handle = new FakeHandle(busyState());
  const [, conflict, , running, other] = instances;
  handle.logs.append(running?.runId ?? '', ['I will look at the plan first.']);
  handle.logs.append(running?.runId ?? '', ['Edit source/plan/plan.ts'], { kind: 'file' });
  handle.logs.append(running?.runId ?? '', ['npm test'], { kind: 'command' });
  handle.logs.append(running?.runId ?? '', ['2 tests failed'], { kind: 'error' });
  handle.logs.append(other?.runId ?? '', ['reading 見積もり.md', 'thread started']);
  handle.logs.append(conflict?.runId ?? '', ['done']);
  handle.signalled = {
    [running?.runId ?? '']: {
      activity: 'running npm test',
      lastOutput: noon,
      usage: { inputTokens: 11_200, outputTokens: 840, costUsd: 0.42 },
      diskBytes: 48_200_000,
    },
  };
  handle.usages = {
    [running?.runId ?? '']: { cpuPercent: 64, memoryBytes: 330e6, count: 5 },
    [other?.runId ?? '']: { cpuPercent: 3, memoryBytes: 90e6, count: 2 },
  };
  handle.diffText = diffText;
  handle.probes = [
    { runId: instances[0]?.runId ?? '', size: 4_200_000, untracked: [], ignored: ['.env'], obstacles: [] },
  ];
  return handle;
}

/** A repository without a ROADMAP, nothing done so far. */
export function fresh(): FakeHandle {
  return new FakeHandle(fakeState());
}

export const diffText = `diff --git a/source/search.ts b/source/search.ts
index 1111111..2222222 100644
--- a/source/search.ts
+++ b/source/search.ts
@@ -1,4 +1,5 @@
 export function search(text: string) {
-  return [];
+  const wanted = text.trim();
+  return all.filter(one => one.id === wanted);
 }
 
diff --git a/test/search.test.ts b/test/search.test.ts
new file mode 100644
index 0000000..3333333
--- /dev/null
+++ b/test/search.test.ts
@@ -0,0 +1,3 @@
+test('finds', () => {
+  expect(search('1')).toEqual([]);
+});
`;

const worker: WorkerSeen = {
  name: 'w1',
  key: 'key-w1',
  fingerprint: '1111-2222-3333-4444-5555',
  pools: ['default'],
  slots: 4,
  running: [],
  draining: false,
  welcome: true,
  version: '1.4.0',
  cpuPercent: 62,
  memoryPercent: 31,
  silentMs: 1000,
};

/** The same with agents on other machines: one works, one is silent, one drains, one waits to be accepted. */
export function fleetState(more: Partial<State> = {}): State {
  const state = busyState();
  const remote = { pool: 'default', epoch: 1, base: 'b'.repeat(40), process: null, refusals: [] };
  const late = { epoch: 1, worker: 'w2', head: 'c'.repeat(40) };
  return {
    ...state,
    settings: { ...state.settings, fleet: { ...state.settings.fleet, engine: 'redis://127.0.0.1:6379', local: false } },
    instances: state.instances.map(one => {
      if (one.key === 'US-043') return { ...one, remote: { ...remote, worker: 'w1' } };
      if (one.key === 'US-041') return { ...one, remote: { ...remote, worker: 'w2', late } };
      const lost = { ...remote, worker: 'w2', noContact: true as const };
      return one.key === 'US-044' ? { ...one, reason: 'no contact with w2', remote: lost } : one;
    }),
    fleet: { accepted: { w1: 'key-w1', w2: 'key-w2', w3: 'key-w3' }, drained: ['w3'] },
    machines: [
      worker,
      { ...worker, name: 'w2', key: 'key-w2', cpuPercent: null, memoryPercent: null, silentMs: 125_000 },
      { ...worker, name: 'w3', key: 'key-w3', slots: 2, cpuPercent: 4, memoryPercent: 12 },
      { ...worker, name: 'w4', key: 'key-w4', fingerprint: 'aaaa-bbbb-cccc-dddd-eeee', welcome: false },
    ],
    ...more,
  };
}
