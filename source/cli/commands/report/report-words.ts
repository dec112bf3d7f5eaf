import { sanitizeLine } from '../../../domain/text/sanitize.ts';
import type { Figures, Report } from '../../../domain/timeline/report.ts';
import { statusOf } from '../../../ui/presentation/status.ts';
import { plural } from '../../../ui/presentation/text.ts';
import { duration, fullMoment } from '../../../ui/presentation/time.ts';
import { usageFacts } from '../../../ui/presentation/usage.ts';

/** `Since 2026-03-02 00:00:00: 3 items landed in 4 runs, 2h10m of agents at work, $1.20, 5k tokens, 1 rework.` */
export function reportSummary({ since, totals }: Report): string {
  const { runs, landed, reverted, rework, workedMs } = totals;
  if (runs === 0) return `Nothing has run since ${fullMoment(since)}.`;
  const facts = [
    `${plural(landed, 'item')} landed in ${plural(runs, 'run')}`,
    `${duration(workedMs)} of agents at work`,
    ...usageFacts(totals),
    ...(rework === 0 ? [] : [`${rework} rework`]),
    ...(reverted === 0 ? [] : [`${reverted} reverted`]),
  ];
  return `Since ${fullMoment(since)}: ${facts.join(', ')}.`;
}

/** `Scopes: 3 of 4 runs kept to theirs; 2 files outside (US-003). 1 run had an unknown scope.`; null: no run changed a file. */
export function scopeSentence({ scopes: { known, kept, unknown, filesOutside, left } }: Report): string | null {
  if (known + unknown === 0) return null;
  const outside =
    filesOutside === 0 ? '' : `; ${plural(filesOutside, 'file')} outside (${sanitizeLine(left.join(', '), 200)})`;
  const first = known === 0 ? '' : `Scopes: ${kept} of ${plural(known, 'run')} kept to theirs${outside}.`;
  const rest = unknown === 0 ? '' : `${plural(unknown, 'run')} had an unknown scope.`;
  return [first, rest].filter(text => text !== '').join(' ');
}

/** The table of agents, its heading first. */
export function agentCells({ agents }: Report): readonly (readonly string[])[] {
  return [
    ['AGENT', ...figureHeads],
    ...agents.map(({ agent, ...figures }) => [sanitizeLine(agent, 30), ...figureCells(figures)]),
  ];
}

/** The table of items, its heading first. */
export function itemCells({ items }: Report): readonly (readonly string[])[] {
  return [
    ['ITEM', 'STATE', ...figureHeads, 'TITLE'],
    ...items.map(({ key, title, state, ...figures }) => [
      sanitizeLine(key, 30),
      statusOf(state).word,
      ...figureCells(figures),
      sanitizeLine(title, 80),
    ]),
  ];
}

const figureHeads = ['RUNS', 'AT WORK', 'WAITED FOR YOU', 'COST', 'LANDED', 'REWORK'];

function figureCells(figures: Figures): readonly string[] {
  const { runs, workedMs, waitedMs, landed, reverted, rework } = figures;
  return [
    String(runs),
    duration(workedMs),
    duration(waitedMs),
    usageFacts(figures).join(', ') || '–',
    reverted === 0 ? String(landed) : `${landed} (${reverted} reverted)`,
    String(rework),
  ];
}
