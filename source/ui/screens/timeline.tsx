import { speedup } from '../../coordinator/selectors.ts';
import type { State } from '../../coordinator/state.ts';
import { hasLanded, type Instance, isAlive } from '../../domain/instance.ts';
import { sanitizeLine } from '../../domain/sanitize.ts';
import type { OpenLayer } from '../layer.ts';
import { type Line, line, span } from '../presentation/line.ts';
import { statusOf } from '../presentation/status.ts';
import { coarseDuration, duration, moment } from '../presentation/time.ts';
import { TextPage } from './text-page.tsx';

/** A bar for each run over time, and how much faster all of it was than one after the other. */
export const openTimeline: OpenLayer = host =>
  new TextPage(host, 'timeline', () => ({
    title: line('Timeline', 'title'),
    lines: width => timelineLines(host.handle.state(), host.now(), width),
  }));

interface Span {
  readonly from: number;
  readonly to: number;
}

/** The timeline as rows; pure. */
export function timelineLines(state: State, now: number, width: number): readonly Line[] {
  const runs = state.instances.filter(one => one.startTime !== null);
  if (runs.length === 0) return [line(' Nothing has run yet: s spawns the selected item.', 'dim')];
  const whole: Span = {
    from: Math.min(...runs.map(one => one.startTime ?? now)),
    to: Math.max(...runs.map(one => lastMoment(one, now))),
  };
  const label = 15;
  const room = Math.max(10, width - label - 24);
  return [
    summary(state, now),
    line(''),
    axis(whole, now, label, room),
    ...runs.map(one => row(one, whole, now, label, room)),
    line(''),
    [
      span(' █ at work  ', 'running'),
      span('░ waits to land  ', 'dim'),
      span('✓ landed  ', 'success'),
      span('✗ went wrong', 'danger'),
    ],
  ];
}

function summary(state: State, now: number): Line {
  const { sequentialMs, elapsedMs, factor } = speedup(state, now);
  const landed = state.instances.filter(one => hasLanded(one.state)).length;
  if (landed === 0) return [span(' Nothing has landed yet.', 'dim')];
  return [
    factor >= 1
      ? span(` ×${factor.toFixed(2)} faster`, 'success')
      : span(` No faster so far (×${factor.toFixed(2)})`, 'warning'),
    span(
      `: ${landed} landed in ${duration(elapsedMs)}; one after the other they would have taken ${duration(sequentialMs)}`,
    ),
  ];
}

function lastMoment(one: Instance, now: number): number {
  if (isAlive(one.state)) return now;
  return one.merge.landedAt ?? one.endTime ?? now;
}

function axis(whole: Span, now: number, label: number, room: number): Line {
  const left = moment(whole.from, now);
  const right = moment(whole.to, now);
  return [
    span(' '.repeat(label)),
    span(left + ' '.repeat(Math.max(1, room - left.length - right.length)) + right, 'dim'),
  ];
}

function row(one: Instance, whole: Span, now: number, label: number, room: number): Line {
  const start = one.startTime ?? now;
  const end = one.endTime ?? (isAlive(one.state) ? now : start);
  const last = lastMoment(one, now);
  const scale = (at: number): number =>
    Math.round(((at - whole.from) / Math.max(1, whole.to - whole.from)) * (room - 1));
  const from = scale(start);
  const work = Math.max(1, scale(end) - from);
  const wait = Math.max(0, scale(last) - from - work);
  const { glyph, word, tone } = statusOf(one.state);
  const took = isAlive(one.state) ? coarseDuration(now - start) : duration(end - start);
  return [
    span(` ${sanitizeLine(one.key, 12)}`.padEnd(label).slice(0, label), 'strong'),
    span(' '.repeat(from)),
    span('█'.repeat(work), 'running'),
    span('░'.repeat(wait), 'dim'),
    span(glyph, tone),
    span(` ${word} ${took}`, 'dim'),
  ];
}
