import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hasLanded, type Instance, type InstanceState } from '../../source/domain/instance.ts';
import type { Item } from '../../source/domain/item.ts';
import { noOwnership } from '../../source/domain/ownership/ownership.ts';
import { emptyMergeEntry } from '../../source/domain/queue/merge-entry.ts';
import { defaultSettings } from '../../source/domain/settings.ts';
import { lastStretch, type TimelineInput, timeline } from '../../source/domain/timeline/timeline.ts';
import { knownScope, makeInstance, makeItem, unknownScope } from '../helpers/core/planning.ts';

interface Times {
  readonly asked?: number;
  readonly start?: number | null;
  readonly end?: number | null;
  readonly yes?: number | null;
  readonly landed?: number | null;
  readonly state?: InstanceState;
  readonly attempt?: number;
}

/** A run whose moments are given in seconds. */
function runOf(item: Item, times: Times): Instance {
  const ms = (seconds: number | null | undefined): number | null => (seconds == null ? null : seconds * 1000);
  const asked = ms(times.asked ?? times.start) ?? 0;
  const attempt = times.attempt ?? 1;
  return makeInstance(item, {
    runId: `${item.id.toLowerCase().replaceAll('-', '')}${attempt}`.padEnd(16, '0'),
    attempt,
    requestedAt: asked,
    startTime: ms(times.start),
    endTime: ms(times.end),
    state: times.state ?? (times.landed == null ? 'running' : 'merged'),
    merge: { ...emptyMergeEntry, approvedAt: ms(times.yes), landedAt: ms(times.landed) },
  });
}

function inputOf(items: readonly Item[], instances: readonly Instance[], more: Partial<TimelineInput> = {}) {
  return { items, instances, ownership: noOwnership, settings: defaultSettings, now: 1_000_000, ...more };
}

const a = makeItem('US-1');
const b = makeItem('US-2');
const c = makeItem('US-3', { dependsOn: ['US-1'] });

describe('the stretches of a run', () => {
  test('preparing, running, waiting for the yes and landing follow each other', () => {
    const chart = timeline(inputOf([a], [runOf(a, { asked: 1, start: 3, end: 9, yes: 12, landed: 13 })]));
    expect(chart?.rows[0]?.segments).toEqual([
      { kind: 'preparing', from: 1000, to: 3000 },
      { kind: 'running', from: 3000, to: 9000 },
      { kind: 'approval', from: 9000, to: 12_000 },
      { kind: 'landing', from: 12_000, to: 13_000 },
    ]);
    expect(chart).toMatchObject({ from: 1000, to: 13_000, rows: [{ workedMs: 6000, critical: true }] });
  });

  test('what goes on has no end, and what ended without work to land has nothing behind it', () => {
    const rows = (instance: Instance) => timeline(inputOf([a], [instance]))?.rows[0]?.segments.map(one => one.kind);
    expect(rows(runOf(a, { start: 1 }))).toEqual(['running']);
    expect(rows(runOf(a, { asked: 1, start: null, state: 'preparing' }))).toEqual(['preparing']);
    expect(rows(runOf(a, { start: 1, end: 5, state: 'no-work' }))).toEqual(['running']);
    expect(rows(runOf(a, { start: 1, end: 5, state: 'awaiting-approval' }))).toEqual(['running', 'approval']);
    expect(rows(runOf(a, { start: 1, end: 5, yes: 6, state: 'checking' }))).toEqual(['running', 'approval', 'landing']);
    expect(rows(runOf(a, { start: 1, end: 5, yes: 6, state: 'conflict' }))).toEqual(['running', 'approval']);
    expect(timeline(inputOf([a], [runOf(a, { start: 1 })]))?.rows[0]?.segments[0]?.to).toBeNull();
  });

  test('a branch that waits for days does not squeeze everything else', () => {
    const waiting = runOf(a, { start: 0, end: 100, state: 'conflict' });
    expect(timeline(inputOf([a], [waiting], { now: 9e9 }))?.to).toBe(120_000);
    expect(timeline(inputOf([a], [waiting], { now: 101_000 }))?.to).toBe(101_000);
  });

  test('a clock that was set back makes nothing negative', () => {
    const chart = timeline(inputOf([a], [runOf(a, { asked: 50, start: 40, end: 30, yes: 20, landed: 45 })]));
    for (const { from, to } of chart?.rows[0]?.segments ?? []) expect(to).toBeGreaterThanOrEqual(from);
  });

  test('nothing has run: there is no timeline', () => expect(timeline(inputOf([a], []))).toBeNull());
});

