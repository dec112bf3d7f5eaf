/** Finds the items of a roadmap text and the place where each one's status stands. Shared by reading and writing. */
import { type Field, inlineValue, readFields, type Section } from '../fields.ts';
import { type HeadingReading, type ItemHeading, readItemHeading } from '../headings.ts';
import { canonicalOf } from '../ids.ts';
import { readStatus } from '../status.ts';
import { isOverview, mayHaveId, type NearMiss, nearMiss } from './near-misses.ts';
import type { Heading, Outline } from './outline.ts';
import { itemLimit } from './size.ts';

export interface ItemSection extends Section {
  readonly heading: Heading;
  /** The heading's text without hashes, cut to {@link headingLimit}. */
  readonly text: string;
  readonly reading: ItemHeading;
  /** The heading it stands below (`## Phase 2` above `### US-007: …`), which is not an item; null: none, or only the document's title. */
  readonly parent: Heading | null;
  readonly fields: readonly Field[];
  /** Lines at which a list below a field ends: labels of the section, sub-headings, and known labels inside lists. */
  readonly stops: ReadonlySet<number>;
}

/** Longer headings are read up to here: nobody writes them, and the work per heading stays bounded. */
const headingLimit = 400;
/** The labels of an item stand near its heading. */
const headLines = 40;

export interface Sections {
  readonly items: readonly ItemSection[];
  /** Headings that would be items if a number stood after the prefix instead of X's. */
  readonly unnumbered: readonly Heading[];
  /** Headings that look like items and are none. */
  readonly nearMisses: readonly NearMiss[];
}

/** All items in document order. A section ends at the next item or at a heading of the same or a higher level (docs/contract.md). */
export function findSections(outline: Outline): Sections {
  const readings = readHeadings(outline);
  const items: ItemSection[] = [];
  const unnumbered: Heading[] = [];
  const others: (Heading & { readonly inside: boolean })[] = [];
  const above = new Enclosing();
  let sectionEnd = 0;
  for (const [at, heading] of outline.headings.entries()) {
    // One more than counts says that there are more.
    if (items.length > itemLimit) break;
    const reading = readings[at];
    if (reading === 'unnumbered') unnumbered.push(heading);
    const parent = above.enter(heading, isItem(reading));
    if (reading === 'other') others.push({ ...heading, inside: heading.index < sectionEnd });
    if (reading === undefined || reading === 'other' || reading === 'unnumbered') continue;
    const inner: Heading[] = [];
    let next = at + 1;
    for (; next < outline.headings.length; next++) {
      const other = outline.headings[next];
      if (other === undefined || other.level <= heading.level || isItem(readings[next])) break;
      inner.push(other);
    }
    const section = { start: heading.index, end: outline.headings[next]?.index ?? lineCount(outline) };
    sectionEnd = section.end;
    const fields = readFields(outline, section, inner);
    const stops = new Set(
      fields.filter(field => field.heading || !field.bullet || field.kind !== 'other').map(field => field.index),
    );
    items.push({ ...section, heading, text: textOf(outline, heading), reading, parent, fields, stops });
  }
  return { items, unnumbered, nearMisses: findNearMisses(outline, others, items) };
}

/** What each heading is. One whose id only a space parts from its title counts where it has a status and no other item has the id. */
function readHeadings(outline: Outline): readonly HeadingReading[] {
  const readings = outline.headings.map(heading => readAt(outline, heading));
  const clear = new Set(
    readings.flatMap(one => (typeof one === 'string' || one.loose ? [] : one.ids.map(canonicalOf))),
  );
  return readings.map((reading, at) => {
    const heading = outline.headings[at];
    if (heading === undefined || typeof reading === 'string' || !reading.loose) return reading;
    const isFree = reading.ids.every(id => !clear.has(canonicalOf(id)));
    return isFree && headFields(outline, at).some(({ kind }) => kind === 'status') ? reading : 'other';
  });
}

/** The labels between a heading and the next one. */
function headFields(outline: Outline, at: number): readonly Field[] {
  const start = outline.headings[at]?.index ?? 0;
  const end = Math.min(outline.headings[at + 1]?.index ?? lineCount(outline), start + headLines);
  return readFields(outline, { start, end }, []).filter(({ own }) => own);
}

