import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Instance } from '../../source/domain/instance.ts';
import { dependencyStatus } from '../../source/domain/queue/dependencies.ts';
import { emptyMergeEntry } from '../../source/domain/queue/merge-entry.ts';
import {
  ageingMs,
  orderQueue,
  type QueueMember,
  type QueuePlace,
  queueClassAt,
} from '../../source/domain/queue/order.ts';
import { makeInstance, makeItem } from '../helpers/core/planning.ts';

const start = 1_000_000_000;

function member(runId: string, place: Partial<QueuePlace> = {}, pinned = false): QueueMember {
  const own = { queuedAt: start, jumpedAt: null, held: false, class: null, retries: 0, ...place };
  return { runId, place: own, pinned };
}

const ids = (members: readonly QueueMember[]) => members.map(one => one.runId);

describe('the order of the merge queue', () => {
  test('is first in, first out within a class, urgent before normal before low', () => {
    const members = [
      member('low', { class: 'low', queuedAt: start - 5 }),
      member('second', { queuedAt: start + 1 }),
      member('first'),
      member('pinned', { queuedAt: start + 2 }, true),
      member('urgent', { queuedAt: start + 3, class: 'urgent' }),
    ];
    expect(ids(orderQueue(members, start + 10))).toEqual(['pinned', 'urgent', 'first', 'second', 'low']);
  });

  test('a person puts one on top, the latest such wish first', () => {
    const members = [
      member('a'),
      member('b', { jumpedAt: start + 1 }),
      member('c', { jumpedAt: start + 2, class: 'low' }),
    ];
    expect(ids(orderQueue(members, start + 10))).toEqual(['c', 'b', 'a']);
  });

  test('what failed before stands behind its class, but not for ever', () => {
    const again = member('again', { retries: 2 });
    const members = [again, member('later', { queuedAt: start + 1 }), member('low', { class: 'low' })];
    expect(ids(orderQueue(members, start + 10))).toEqual(['later', 'again', 'low']);
    expect(ids(orderQueue(members, start + ageingMs))[0]).toBe('again');
  });

  test('waiting lifts by one class each half hour', () => {
    const low = member('low', { class: 'low' });
    expect([0, 1, 2, 9].map(times => queueClassAt(low, start + times * ageingMs))).toEqual([
      'low',
      'normal',
      'urgent',
      'urgent',
    ]);
    expect(queueClassAt(low, start - 10 * ageingMs)).toBe('low');
    const fresh = member('fresh', { class: 'urgent', queuedAt: start + 2 * ageingMs });
    expect(ids(orderQueue([fresh, low], start + 2 * ageingMs))).toEqual(['low', 'fresh']);
  });

  test('nothing waits for ever: whatever comes later, two classes of waiting put it first', () => {
    const place = fc.record({
      queuedAt: fc.integer({ min: 1, max: 10 * ageingMs }).map(later => start + later),
      class: fc.constantFrom('urgent' as const, 'normal' as const, 'low' as const, null),
      retries: fc.nat(3),
    });
    fc.assert(
      fc.property(
        fc.array(place, { maxLength: 20 }),
        fc.constantFrom('normal' as const, 'low' as const),
        (others, own) => {
          const oldest = member('oldest', { class: own, retries: 1 });
          const now = start + 10 * ageingMs;
          const ordered = orderQueue([...others.map((one, at) => member(`o${at}`, one)), oldest], now);
          expect(ordered[0]?.runId).toBe('oldest');
          expect(orderQueue([...ordered].reverse(), now).map(one => one.place.queuedAt)).toEqual(
            ordered.map(one => one.place.queuedAt),
          );
        },
      ),
    );
  });
});

describe('dependencies inside the queue', () => {
  const needed = makeItem('US-001');
  const own = makeItem('US-002', { dependsOn: ['US-001'] });
  const branch = makeInstance(own, { state: 'queued' });
  const standing = (state: Instance['state'] | null, items = [needed, own]) =>
    dependencyStatus(branch, items, state === null ? [branch] : [makeInstance(needed, { state }), branch]);

  test('it waits for what still may land, and no longer once that has landed', () => {
    for (const state of ['running', 'awaiting-approval', 'queued', 'conflict', 'interrupted', null] as const)
      expect(standing(state)).toEqual({ waitsFor: ['US-001'], gone: [] });
    for (const state of ['merged', 'cleaned'] as const) expect(standing(state)).toEqual({ waitsFor: [], gone: [] });
    expect(standing(null, [makeItem('US-001', { status: 'complete' }), own])).toEqual({ waitsFor: [], gone: [] });
    expect(standing(null, [own])).toEqual({ waitsFor: [], gone: [] });
  });

  test('what will not land by itself is a question', () => {
    const words = { cancelled: 'was cancelled', rejected: 'was rejected', failed: 'failed' } as const;
    for (const [state, word] of Object.entries(words)) {
      const message = `depends on US-001, which ${word}`;
      expect(standing(state as keyof typeof words).gone).toEqual([{ code: 'dependency', path: 'US-001', message }]);
    }
  });

  test('an earlier run that landed counts, a later one that failed does not take it back', () => {
    const runs = [
      makeInstance(needed, { state: 'merged', merge: emptyMergeEntry }),
      makeInstance(needed, { state: 'failed' }),
    ];
    expect(dependencyStatus(branch, [needed, own], [...runs, branch]).gone).toEqual([]);
  });
});
