import type { RaceView } from '../../coordinator/review/race-view.ts';
import { describeState } from '../../domain/state-labels.ts';
import { sanitizeLine } from '../../domain/text/sanitize.ts';
import { plural } from './text.ts';
import { duration } from './time.ts';
import { usageSentence } from './usage.ts';

const checkWords: Readonly<Partial<Record<RaceView[number]['checks'], string>>> = {
  passed: 'checks passed',
  failed: 'checks failed',
  error: 'checks could not be run',
  running: 'checks are running',
};

/** One of several runs side by side, as a line to compare: who, its state, diff stat, checks, cost, time, files in common. */
export function raceWords(run: RaceView[number]): string {
  const used = usageSentence(run.usage);
  const checks = checkWords[run.checks];
  return [
    `${run.shown ? '▸ ' : ''}${run.slug} by ${sanitizeLine(run.agent, 60)}`,
    describeState(run.state, null).replace(/^is /, ''),
    `${plural(run.files, 'file')} +${run.insertions} −${run.deletions}`,
    ...(checks === undefined ? [] : [checks]),
    ...(run.violations === 0 ? [] : [plural(run.violations, 'violation')]),
    ...(used === null ? [] : [used]),
    ...(run.durationMs === null ? [] : [duration(run.durationMs)]),
    ...(run.shown ? [] : [`${plural(run.common, 'file')} in common`]),
  ].join(' · ');
}
