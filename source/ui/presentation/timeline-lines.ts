import { isLandedWork, type Speedup, speedup } from '../../coordinator/state/selectors.ts';
import type { State } from '../../coordinator/state/state.ts';
import { isAlive } from '../../domain/instance.ts';
import { sanitizeLine } from '../../domain/text/sanitize.ts';
import {
  type CriticalStep,
  lastStretch,
  type SegmentKind,
  type Timeline,
  type TimelineRow,
  timeline,
  type Wait,
} from '../../domain/timeline/timeline.ts';
import { type Line, line, type Span, span, type Tone } from './line.ts';
import { statusOf } from './status.ts';
import { fitText, wrapWords } from './text.ts';
import { clockTime, coarseDuration, duration, moment } from './time.ts';
import { barCells } from './timeline-cells.ts';

/** A timeline with what is shown above and below it. */
export interface TimelineView {
  /** Null: nothing has run. */
  readonly chart: Timeline | null;
  /** Of the runs in the chart. */
  readonly speedup: Speedup;
  readonly landed: number;
  /** Runs from before the last long pause, which the chart leaves out. */
  readonly earlier: number;
}

let last: { readonly inputs: readonly unknown[]; readonly view: TimelineView } | null = null;

/** The runs since the last long pause, or all of them. The same view again while state and second are the same. */
export function timelineView(state: State, now: number, all: boolean): TimelineView {
  const { instances, roadmap, adHoc, ownership, settings } = state;
  const inputs = [instances, roadmap, adHoc, ownership, settings, all, Math.floor(now / 1000)];
  if (last?.inputs.every((value, index) => value === inputs[index])) return last.view;
  const view = makeView(state, now, all);
  last = { inputs, view };
  return view;
}

function makeView(state: State, now: number, all: boolean): TimelineView {
  const instances = all ? state.instances : lastStretch(state.instances, now);
  const items = [...state.roadmap.items, ...state.adHoc];
  const { ownership, settings, addedAt = {} } = state;
  return {
    chart: timeline({ instances, items, ownership, settings, now, addedAt }),
    speedup: speedup({ ...state, instances }, now),
    landed: instances.filter(isLandedWork).length,
    earlier: state.instances.length - instances.length,
  };
}

/** The speed-up over running one after the other, as one sentence. */
export function speedupSentence({ speedup: { sequentialMs, elapsedMs, factor }, landed }: TimelineView): string {
  if (landed === 0) return 'Nothing has landed yet.';
  const how = factor >= 1 ? `×${factor.toFixed(2)} faster` : `No speed-up so far (×${factor.toFixed(2)})`;
  const after = `one after the other they would have taken ${duration(sequentialMs)}`;
  return `${how}: ${landed} landed in ${duration(elapsedMs)}; ${after}`;
}

/** The critical path as one sentence; null while nothing has landed. */
export function criticalSentence(path: readonly CriticalStep[]): string | null {
  const [first] = path;
  const last = path.at(-1);
  if (first === undefined || last === undefined) return null;
  const steps = path
    .filter(({ from, to }) => to - from >= shortestStepMs || path.length === 1)
    .map(({ key, from, to }) => `${sanitizeLine(key, 40)} ${duration(to - from)}`);
  return `Critical path, ${duration(last.to - first.from)}: ${steps.join(' → ')}`;
}

/** `US-045 waited 12s for US-041: it had to land first`. */
export function waitSentence(key: string, { onKey, code, from, to, detail }: Wait): string {
  const what = code === 'queue' ? 'waited in the merge queue' : 'waited';
  return sanitizeLine(`${key} ${what} ${duration(to - from)} for ${onKey}: ${detail}`, 300);
}

/** Waits worth a line, in the order in which they ended. */
export function notableWaits(
  rows: readonly TimelineRow[],
): readonly { readonly row: TimelineRow; readonly wait: Wait }[] {
  return rows
    .flatMap(row => row.waits.map(wait => ({ row, wait })))
    .filter(({ wait }) => wait.to - wait.from >= shortestWaitMs)
    .sort((a, b) => a.wait.to - b.wait.to);
}

const shortestWaitMs = 1000;
/** A step too short to show is left out of the sentence. */
const shortestStepMs = 500;

