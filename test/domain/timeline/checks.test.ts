import { expect, test } from 'vitest';
import { replay } from '../../../source/coordinator/update.ts';
import { timeline } from '../../../source/domain/timeline/timeline.ts';
import { fakeInstance, fakeItem, fakeState, noon, stateWith } from '../../helpers/core/fake-handle.ts';

const minute = 60_000;
const ended = { startTime: noon - 30 * minute, requestedAt: noon - 30 * minute, endTime: noon - 20 * minute };

/** Kind and length in minutes of what came after the agent's end. */
function after(merge: Parameters<typeof fakeInstance>[1]): readonly (readonly [string, number | null])[] {
  const { ownership, settings } = fakeState();
  const chart = timeline({
    instances: [fakeInstance('US-001', { ...ended, ...merge })],
    items: [],
    ownership,
    settings,
    now: noon,
  });
  const segments = chart?.rows[0]?.segments ?? [];
  return segments.slice(1).map(({ kind, from, to }) => [kind, to === null ? null : (to - from) / minute]);
}

test('the timeline tells checks from the wait for a person and from landing', () => {
  const landed = { approvedAt: noon - 15 * minute, landedAt: noon - 5 * minute };
  const span = (from: number, to: number | null) => ({
    checkSpan: { from: noon - from * minute, to: to === null ? null : noon - to * minute },
  });
  expect(after({ state: 'merged', merge: { ...landed, ...span(14, 6) } })).toEqual([
    ['approval', 5],
    ['landing', 1],
    ['checks', 8],
    ['landing', 1],
  ]);
  // They ran before the approval.
  expect(after({ state: 'merged', merge: { ...landed, ...span(19, 17) } })).toEqual([
    ['approval', 1],
    ['checks', 2],
    ['approval', 2],
    ['landing', 10],
  ]);
  expect(after({ state: 'checking', merge: { approvedAt: noon - 15 * minute, ...span(10, null) } })).toEqual([
    ['approval', 5],
    ['landing', 5],
    ['checks', null],
  ]);
  expect(after({ state: 'merged', merge: landed })).toEqual([
    ['approval', 5],
    ['landing', 10],
  ]);
});

test('when checks ran is folded from their facts', () => {
  const run = fakeInstance('US-001', { ...ended, state: 'queued' });
  const before = stateWith([fakeItem('US-001')], { instances: [run] });
  const { runId } = run;
  const started = { type: 'checks-started', runId, candidate: 'c', at: 5 } as const;
  const result = { candidate: 'c', commandHash: 'h', outcome: 'passed', detail: '' } as const;
  expect(replay([started], before).instances[0]?.merge.checkSpan).toEqual({ from: 5, to: null });
  const facts = [started, { type: 'checks-finished', runId, result, at: 9 } as const];
  expect(replay(facts, before).instances[0]?.merge.checkSpan).toEqual({ from: 5, to: 9 });
});