describe('what waited for what', () => {
  const waitsOf = (input: TimelineInput, id: string) =>
    timeline(input)
      ?.rows.find(row => row.key === id)
      ?.waits.map(({ code, onKey, from, to }) => `${code} ${onKey} ${from / 1000}-${to / 1000}`);

  test('a dependency until it had landed', () => {
    const runs = [runOf(a, { start: 0, end: 8, yes: 8, landed: 10 }), runOf(c, { start: 10, end: 20 })];
    expect(waitsOf(inputOf([a, c], runs), 'US-3')).toEqual(['dependency US-1 0-10']);
    expect(waitsOf(inputOf([a, c], runs), 'US-1')).toEqual([]);
  });

  test('files that another run held, and items of unknown scope', () => {
    const first = makeItem('US-1', { scope: knownScope('src/**') });
    const second = makeItem('US-2', { scope: knownScope('src/a.ts') });
    const runs = [runOf(first, { start: 0, end: 8, yes: 8, landed: 10 }), runOf(second, { start: 10, end: 20 })];
    expect(waitsOf(inputOf([first, second], runs), 'US-2')).toEqual(['overlap US-1 0-10']);
    const vague = runs.map(run => ({ ...run, scope: unknownScope }));
    expect(waitsOf(inputOf([first, second], vague), 'US-2')).toEqual(['unknown-scope US-1 0-10']);
    const settings = { ...defaultSettings, unknownScope: 'parallel' as const };
    const later = [...vague.slice(0, 1), { ...runOf(second, { start: 30, end: 40 }), scope: unknownScope }];
    expect(waitsOf(inputOf([first, second], later, { settings }), 'US-2')).toEqual([]);
  });

  test('several for the same reason are told as one: the last, and how many there were', () => {
    const items = ['US-1', 'US-2', 'US-3'].map(id => makeItem(id, { scope: knownScope('src/a.ts') }));
    const runs = items.map((item, at) => runOf(item, { start: at * 20, end: at * 20 + 8, landed: at * 20 + 10 }));
    const chart = timeline(inputOf(items, runs));
    expect(chart?.rows[2]?.waits).toMatchObject([
      { code: 'overlap', onKey: 'US-2', from: 0, to: 30_000, detail: 'it also changes src/a.ts, after another one' },
    ]);
    expect(chart?.rows[2]?.segments[0]).toEqual({ kind: 'waiting', from: 0, to: 30_000 });
  });

  test('a free slot: all were taken, or the start came right behind an end', () => {
    const two = { ...defaultSettings, maxParallel: 2 };
    const items = ['US-1', 'US-2', 'US-3'].map(id => makeItem(id));
    const [x, y, z] = items;
    if (x === undefined || y === undefined || z === undefined) throw new Error('three items');
    const runs = [runOf(x, { start: 0, end: 5 }), runOf(y, { start: 0, end: 30 }), runOf(z, { start: 15, end: 20 })];
    expect(waitsOf(inputOf(items, runs, { settings: two }), 'US-3')).toEqual(['capacity US-1 0-5']);
    // With four slots nothing is known to have been in the way, unless it started at once.
    expect(waitsOf(inputOf(items, runs), 'US-3')).toEqual([]);
    const prompt = [...runs.slice(0, 2), runOf(z, { start: 5.1, end: 20 })];
    expect(waitsOf(inputOf(items, prompt), 'US-3')).toEqual(['capacity US-1 0-5']);
  });

  test('its turn in the merge queue, and the run before', () => {
    const runs = [
      runOf(a, { start: 0, end: 8, yes: 8, landed: 10 }),
      runOf(b, { start: 0, end: 8, yes: 8, landed: 12 }),
      runOf(b, { start: 20, end: 22, attempt: 2 }),
    ];
    const chart = timeline(inputOf([a, b], runs));
    expect(chart?.rows[1]?.waits).toMatchObject([{ code: 'queue', onKey: 'US-1', from: 8000, to: 10_000 }]);
    expect(chart?.rows[2]?.waits).toMatchObject([{ code: 'retry', onKey: 'US-2', from: 0, to: 12_000 }]);
  });

  test('nothing in the way: somebody asked for it later, and no wait is made up', () => {
    const runs = [runOf(a, { start: 0, end: 3, yes: 3, landed: 4 }), runOf(b, { start: 60, end: 70 })];
    expect(timeline(inputOf([a, b], runs))?.rows[1]).toMatchObject({ waits: [], segments: [{ kind: 'running' }] });
  });
});

