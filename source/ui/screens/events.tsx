import { planDetails } from '../../coordinator/state/planning.ts';
import type { State } from '../../coordinator/state/state.ts';
import type { SourceProblem } from '../../domain/item.ts';
import { sanitizeLine } from '../../domain/text/sanitize.ts';
import type { OpenLayer } from '../layer.ts';
import { type Line, line, span, type Tone } from '../presentation/line.ts';
import { localMoments, moment } from '../presentation/time.ts';
import { TextPage } from './parts/text-page.tsx';

const tones: Readonly<Record<State['notices'][number]['level'], Tone>> = {
  info: 'plain',
  warning: 'warning',
  error: 'danger',
};
const glyphs = { info: '·', warning: '!', error: '✗' } as const;

/** Notices, newest first, then what is wrong with repository, ROADMAP and ownership table. */
export const openEvents: OpenLayer = host =>
  new TextPage(host, 'events', () => ({
    title: line('Events', 'title'),
    lines: () => {
      const state = host.handle.state();
      const keys = host.keymap.errors.map(text => line(` ! ${sanitizeLine(text, 400)}`, 'warning'));
      return [...noticeLines(state, host.now()), line(''), ...section('Keys', keys), ...problemLines(state)];
    },
  }));

function noticeLines(state: State, now: number): readonly Line[] {
  if (state.notices.length === 0) return [line(' No events yet.', 'dim')];
  return state.notices
    .toReversed()
    .map(
      ({ at, level, text }): Line => [
        span(` ${moment(at, now).padEnd(10)} `, 'dim'),
        span(`${glyphs[level]} ${localMoments(sanitizeLine(text, 1000), now)}`, tones[level]),
      ],
    );
}

function problemLines(state: State): readonly Line[] {
  const repository = [
    ...(state.repository?.problems ?? []).map(text => line(` ✗ ${sanitizeLine(text, 1000)}`, 'danger')),
    ...(state.repository?.remarks ?? []).map(text => line(` · ${sanitizeLine(text, 1000)}`)),
  ];
  return [
    ...section('Repository', repository),
    ...section(`ROADMAP ${sanitizeLine(state.roadmap.path ?? '', 200)}`, state.roadmap.problems.map(sourceLine)),
    ...section('Ownership', state.ownershipProblems.map(sourceLine)),
    ...section(
      'Plan',
      planDetails(state)
        .problems()
        .map(problem => line(` ! ${sanitizeLine(problem.message, 1000)}`, 'warning')),
    ),
  ];
}

function sourceLine(problem: SourceProblem): Line {
  return [span(` line ${String(problem.line).padEnd(6)} `, 'dim'), span(sanitizeLine(problem.message, 1000))];
}

function section(title: string, lines: readonly Line[]): readonly Line[] {
  return lines.length === 0 ? [] : [line(` ${title}`, 'strong'), ...lines, line('')];
}
