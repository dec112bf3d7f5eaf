import type { RunSignals } from '../../coordinator/state/handle.ts';
import type { Instance } from '../../domain/instance.ts';
import { isAlive } from '../../domain/instance.ts';
import { shownState } from '../../domain/state-labels.ts';
import { countOf } from '../../domain/text/count.ts';
import { sanitizeLine } from '../../domain/text/sanitize.ts';
import { noUsage, withLiveUsage } from '../../domain/usage.ts';
import type { LogKind, LogLine } from '../../ports/logs.ts';
import { type Line, line, span, type Tone } from '../presentation/line.ts';
import { statusOf } from '../presentation/status.ts';
import { truncate, wrapWords } from '../presentation/text.ts';
import { bytes, clockTime, duration, moment } from '../presentation/time.ts';
import { usageFacts } from '../presentation/usage.ts';
import { planLine, type RunProgress } from './progress.ts';
import { sizeOf } from './rows.ts';

const tones: Readonly<Record<LogKind, Tone>> = {
  text: 'plain',
  thinking: 'dim',
  tool: 'hint',
  command: 'hint',
  file: 'success',
  plan: 'plain',
  result: 'strong',
  error: 'danger',
  system: 'dim',
};

/** A mark for kinds that would otherwise differ by colour alone. */
const words: Readonly<Partial<Record<LogKind, string>>> = { error: '✗ ', result: '» ', thinking: '… ' };

/** One line of a log: time, kind, text. The text of a `LogLine` is already sanitised. */
export function logLine(entry: LogLine, withTime: boolean): Line {
  const time = withTime ? `${entry.time === null ? '        ' : clockTime(entry.time)} ` : '';
  const kind = entry.stream === 'err' && entry.kind === 'text' ? 'error' : entry.kind;
  const label = entry.label === undefined ? [] : [span(entry.label, 'dim')];
  return [span(time, 'dim'), ...label, span(`${words[kind] ?? ''}${entry.text}`, tones[kind])];
}

/** Columns for the agent's current activity in a title. */
const activityWidth = 44;

/** Title of a run's pane: item, state, current activity, agent and cost. */
export function paneTitle(instance: Instance, now: number, signals: RunSignals | null = null): Line {
  const { glyph, word, tone } = statusOf(shownState(instance));
  const activity = isAlive(instance.state) ? (signals?.activity ?? null) : null;
  const facts = [
    sanitizeLine(instance.agent, 30),
    ...(instance.remote?.worker == null ? [] : [`on ${sanitizeLine(instance.remote.worker, 40)}`]),
    ...usageFacts(withLiveUsage(instance, signals?.usage ?? null).usage ?? noUsage),
    ...(instance.commits > 0 ? [countOf(instance.commits, 'commit')] : []),
    ...(instance.files.length > 0 ? [sizeOf(instance)] : []),
    ...(signals?.diskBytes === undefined ? [] : [`${bytes(signals.diskBytes)} on disk`]),
  ];
  return [
    span(`${sanitizeLine(instance.key, 40)} `, 'title'),
    span(`${glyph} ${word}${when(instance, now)}`, tone),
    span(activity === null ? '' : `  ${truncate(sanitizeLine(activity, 200), activityWidth)}`, 'hint'),
    span(`  ${facts.join(' · ')}  `, 'dim'),
    span(sanitizeLine(instance.title, 120)),
  ];
}

function when({ startTime, endTime, state }: Instance, now: number): string {
  if (startTime === null) return '';
  if (isAlive(state)) return ` since ${moment(startTime, now)}`;
  return endTime === null ? '' : ` after ${duration(endTime - startTime)}`;
}

/** The last rows of a pane: the tail of the log, below it the reason for the run's state, or its overlaps. */
export function paneLines(
  instance: Instance,
  tail: readonly LogLine[],
  width: number,
  height: number,
  touching: readonly string[] = [],
  progress: RunProgress | null = null,
): readonly Line[] {
  const reason: readonly Line[] =
    instance.reason === null || isAlive(instance.state)
      ? [...askLines(instance, width, height), ...touchingLines(touching, Math.max(1, Math.floor(height / 4)))]
      : [
          ...wrapWords(`${statusOf(instance.state).glyph} ${sanitizeLine(instance.reason, 1000)}`, Math.max(10, width))
            .slice(0, Math.max(1, Math.floor(height / 2)))
            .map(text => line(text, statusOf(instance.state).tone)),
          ...lateLines(instance, width),
        ];
  const plan = progress === null ? null : planLine(progress, width);
  const head = plan === null || height < 4 ? [] : [plan];
  const room = Math.max(0, height - reason.length - head.length);
  const shown = tail.slice(Math.max(0, tail.length - room));
  // Lines written before we started reading have no known time.
  const withTime = width >= 60 && shown.some(entry => entry.time !== null);
  const rows = shown.map(entry => logLine(entry, withTime));
  const quiet: readonly Line[] = tail.length === 0 && isAlive(instance.state) ? [[span('no output yet', 'dim')]] : [];
  return [...head, ...rows, ...quiet, ...reason];
}

/** What came back after the run had been given up, and where it is. */
function lateLines({ remote, slug }: Instance, width: number): readonly Line[] {
  if (remote?.late === undefined) return [];
  const { worker, epoch, head } = remote.late;
  const words = `${worker} came back with ${head.slice(0, 10)}; it is kept as refs/cm/late/${slug}/${epoch}`;
  return wrapWords(sanitizeLine(words, 400), Math.max(10, width)).map(text => line(text, 'warning'));
}

/** What its agent asks, in at most half of the pane. */
function askLines({ asks }: Instance, width: number, height: number): readonly Line[] {
  return (asks?.open ?? [])
    .flatMap(({ words: asked }) => wrapWords(`? ${sanitizeLine(asked, 400)}`, Math.max(10, width)))
    .slice(0, Math.max(1, Math.floor(height / 2)))
    .map(text => line(text, 'warning'));
}

/** Overlaps, in at most `most` rows: the log matters more. */
function touchingLines(touching: readonly string[], most: number): readonly Line[] {
  const shown = touching.slice(0, most);
  const rest = touching.length - shown.length;
  return shown.map((text, index): Line => {
    const more = rest > 0 && index === most - 1 ? ` (and ${rest} more)` : '';
    return [span(`! ${truncate(text, 200)}${more}`, 'warning')];
  });
}
