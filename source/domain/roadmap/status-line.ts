/** Sets an item's status in the text of a roadmap, changing one line and nothing else (docs/contract.md). */
import type { ItemStatus } from '../item.ts';
import { sanitizeLine } from '../text/sanitize.ts';
import { dependencyBracket } from './dependencies.ts';
import { type Outline, readOutline } from './document/outline.ts';
import { findSections, type ItemSection, statusPlace } from './document/sections.ts';
import { readItemHeading, type StatusMark } from './headings.ts';
import { canonicalId, canonicalOf } from './ids.ts';
import { readStatus, statusTexts } from './status.ts';

/** What is needed to find an item again: as it was when the text was read, which may have changed since. */
export interface ItemPlace {
  readonly key: string;
  /** 1-based. */
  readonly line: number;
  /** The heading as written, sanitised, with its hashes. */
  readonly heading: string;
}

/**
 * The text with the item's status set, and the 1-based line that tells it. The `**Status**:` value is replaced where there is one, else the
 * status in the heading, to which one is added where it has none; the label, a `(Depends on …)` in the status, other fields in the
 * line, and the line end stay. A text that says so already comes back unchanged. Null when the item cannot be found for sure, and
 * for the status `unknown`, which cannot be written.
 */
export function rewriteStatus(
  text: string,
  item: ItemPlace,
  status: ItemStatus,
): { readonly text: string; readonly line: number } | null {
  if (status === 'unknown') return null;
  const outline = readOutline(text);
  const section = locate(outline, item);
  if (section === null) return null;
  const place = statusPlace(outline, section);
  const index = place?.index ?? section.start;
  const line = outline.lines[index] ?? '';
  if (place === null) {
    if (section.reading.status === status) return { text, line: index + 1 };
    const changed = withHeadingStatus(line, section, status);
    return changed === null ? null : { text: replaceLine(text, index, line, changed), line: index + 1 };
  }
  const old = line.slice(place.start, place.end);
  if (readStatus(old) === status) return { text, line: index + 1 };
  const space = place.start > 0 && /[:*_]/.test(line[place.start - 1] ?? '') ? ' ' : '';
  const changed = `${line.slice(0, place.start)}${space}${statusText(status, old)}${line.slice(place.end)}`;
  return { text: replaceLine(text, index, line, changed), line: index + 1 };
}

/**
 * The 1-based first and last line of an item's section in a text that may have changed since it was read; null when it cannot be found
 * for sure.
 */
export function findSection(text: string, item: ItemPlace): { readonly line: number; readonly endLine: number } | null {
  const section = locate(readOutline(text), item);
  return section === null ? null : { line: section.start + 1, endLine: section.end };
}

/**
 * The item with the wanted key: the only one, or among copies of the id the only one with the same heading, or (title unchanged, status
 * not) the same title. Among copies that look alike only an unmoved one is sure.
 */
export function locate(outline: Outline, item: ItemPlace): ItemSection | null {
  const key = canonicalId(item.key);
  const copies = findSections(outline).items.filter(section => section.reading.ids.some(id => canonicalOf(id) === key));
  if (copies.length <= 1) return copies[0] ?? null;
  const sameHeading = copies.filter(section => sanitizeLine(outline.lines[section.start] ?? '') === item.heading);
  if (sameHeading.length === 1) return sameHeading[0] ?? null;
  if (sameHeading.length > 1) return sameHeading.find(section => section.start + 1 === item.line) ?? null;
  const title = titleOf(item.heading);
  const sameTitle = copies.filter(section => title !== null && section.reading.title === title);
  return sameTitle.length === 1 ? (sameTitle[0] ?? null) : null;
}

function titleOf(heading: string): string | null {
  const reading = readItemHeading(heading.replace(/^\s*#+\s*|\s+#*\s*$/g, ''));
  return typeof reading === 'string' ? null : reading.title;
}

function statusText(status: Exclude<ItemStatus, 'unknown'>, old: string): string {
  const { emoji, words } = statusTexts[status];
  const bracket = dependencyBracket(old);
  return bracket === '' ? `${emoji} ${words}` : `${emoji} ${words} ${bracket}`;
}

function withHeadingStatus(line: string, section: ItemSection, status: Exclude<ItemStatus, 'unknown'>): string | null {
  const { start, end } = section.heading;
  const text = line.slice(start, end);
  const marks = [...section.reading.marks].sort((a, b) => b.start - a.start);
  const changed =
    marks.length === 0
      ? `${text} ${statusText(status, '')}`
      : marks.reduce((now, mark) => withMark(now, mark, status), text);
  const after = readItemHeading(changed);
  const sure = typeof after !== 'string' && after.status === status && after.title === section.reading.title;
  return sure ? line.slice(0, start) + changed + line.slice(end) : null;
}

function withMark(text: string, mark: StatusMark, status: Exclude<ItemStatus, 'unknown'>): string {
  const { emoji, words } = statusTexts[status];
  const before = text.slice(0, mark.start);
  const old = text.slice(mark.start, mark.end);
  const after = text.slice(mark.end);
  switch (mark.kind) {
    case 'box':
      return before + (status === 'complete' ? 'x' : status === 'planned' ? ' ' : old) + after;
    case 'lead':
      return before + emoji + after;
    case 'label':
      return before + (old === old.toUpperCase() ? words.toUpperCase() : words) + after;
    case 'tail':
      return before + statusText(status, old) + closing(before) + after;
  }
}

/** Closes the bracket and the bold mark that were opened before the status and closed in what it replaces. */
function closing(before: string): string {
  const bracket = /[([]\s*$/.exec(before)?.[0].trim();
  const bold = (before.split('**').length - 1) % 2 === 1 ? '**' : '';
  return (bracket === '(' ? ')' : bracket === '[' ? ']' : '') + bold;
}

/** Swaps one line by its position, so that line ends, a byte order mark and everything else stay as they are. */
function replaceLine(text: string, index: number, old: string, changed: string): string {
  let from = index === 0 && text.charCodeAt(0) === 0xfeff ? 1 : 0;
  for (let line = 0; line < index; line++) from = text.indexOf('\n', from) + 1;
  return text.slice(0, from) + changed + text.slice(from + old.length);
}
