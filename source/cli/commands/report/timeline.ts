import { writeFile } from 'node:fs/promises';
import { CmError, type ExitCode, messageOf } from '../../../domain/errors.ts';
import { sanitizeLine } from '../../../domain/text/sanitize.ts';
import type { TimelineRow, TimelineSegment, Wait } from '../../../domain/timeline/timeline.ts';
import { type TimelineView, timelineLines, timelineView } from '../../../ui/presentation/timeline-lines.ts';
import type { GlobalOptions } from '../../options.ts';
import { writeJson, writeLine } from '../../output/output.ts';
import { createPainter } from '../../output/paint.ts';
import { openContext } from '../../session/context.ts';
import { readState } from '../../session/read-state.ts';
import { timelineSvg } from './timeline-svg.ts';

interface TimelineOptions extends GlobalOptions {
  readonly json?: boolean;
  readonly svg?: string;
  readonly all?: boolean;
}

const usualWidth = 100;

/**
 * `cm-tui timeline [--svg FILE] [--json]`: the runs since the last long pause as bars over time, what waited for what, the critical
 * path and the speed-up. Works with and without a running coordinator.
 */
export async function timelineCommand(options: TimelineOptions): Promise<ExitCode> {
  const context = await openContext(options);
  const { state } = await readState(context);
  const now = Date.now();
  const view = timelineView(state, now, options.all === true);
  const title = `${state.repository?.name ?? 'the repository'} → ${state.target ?? 'no target'}`;
  if (options.svg !== undefined) await writeSvg(options.svg, view, sanitizeLine(title, 100));
  if (options.json === true) writeJson(documentOf(view, state.repository?.root ?? null, state.target));
  else if (options.svg === undefined) {
    if (view.chart === null) writeLine('Nothing has run yet. Start an item with "cm-tui spawn ID".');
    else {
      const paint = createPainter(process.stdout, context.settings.theme);
      const width = process.stdout.columns ?? usualWidth;
      for (const row of timelineLines(view, now, width)) process.stdout.write(`${paint(row).trimEnd()}\n`);
    }
  } else if (options.svg !== '-') writeLine(`Saved the timeline to ${options.svg}.`);
  return 0;
}

async function writeSvg(file: string, view: TimelineView, title: string): Promise<void> {
  const { chart } = view;
  if (chart === null) throw new CmError('Nothing has run yet. No timeline to draw.');
  const svg = timelineSvg({ ...view, chart }, title);
  if (file === '-') {
    process.stdout.write(svg);
    return;
  }
  try {
    await writeFile(file, svg);
  } catch (error) {
    const why = messageOf(error);
    throw new CmError(`Cannot write the timeline: ${sanitizeLine(why, 300)}. Choose a writable file.`, 3);
  }
}

/** The document of `--json`; times in ISO, `to` is null for a segment that is still open. */
function documentOf({ chart, speedup, earlier }: TimelineView, repo: string | null, target: string | null) {
  return {
    repo,
    target,
    from: chart === null ? null : iso(chart.from),
    to: chart === null ? null : iso(chart.to),
    speedup,
    earlier,
    runs: chart?.rows.map(runOf) ?? [],
    criticalPath:
      chart?.critical.map(({ key, runId, from, to, after }) => ({
        key,
        runId,
        from: iso(from),
        to: iso(to),
        after: after === null ? null : waitOf(after),
      })) ?? [],
  };
}

function runOf({ segments, waits, ...row }: TimelineRow) {
  return { ...row, segments: segments.map(segmentOf), waits: waits.map(waitOf) };
}

function segmentOf({ kind, from, to }: TimelineSegment) {
  return { kind, from: iso(from), to: to === null ? null : iso(to) };
}

function waitOf({ code, on, onKey, from, to, detail }: Wait) {
  return { code, on, onKey, from: iso(from), to: iso(to), detail };
}

function iso(time: number): string {
  return new Date(time).toISOString();
}
