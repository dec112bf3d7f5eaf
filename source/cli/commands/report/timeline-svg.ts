import { sanitizeLine } from '../../../domain/text/sanitize.ts';
import type { SegmentKind, Timeline, TimelineRow, TimelineSegment } from '../../../domain/timeline/timeline.ts';
import { statusOf } from '../../../ui/presentation/status.ts';
import { clockTime, duration } from '../../../ui/presentation/time.ts';
import {
  criticalSentence,
  notableWaits,
  speedupSentence,
  type TimelineView,
  waitSentence,
} from '../../../ui/presentation/timeline-lines.ts';

const width = 960;
const left = 190;
const right = 130;
const room = width - left - right;
const rowHeight = 30;
const barHeight = 16;
const top = 118;
const mostWaits = 12;

/** Legend and colours: `[label, colour on light, colour on dark background]`. */
const kinds: Readonly<Record<SegmentKind, readonly [string, string, string]>> = {
  waiting: ['waits', '#d0d7de', '#30363d'],
  preparing: ['prepares', '#8c959f', '#8b949e'],
  running: ['agent at work', '#0969da', '#388bfd'],
  approval: ['waiting for you', '#e3b341', '#bb8009'],
  checks: ['checks', '#8250df', '#a371f7'],
  landing: ['lands', '#1a7f37', '#3fb950'],
};

/**
 * The timeline as an SVG document for a report: no scripts, no external resources, and colours that follow the reader's light or dark
 * setting. Foreign text (keys, titles) is sanitised and escaped.
 */
export function timelineSvg(view: TimelineView & { readonly chart: Timeline }, title: string): string {
  const { chart } = view;
  const waits = notableWaits(chart.rows);
  const under = top + chart.rows.length * rowHeight;
  const shown = waits.slice(0, mostWaits).map(({ row, wait }) => waitSentence(row.key, wait));
  const notes = waits.length > shown.length ? [...shown, `and ${waits.length - shown.length} more`] : shown;
  const path = criticalSentence(chart.critical);
  const height = under + 62 + (notes.length > 0 ? 26 + notes.length * 20 : 0) + 14;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">`,
    `<title>${escapeXml(`Timeline of ${title}`)}</title>`,
    `<style>${style()}</style>`,
    `<rect class="ground" x=".5" y=".5" width="${width - 1}" height="${height - 1}" rx="8"/>`,
    text(24, 36, 'h', `Timeline of ${title}`, 90),
    text(24, 60, 'p', speedupSentence(view), 130),
    ...(path === null ? [] : [text(24, 81, 'p', path, 130)]),
    ...grid(chart, under),
    ...chart.rows.map((row, index) => drawRow(row, chart, top + index * rowHeight)),
    ...frames(chart),
    ...links(chart),
    ...legend(under + 38),
    ...(notes.length === 0 ? [] : [text(24, under + 80, 'b', 'What waited for what', 100)]),
    ...notes.map((note, index) => text(24, under + 102 + index * 20, 'p', note, 130)),
    '</svg>',
    '',
  ].join('\n');
}

