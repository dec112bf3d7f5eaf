import { writeFile } from 'node:fs/promises';
import { CmError, type ExitCode, messageOf } from '../../../domain/errors.ts';
import { sanitizeLine } from '../../../domain/text/sanitize.ts';
import type { Figures, Report } from '../../../domain/timeline/report.ts';
import { reportOf } from '../../../domain/timeline/report.ts';
import { withLiveUsage } from '../../../domain/usage.ts';
import { timelineView } from '../../../ui/presentation/timeline-lines.ts';
import type { GlobalOptions } from '../../options.ts';
import { writeJson, writeLine } from '../../output/output.ts';
import { openContext } from '../../session/context.ts';
import { readState } from '../../session/read-state.ts';
import { reportHtml } from './report-html.ts';
import { reportSvg } from './report-svg.ts';
import { agentCells, itemCells, reportSummary, scopeSentence } from './report-words.ts';
import { sinceOf } from './since.ts';

interface ReportOptions extends GlobalOptions {
  readonly since?: string;
  readonly json?: boolean;
  readonly svg?: string;
  readonly html?: string;
}

/**
 * `cm-tui report [--since DATE] [--json | --svg FILE | --html FILE]`: what the agents did since then (by default in the last 24 hours), per
 * agent and per item: hours, cost, landed, rework. Works with and without a running coordinator.
 */
export async function reportCommand(options: ReportOptions): Promise<ExitCode> {
  const outputs = [options.json === true, options.svg !== undefined, options.html !== undefined].filter(Boolean);
  if (outputs.length > 1) throw new CmError('Choose one of --json, --svg and --html.', 2);
  const now = Date.now();
  const since = sinceOf(options.since, now);
  const { state, signals } = await readState(await openContext(options));
  const instances = state.instances.map(one => withLiveUsage(one, signals[one.runId]?.usage ?? null));
  const report = reportOf(instances, since, now);
  const { repository, target } = state;
  const title = sanitizeLine(`${repository?.name ?? 'the repository'} → ${target ?? 'no target'}`, 100);
  if (options.json === true) writeJson({ repo: repository?.root ?? null, target, ...documentOf(report) });
  else if (options.svg !== undefined) await write(options.svg, reportSvg(report, title));
  else if (options.html !== undefined) {
    const runs = instances.filter(one => report.items.some(item => item.key === one.key));
    await write(options.html, reportHtml(report, timelineView({ ...state, instances: runs }, now, true), title));
  } else writeTables(report);
  return 0;
}

async function write(file: string, text: string): Promise<void> {
  if (file === '-') {
    process.stdout.write(text);
    return;
  }
  try {
    await writeFile(file, text);
  } catch (error) {
    throw new CmError(`Cannot write the report: ${sanitizeLine(messageOf(error), 300)}. Choose a writable file.`, 3);
  }
  writeLine(`Saved the report to ${file}.`);
}

/** The document of `--json`: times in ISO, durations in hours. */
function documentOf({ since, until, totals, scopes, agents, items }: Report) {
  return {
    since: new Date(since).toISOString(),
    until: new Date(until).toISOString(),
    totals: figuresOf(totals),
    scopes,
    agents: agents.map(({ agent, ...figures }) => ({ agent, ...figuresOf(figures) })),
    items: items.map(({ key, title, agents: by, state, ...figures }) => ({
      key,
      title,
      state,
      agents: by,
      ...figuresOf(figures),
    })),
  };
}

function figuresOf({ workedMs, waitedMs, ...rest }: Figures) {
  return { hours: hours(workedMs), waitedForYouHours: hours(waitedMs), ...rest };
}

function hours(ms: number): number {
  return Math.round(ms / 36) / 100_000;
}

function writeTables(report: Report): void {
  writeLine(reportSummary(report));
  if (report.items.length === 0) return;
  writeTable(agentCells(report));
  writeTable(itemCells(report));
  const scopes = scopeSentence(report);
  if (scopes !== null) writeLine(`\n${scopes}`);
}

/** Rows of cells in columns as wide as their widest cell; the last is not padded. */
function writeTable(rows: readonly (readonly string[])[]): void {
  const widths = (rows[0] ?? []).map((_, at) => Math.max(...rows.map(row => row[at]?.length ?? 0)));
  writeLine('');
  for (const row of rows)
    writeLine(`  ${row.map((cell, at) => (at === row.length - 1 ? cell : cell.padEnd(widths[at] ?? 0))).join('  ')}`);
}