function findNearMisses(
  outline: Outline,
  others: readonly (Heading & { readonly inside: boolean })[],
  items: readonly ItemSection[],
): readonly NearMiss[] {
  const places = new Map(outline.headings.map((heading, at) => [heading.index, at]));
  const used = new Set(items.flatMap(({ reading }) => reading.ids.map(({ number }) => Number(number))));
  // Where the next search for a free number begins, so that thousands of headings that want the same one each take a step.
  const next = new Map<number, number>();
  const free = (wanted: number): number => {
    const first = Math.max(1, wanted);
    let number = next.get(first) ?? first;
    while (used.has(number)) number++;
    used.add(number);
    next.set(first, number + 1);
    return number;
  };
  return others.flatMap(({ inside, ...heading }) => {
    const text = textOf(outline, heading);
    const reading = readItemHeading(text);
    const isId = typeof reading !== 'string';
    if ((heading.level === 1 && !(isId && !reading.loose)) || isOverview(text)) return [];
    if (!isId && (heading.level > 3 || inside) && !mayHaveId(text)) return [];
    const fields = headFields(outline, places.get(heading.index) ?? 0);
    const status = fields.find(({ kind }) => kind === 'status');
    const context = {
      isItem: isId && !reading.loose,
      isLoose: isId && reading.loose,
      inside,
      hasStatus: status !== undefined,
      isKnownStatus: status !== undefined && readStatus(inlineValue(outline, status)) !== 'unknown',
      hasField: fields.some(({ kind }) => kind !== 'other' && kind !== 'spec'),
    };
    return nearMiss(outline, heading, context, free) ?? [];
  });
}

/** The headings that the current one stands below. */
class Enclosing {
  readonly #open: Heading[] = [];

  /** Takes the next heading; returns the nearest one of a higher level that is neither an item nor the document's title. */
  enter(heading: Heading, isItem: boolean): Heading | null {
    while ((this.#open.at(-1)?.level ?? 0) >= heading.level) this.#open.pop();
    const parent = this.#open.at(-1) ?? null;
    if (!isItem && heading.level > 1) this.#open.push(heading);
    return parent;
  }
}

function readAt(outline: Outline, heading: Heading): HeadingReading {
  return heading.level === 2 || heading.level === 3 ? readItemHeading(textOf(outline, heading)) : 'other';
}

function isItem(reading: HeadingReading | undefined): boolean {
  return reading !== undefined && reading !== 'other' && reading !== 'unnumbered';
}

function textOf(outline: Outline, heading: Heading): string {
  return (outline.lines[heading.index] ?? '').slice(heading.start, Math.min(heading.end, heading.start + headingLimit));
}

/** Lines of the text; what follows the last line end is not a line if it is empty. */
function lineCount(outline: Outline): number {
  return outline.lines.at(-1) === '' ? outline.lines.length - 1 : outline.lines.length;
}

/** Where a status value stands: a line and the columns in it. */
export interface StatusPlace {
  readonly index: number;
  readonly start: number;
  readonly end: number;
}

/**
 * The item's own `**Status**:` in its section, null when it has none. One under a sub-heading counts only where neither the head of the
 * section nor the heading tells a status: such lines mostly belong to a phase of the work.
 */
export function statusPlace(outline: Outline, item: ItemSection): StatusPlace | null {
  const own = item.fields.filter(field => field.kind === 'status' && field.own);
  const head = own.filter(field => field.under === null || field.heading);
  const deeper = item.reading.status === 'unknown' ? own : [];
  for (const field of [...head, ...deeper]) {
    const place = inlineValue(outline, field) === '' ? placeBelow(outline, item, field) : field;
    if (place !== null) return { index: place.index, start: place.start, end: place.end };
  }
  return null;
}

/** A value that stands in the next line of text. */
function placeBelow(outline: Outline, item: ItemSection, field: Field): StatusPlace | null {
  for (let index = field.index + 1; index < Math.min(item.end, field.index + 4); index++) {
    const line = outline.lines[index] ?? '';
    if (outline.code[index] === 1 || item.stops.has(index)) return null;
    if (line.trim() === '') continue;
    return { index, start: /^\s*(?:[-*+]\s+)?/.exec(line)?.[0].length ?? 0, end: line.trimEnd().length };
  }
  return null;
}
