import { sanitizeLine } from '../../../domain/text/sanitize.ts';
import type { Report } from '../../../domain/timeline/report.ts';
import { statusOf } from '../../../ui/presentation/status.ts';
import { duration } from '../../../ui/presentation/time.ts';
import { usageFacts } from '../../../ui/presentation/usage.ts';
import { reportSummary } from './report-words.ts';
import { escapeXml } from './timeline-svg.ts';

const width = 960;
const left = 190;
const room = 520;
const rowHeight = 28;
const top = 92;
const mostItems = 60;

/**
 * The report as an SVG document: one bar per item, the time at work and the time that it waited for a person. No scripts, nothing from
 * outside, colours that follow the reader's light or dark setting. Foreign text is sanitised and escaped.
 */
export function reportSvg(report: Report, title: string): string {
  const items = report.items.slice(0, mostItems);
  const more = report.items.length - items.length;
  const longest = Math.max(1, ...items.map(({ workedMs, waitedMs }) => workedMs + waitedMs));
  const under = top + items.length * rowHeight;
  const height = under + 60 + (more > 0 ? 20 : 0);
  const scale = (ms: number): number => Math.round((ms / longest) * room * 10) / 10;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">`,
    `<title>${escapeXml(`Report on ${title}`)}</title>`,
    `<style>${style}</style>`,
    `<rect class="ground" x=".5" y=".5" width="${width - 1}" height="${height - 1}" rx="8"/>`,
    `<text class="h" x="24" y="36">${escapeXml(`Report on ${title}`)}</text>`,
    `<text x="24" y="62">${escapeXml(reportSummary(report))}</text>`,
    ...items.map(({ key, title: of, state, workedMs, waitedMs, ...figures }, index) => {
      const y = top + index * rowHeight;
      const [worked, waited] = [scale(workedMs), scale(waitedMs)];
      const { glyph, word } = statusOf(state);
      const facts = [duration(workedMs), ...usageFacts(figures)].join(', ');
      return [
        `<g><title>${escapeXml(sanitizeLine(`${key}: ${of}`, 300))}</title>`,
        `<text x="24" y="${y + 13}">${escapeXml(sanitizeLine(key, 20))}</text>`,
        `<rect class="work" x="${left}" y="${y}" width="${Math.max(1, worked)}" height="16"/>`,
        waited === 0 ? '' : `<rect class="wait" x="${left + worked}" y="${y}" width="${waited}" height="16"/>`,
        `<text class="f" x="${left + worked + waited + 8}" y="${y + 13}">`,
        `${escapeXml(`${glyph} ${word}, ${facts}`)}</text></g>`,
      ].join('');
    }),
    ...(more > 0 ? [`<text class="f" x="24" y="${under + 14}">and ${more} more items</text>`] : []),
    `<rect class="work" x="${left}" y="${height - 32}" width="22" height="12"/>`,
    `<text class="f" x="${left + 28}" y="${height - 22}">agents at work</text>`,
    `<rect class="wait" x="${left + 150}" y="${height - 32}" width="22" height="12"/>`,
    `<text class="f" x="${left + 178}" y="${height - 22}">waited for you</text>`,
    '</svg>',
    '',
  ].join('\n');
}

const style = [
  'text{font-family:ui-sans-serif,system-ui,sans-serif;font-size:13px;fill:#1f2328}.h{font-size:17px;font-weight:600}',
  '.f{font-size:12px;fill:#59636e}.ground{fill:#ffffff;stroke:#d0d7de}.work{fill:#0969da}.wait{fill:#e3b341}',
  '@media(prefers-color-scheme:dark){text{fill:#e6edf3}.f{fill:#9198a1}.ground{fill:#0d1117;stroke:#30363d}',
  '.work{fill:#388bfd}.wait{fill:#bb8009}}',
].join('');
