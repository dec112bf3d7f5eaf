import { planDetails } from '../../../coordinator/state/planning.ts';
import type { Notice, State } from '../../../coordinator/state/state.ts';
import type { Instance } from '../../../domain/instance.ts';
import type { SourceProblem } from '../../../domain/item.ts';
import { sanitizeLine } from '../../../domain/text/sanitize.ts';
import type { Activity } from '../../../domain/timeline/activity.ts';
import { type Line, line, span, type Tone } from '../../presentation/line.ts';
import { fitText, textWidth, wrapWords } from '../../presentation/text.ts';
import { clockTime, localMoments, moment } from '../../presentation/time.ts';

const tones: Readonly<Record<Activity['level'], Tone>> = { info: 'plain', warning: 'warning', error: 'danger' };
const glyphs = { info: '·', warning: '!', error: '✗' } as const;
const longestKey = 13;

/** Notices as activity, for a screen without an activity log. */
export function activityOfNotice({ at, level, text, runId }: Notice, instances: readonly Instance[]): Activity {
  const key = instances.findLast(one => one.runId === runId)?.key ?? null;
  const own = key !== null && text.startsWith(key) ? text.slice(key.length).replace(/^:? /, '') : text;
  return { seq: 0, ts: new Date(at).toISOString(), type: 'notice-raised', key, level, text: own };
}

/** The events that a filter leaves: every word of it is somewhere in key, text or type. */
export function matching(all: readonly Activity[], filter: string): readonly Activity[] {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
  return all.filter(({ key, text, type, level }) => {
    if (text === null) return false;
    const own = `${key ?? ''} ${text} ${type} ${level}`.toLowerCase();
    return words.every(word => own.includes(word));
  });
}

/** Events, newest first: time, key, and what happened in as many rows as it takes. */
export function eventLines(events: readonly Activity[], now: number, width: number): readonly Line[] {
  const keyWidth = Math.min(longestKey, Math.max(6, ...events.map(({ key }) => textWidth(key ?? ''))));
  return events.toReversed().flatMap(({ ts, key, level, text }) => {
    const time = timeOf(Date.parse(ts), now).padEnd(timeWidth);
    const room = Math.max(16, width - timeWidth - keyWidth - 5);
    const rows = wrapWords(localMoments(sanitizeLine(text ?? '', 1000), now), room);
    return rows.map((row, index): Line => {
      if (index > 0) return [span(' '.repeat(timeWidth + keyWidth + 5)), span(row, tones[level])];
      return [
        span(` ${time} `, 'dim'),
        span(`${fitText(sanitizeLine(key ?? '', 60), keyWidth)} `, 'strong'),
        span(`${glyphs[level]} ${row}`, tones[level]),
      ];
    });
  });
}

const timeWidth = 10;

/** Today to the second, before that as everywhere. */
function timeOf(at: number, now: number): string {
  return new Date(at).toDateString() === new Date(now).toDateString() ? clockTime(at) : moment(at, now);
}

/** What is wrong with keys, repository, ROADMAP, ownership table and plan. */
export function problemLines(state: State, keyErrors: readonly string[]): readonly Line[] {
  const repository = [
    ...(state.repository?.problems ?? []).map(text => line(` ✗ ${sanitizeLine(text, 1000)}`, 'danger')),
    ...(state.repository?.remarks ?? []).map(text => line(` · ${sanitizeLine(text, 1000)}`)),
  ];
  const plan = planDetails(state)
    .problems()
    .map(problem => line(` ! ${sanitizeLine(problem.message, 1000)}`, 'warning'));
  return [
    ...section(
      'Keys',
      keyErrors.map(text => line(` ! ${sanitizeLine(text, 400)}`, 'warning')),
    ),
    ...section('Repository', repository),
    ...section(`ROADMAP ${sanitizeLine(state.roadmap.path ?? '', 200)}`, state.roadmap.problems.map(sourceLine)),
    ...section('Ownership', state.ownershipProblems.map(sourceLine)),
    ...section('Plan', plan),
  ];
}

function sourceLine(problem: SourceProblem): Line {
  return [span(` line ${String(problem.line).padEnd(6)} `, 'dim'), span(sanitizeLine(problem.message, 1000))];
}

function section(title: string, lines: readonly Line[]): readonly Line[] {
  return lines.length === 0 ? [] : [line(` ${title}`, 'strong'), ...lines, line('')];
}