/** For text and attribute values: no markup, and no characters that XML forbids. */
export function escapeXml(raw: string): string {
  const allowed = raw.replaceAll(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '\ufffd');
  const names: Readonly<Record<string, string>> = { '&': 'amp', '<': 'lt', '>': 'gt', '"': 'quot', "'": 'apos' };
  return allowed.replaceAll(/[&<>"']/g, mark => `&${names[mark]};`);
}

function style(): string {
  const fonts = 'font-family:ui-sans-serif,system-ui,sans-serif';
  const rules = (at: 1 | 2, ground: string, edge: string, ink: string, faint: string, accent: string) =>
    [
      `.ground{fill:${ground};stroke:${edge}}`,
      `text{fill:${ink}}`,
      `.f{fill:${faint}}`,
      `.g{stroke:${edge}}`,
      `.c{stroke:${accent}}.l{stroke:${accent}}.a{fill:${accent}}`,
      ...Object.entries(kinds).map(([kind, look]) => `.${kind}{fill:${look[at]}}`),
    ].join('');
  return [
    `text{${fonts};font-size:13px}.h{font-size:17px;font-weight:600}.b{font-weight:600}.f{font-size:12px}`,
    '.g{stroke-width:1}.c{fill:none;stroke-width:1.5}.l{fill:none;stroke-width:1.2;stroke-dasharray:3 3}',
    rules(1, '#ffffff', '#d0d7de', '#1f2328', '#59636e', '#cf222e'),
    `@media(prefers-color-scheme:dark){${rules(2, '#0d1117', '#30363d', '#e6edf3', '#9198a1', '#ff7b72')}}`,
  ].join('');
}

function text(x: number, y: number, look: string, content: string, most: number, anchor = ''): string {
  const cut = content.length > most ? `${content.slice(0, most - 1)}…` : content;
  return `<text class="${look}" x="${round(x)}" y="${y}"${anchor}>${escapeXml(cut)}</text>`;
}

function grid(chart: Timeline, under: number): readonly string[] {
  const step = tickStep(chart.to - chart.from);
  const ticks: string[] = [];
  for (let at = 0; at <= chart.to - chart.from; at += step) {
    const x = round(xOf(chart.from + at, chart));
    ticks.push(`<path class="g" d="M${x} ${top - 8}V${under}"/>`);
    ticks.push(
      text(x, top - 14, 'f', at === 0 ? clockTime(chart.from) : `+${duration(at)}`, 20, ' text-anchor="middle"'),
    );
  }
  return ticks;
}

/** A round number of seconds, minutes or hours that gives three to eight ticks. */
function tickStep(ms: number): number {
  const steps = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 43_200, 86_400];
  const seconds = ms / 1000;
  return (steps.find(step => seconds / step <= 7) ?? Math.ceil(seconds / 7 / 86_400) * 86_400) * 1000;
}

function drawRow(row: TimelineRow, chart: Timeline, y: number): string {
  const { key, title, state, workedMs, critical, segments } = row;
  const { glyph, word } = statusOf(state);
  const name = sanitizeLine(key, 60);
  const last = Math.max(chart.from, ...segments.map(one => one.to ?? chart.to));
  const worked = workedMs === null ? '' : ` ${duration(workedMs)}`;
  return [
    `<g><title>${escapeXml(sanitizeLine(`${key}: ${title}`, 300))}</title>`,
    text(24, y + 13, critical ? 'b' : 'p', name, 20),
    ...segments.map(segment => drawSegment(segment, chart, y)),
    text(xOf(last, chart) + 8, y + 13, 'f', `${glyph} ${word}${worked}`, 30),
    '</g>',
  ].join('');
}

function drawSegment({ kind, from, to }: TimelineSegment, chart: Timeline, y: number): string {
  const x = xOf(from, chart);
  const span = Math.max(1, xOf(to ?? chart.to, chart) - x);
  const thin = kind === 'waiting' ? 6 : 0;
  const took = to === null ? 'still running' : duration(to - from);
  const box = `x="${round(x)}" y="${y + thin}" width="${round(span)}" height="${barHeight - 2 * thin}"`;
  return `<rect class="${kind}" ${box}><title>${kinds[kind][0]}: ${took}</title></rect>`;
}

/** Frames around the critical path, so that shape shows it and not colour alone. */
function frames(chart: Timeline): readonly string[] {
  return chart.critical.map(step => {
    const x = xOf(step.from, chart);
    const y = top + chart.rows.findIndex(row => row.runId === step.runId) * rowHeight;
    const size = `width="${round(xOf(step.to, chart) - x + 4)}" height="${barHeight + 4}"`;
    return `<rect class="c" rx="3" x="${round(x - 2)}" y="${y - 2}" ${size}/>`;
  });
}

/** Dashed lines from what was waited for to what it released. */
function links({ critical, rows, ...extent }: Timeline): readonly string[] {
  const chart = { ...extent, critical, rows };
  const yOf = (runId: string) => top + rows.findIndex(row => row.runId === runId) * rowHeight + barHeight / 2;
  return critical.flatMap(step => {
    if (step.after === null) return [];
    const x = round(xOf(step.after.to, chart));
    const [fromY, toY] = [yOf(step.after.on), yOf(step.runId)];
    const edge = (barHeight / 2 + 2) * Math.sign(toY - fromY);
    const tip = toY - edge;
    const head = `<path class="a" d="M${x} ${tip}l-4 ${-6 * Math.sign(edge)}h8z"/>`;
    return [`<path class="l" d="M${x} ${fromY + edge}V${tip}"/>${head}`];
  });
}

function legend(y: number): readonly string[] {
  let x = left;
  const parts: string[] = [];
  for (const [kind, [means]] of Object.entries(kinds)) {
    const thin = kind === 'waiting' ? 4 : 0;
    parts.push(`<rect class="${kind}" x="${x}" y="${y - 10 + thin}" width="22" height="${12 - 2 * thin}"/>`);
    parts.push(text(x + 28, y, 'f', means, 30));
    x += 50 + means.length * 7;
  }
  parts.push(
    `<rect class="c" rx="3" x="${x}" y="${y - 12}" width="22" height="16"/>`,
    text(x + 28, y, 'f', 'critical path', 30),
  );
  return parts;
}

function xOf(at: number, { from, to }: Pick<Timeline, 'from' | 'to'>): number {
  return left + ((at - from) / Math.max(1, to - from)) * room;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