/** How segments are drawn, never by colour alone. */
const segmentStyles: Readonly<
  Record<SegmentKind, { readonly glyph: string; readonly tone: Tone; readonly means: string }>
> = {
  waiting: { glyph: '·', tone: 'dim', means: 'waits' },
  preparing: { glyph: '▒', tone: 'hint', means: 'prepares' },
  running: { glyph: '█', tone: 'running', means: 'agent at work' },
  approval: { glyph: '░', tone: 'warning', means: 'waiting for you' },
  checks: { glyph: '▚', tone: 'hint', means: 'checks' },
  landing: { glyph: '▓', tone: 'success', means: 'lands' },
};

const labelWidth = 16;
/** What follows the longest bar: glyph, word and duration. */
const tailWidth = 22;

/** The timeline as rows of at most `width` columns, for the screen and the command line; pure. */
export function timelineLines(view: TimelineView, now: number, width: number): readonly Line[] {
  const { chart } = view;
  if (chart === null) return [line(' Nothing has run yet. Runs are drawn here as bars.', 'dim')];
  const room = Math.max(10, width - labelWidth - tailWidth);
  const path = criticalSentence(chart.critical);
  const good = view.landed > 0 && view.speedup.factor >= 1;
  return [
    ...paragraph(speedupSentence(view), width, view.landed === 0 ? 'dim' : good ? 'success' : 'warning'),
    ...(path === null ? [] : paragraph(path, width, 'plain', '» ')),
    line(''),
    axis(chart, now, room),
    ...chart.rows.map(row => bar(row, chart, room)),
    line(''),
    ...legend(width),
    ...waitLines(chart, width),
    ...(view.earlier === 0 ? [] : [line(''), line(` ${view.earlier} earlier runs not shown.`, 'dim')]),
  ];
}

function paragraph(text: string, width: number, tone: Tone, mark = ''): readonly Line[] {
  const indent = ' '.repeat(mark.length);
  return wrapWords(text, Math.max(10, width - 2 - mark.length)).map((part, index) => [
    span(` ${index === 0 ? mark : indent}`, 'hint'),
    span(part, tone),
  ]);
}

function axis({ from, to }: Timeline, now: number, room: number): Line {
  const fine = to - from < 3_600_000;
  const [left, right] = [from, to].map(at => (fine ? clockTime(at) : moment(at, now)));
  const gap = room - (left?.length ?? 0) - (right?.length ?? 0);
  return [span(' '.repeat(labelWidth)), span(`${left}${' '.repeat(Math.max(1, gap))}${right}`, 'dim')];
}

function bar(row: TimelineRow, chart: Timeline, room: number): Line {
  const { glyph, word, tone } = statusOf(row.state);
  const took =
    row.workedMs === null ? '' : ` ${isAlive(row.state) ? coarseDuration(row.workedMs) : duration(row.workedMs)}`;
  return [
    span(row.critical ? ' » ' : '   ', 'hint'),
    span(`${fitText(sanitizeLine(row.key, 60), labelWidth - 4)} `, 'strong'),
    ...cells(row, chart, room),
    span(` ${glyph}`, tone),
    span(` ${word}${took}`, 'dim'),
  ];
}

function cells({ segments }: TimelineRow, { from, to }: Timeline, room: number): readonly Span[] {
  return barCells(segments, from, to, room).map(({ kind, count }) =>
    kind === null ? span(' '.repeat(count)) : span(segmentStyles[kind].glyph.repeat(count), segmentStyles[kind].tone),
  );
}

function legend(width: number): readonly Line[] {
  const parts = Object.values(segmentStyles).map(({ glyph, tone, means }) => [
    span(` ${glyph}`, tone),
    span(` ${means} `, 'dim'),
  ]);
  const marked = [span(' »', 'hint'), span(' critical', 'dim')];
  return width < 80
    ? [parts.slice(0, 3).flat(), [...parts.slice(3).flat(), ...marked]]
    : [[...parts.flat(), ...marked]];
}

function waitLines({ rows }: Timeline, width: number): readonly Line[] {
  const waits = notableWaits(rows);
  if (waits.length === 0) return [];
  const lines = waits.flatMap(({ row, wait }) => paragraph(waitSentence(row.key, wait), width, 'plain'));
  return [line(''), line(' What waited for what', 'title'), ...lines];
}
