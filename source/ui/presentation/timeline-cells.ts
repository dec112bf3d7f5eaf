import type { SegmentKind, TimelineSegment } from '../../domain/timeline/timeline.ts';

/** A stretch of a bar: what it shows over how many cells; null: nothing. */
export interface Stretch {
  readonly kind: SegmentKind | null;
  readonly count: number;
}

/**
 * A run's segments as cells of a bar that covers `from` to `to`. Each begins where it began and has at least one cell, however short
 * it was, so that nothing is left out. Neighbours make room for that; if there are more segments than cells, the last ones go.
 */
export function barCells(
  segments: readonly TimelineSegment[],
  from: number,
  to: number,
  room: number,
): readonly Stretch[] {
  const scale = room / Math.max(1, to - from);
  const shown = segments.slice(0, room);
  const starts = spreadOut(
    shown.map(one => Math.round((one.from - from) * scale)),
    room,
  );
  const stretches: { kind: SegmentKind | null; count: number }[] = [];
  let at = 0;
  shown.forEach((segment, index) => {
    const start = starts[index] ?? at;
    const next = starts[index + 1] ?? room;
    const ended = segment.to ?? to;
    const gap = ((shown[index + 1]?.from ?? Number.POSITIVE_INFINITY) - ended) * scale;
    // A pause shorter than a cell cannot be drawn.
    const end = gap < 1 ? next : Math.min(next, Math.max(start + 1, Math.round((ended - from) * scale)));
    add(stretches, null, start - at);
    add(stretches, segment.kind, end - start);
    at = end;
  });
  return stretches;
}

/** The same positions, moved apart as little as possible so that each has a cell of its own. */
function spreadOut(places: readonly number[], room: number): readonly number[] {
  let least = 0;
  const apart = places.map(place => {
    const here = Math.max(place, least);
    least = here + 1;
    return here;
  });
  let most = room - 1;
  return apart
    .toReversed()
    .map(place => {
      const here = Math.min(place, most);
      most = here - 1;
      return here;
    })
    .toReversed();
}

function add(stretches: { kind: SegmentKind | null; count: number }[], kind: SegmentKind | null, count: number): void {
  const last = stretches.at(-1);
  if (count <= 0) return;
  if (last?.kind === kind) last.count += count;
  else stretches.push({ kind, count });
}
