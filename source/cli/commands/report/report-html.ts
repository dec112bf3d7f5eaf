import type { Report } from '../../../domain/timeline/report.ts';
import { fullMoment } from '../../../ui/presentation/time.ts';
import type { TimelineView } from '../../../ui/presentation/timeline-lines.ts';
import { reportSvg } from './report-svg.ts';
import { agentCells, itemCells, reportSummary } from './report-words.ts';
import { escapeXml, timelineSvg } from './timeline-svg.ts';

/** The report as one HTML file: pictures and style are in it, and it has no scripts. Foreign text is sanitised and escaped. */
export function reportHtml(report: Report, view: TimelineView, title: string): string {
  const { chart } = view;
  const { since, until } = report;
  return [
    '<!DOCTYPE html>',
    '<html lang="en">',
    '<head>',
    '<meta charset="utf-8"/>',
    '<meta name="viewport" content="width=device-width, initial-scale=1"/>',
    `<title>${escapeXml(`Report on ${title}`)}</title>`,
    `<style>${style}</style>`,
    '</head>',
    '<body>',
    `<h1>${escapeXml(`Report on ${title}`)}</h1>`,
    `<p>${escapeXml(`${fullMoment(since)} to ${fullMoment(until)}`)}</p>`,
    `<p>${escapeXml(reportSummary(report))}</p>`,
    ...(report.items.length === 0
      ? []
      : [
          '<h2>Agents</h2>',
          table(agentCells(report)),
          '<h2>Items</h2>',
          table(itemCells(report)),
          `<figure>${reportSvg(report, title)}</figure>`,
        ]),
    ...(chart === null ? [] : ['<h2>Timeline</h2>', `<figure>${timelineSvg({ ...view, chart }, title)}</figure>`]),
    '</body>',
    '</html>',
    '',
  ].join('\n');
}

function table([head = [], ...rows]: readonly (readonly string[])[]): string {
  const row = (cells: readonly string[], tag: 'td' | 'th'): string =>
    `<tr>${cells.map(cell => `<${tag}>${escapeXml(cell)}</${tag}>`).join('')}</tr>`;
  return `<table><thead>${row(head, 'th')}</thead><tbody>${rows.map(cells => row(cells, 'td')).join('')}</tbody></table>`;
}

const style = [
  'body{font-family:ui-sans-serif,system-ui,sans-serif;max-width:62rem;margin:2rem auto;padding:0 1rem;color:#1f2328;background:#fff}',
  'table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.3rem .6rem;border-bottom:1px solid #d0d7de}',
  'th{font-size:.75rem;color:#59636e}figure{margin:1rem 0;overflow-x:auto}svg{max-width:100%;height:auto}',
  '@media(prefers-color-scheme:dark){body{color:#e6edf3;background:#0d1117}th,td{border-color:#30363d}th{color:#9198a1}}',
].join('');
