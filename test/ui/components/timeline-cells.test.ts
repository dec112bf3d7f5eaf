import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { SegmentKind, TimelineSegment } from '../../../source/domain/timeline/timeline.ts';
import { barCells } from '../../../source/ui/presentation/timeline-cells.ts';

const kinds: readonly SegmentKind[] = ['waiting', 'preparing', 'running', 'approval', 'landing'];

function segments(...lengths: readonly number[]): readonly TimelineSegment[] {
  let at = 0;
  return lengths.map((length, index) => {
    const from = at;
    at += length;
    return { kind: kinds[index % kinds.length] ?? 'running', from, to: at };
  });
}

const text = (of: readonly TimelineSegment[], to: number, room: number): string =>
  barCells(of, 0, to, room)
    .map(({ kind, count }) => (kind === null ? ' ' : (kind[0] ?? '')).repeat(count))
    .join('');

describe('the bar of a run', () => {
  test('is drawn to scale', () => {
    expect(text(segments(0, 10, 50, 20, 20), 100, 10).slice(1)).toMatch(/^pr{4,5}a{2}l{2}$/);
    expect(text(segments(20, 10, 50), 100, 10)).toBe('wwprrrrr');
    const gap: readonly TimelineSegment[] = [
      { kind: 'running', from: 0, to: 30 },
      { kind: 'landing', from: 60, to: null },
    ];
    expect(text(gap, 100, 10)).toBe('rrr   llll');
    const hardly: readonly TimelineSegment[] = [
      { kind: 'waiting', from: 0, to: 33 },
      { kind: 'running', from: 36, to: 100 },
    ];
    expect(text(hardly, 100, 10)).toBe('wwwwrrrrrr');
  });

  test('leaves out nothing that happened, however short it was and whatever stands beside it', () => {
    expect(text(segments(0, 400, 3, 500, 1), 904, 3)).toMatch(/^...$/);
    expect(text(segments(0, 30, 1, 0, 2), 1000, 62)).toMatch(/^wp+r+a+l+$/);
    const work: readonly TimelineSegment[] = [
      { kind: 'preparing', from: 0, to: 9 },
      { kind: 'running', from: 9, to: 10 },
      { kind: 'landing', from: 10, to: 12 },
    ];
    expect(text(work, 200, 20)).toBe('prl');
  });

  test('has room for any segments: every one a cell, none beyond the end, in their order', () => {
    const lengths = fc.array(fc.integer({ min: 0, max: 1000 }), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(lengths, fc.integer({ min: 10, max: 120 }), (all, room) => {
        const of = segments(...all);
        const drawn = text(of, Math.max(1, of.at(-1)?.to ?? 1), room);
        expect(drawn.length).toBeLessThanOrEqual(room);
        const expected = of.slice(0, room).map(({ kind }) => kind[0] ?? '');
        expect(drawn.replaceAll(/(.)\1*/g, '$1').replaceAll(' ', '')).toBe(expected.join(''));
      }),
    );
  });
});