describe('the critical path', () => {
  test('leads from the last landing back over the queue and the dependencies', () => {
    const runs = [
      runOf(a, { start: 0, end: 8, yes: 8, landed: 10 }),
      runOf(b, { start: 0, end: 26, yes: 26, landed: 27 }),
      runOf(c, { start: 10, end: 20, yes: 24, landed: 28 }),
    ];
    const path = timeline(inputOf([a, b, c], runs))?.critical ?? [];
    expect(path.map(step => [step.key, step.from / 1000, step.to / 1000, step.after?.code])).toEqual([
      ['US-2', 0, 27, undefined],
      ['US-3', 27, 28, 'queue'],
    ]);
    const direct = timeline(
      inputOf(
        [a, b, c],
        [runs[0], runs[2]].filter(one => one !== undefined),
      ),
    );
    expect(direct?.critical.map(step => [step.key, step.after?.code])).toEqual([
      ['US-1', undefined],
      ['US-3', 'dependency'],
    ]);
    expect(direct?.rows.every(row => row.critical)).toBe(true);
  });

  test('is empty while nothing has landed', () =>
    expect(timeline(inputOf([a], [runOf(a, { start: 0, end: 5, state: 'failed' })]))?.critical).toEqual([]));
});

test('a long pause begins another stretch of work', () => {
  const early = runOf(a, { start: 0, end: 10, yes: 10, landed: 20 });
  const soon = runOf(b, { start: 3000, end: 3010 });
  expect(lastStretch([early, soon], 4_000_000)).toEqual([early, soon]);
  const late = runOf(b, { start: 4000, end: 4010 });
  expect(lastStretch([early, late], 5_000_000)).toEqual([late]);
  expect(lastStretch([], 0)).toEqual([]);
});

test('whatever the moments are, stretches follow each other inside the chart and the path has no hole', () => {
  const items = [a, b, c, makeItem('US-4', { scope: knownScope('source/US-1/') })];
  const second = fc.integer({ min: 0, max: 40 });
  const run = fc.record({
    item: fc.constantFrom(...items),
    asked: second,
    spans: fc.tuple(second, second, second, second),
    reached: fc.integer({ min: 0, max: 4 }),
  });
  fc.assert(
    fc.property(fc.array(run, { minLength: 1, maxLength: 8 }), runs => {
      const instances = runs.map(({ item, asked, spans, reached }, index) => {
        const moments = spans.map((_, at) => asked + spans.slice(0, at + 1).reduce((sum, one) => sum + one, 0));
        const upTo = (at: number): number | null => (at < reached ? (moments[at] ?? null) : null);
        const state = (['preparing', 'running', 'awaiting-approval', 'queued', 'merged'] as const)[reached] ?? 'merged';
        const times = { asked, start: upTo(0), end: upTo(1), yes: upTo(2), landed: upTo(3), state, attempt: index };
        return runOf(item, times);
      });
      const chart = timeline(inputOf(items, instances, { now: 1_000_000 }));
      if (chart === null) throw new Error('something has run');
      for (const row of chart.rows) {
        let reached = chart.from;
        for (const { from, to } of row.segments) {
          expect(from).toBeGreaterThanOrEqual(reached);
          reached = to ?? chart.to;
          expect(reached).toBeLessThanOrEqual(chart.to);
        }
        for (const wait of row.waits) {
          expect(wait.to).toBeGreaterThan(wait.from);
          expect(wait.on).not.toBe(row.runId);
        }
      }
      const path = chart.critical;
      expect(path.length > 0).toBe(instances.some(one => hasLanded(one.state)));
      path.slice(1).forEach((step, index) => {
        expect(step.after).toMatchObject({ on: path[index]?.runId, to: path[index]?.to });
      });
      expect(path.at(-1)?.to ?? 0).toBe(Math.max(0, ...instances.map(one => one.merge.landedAt ?? 0)));
    }),
  );
});
