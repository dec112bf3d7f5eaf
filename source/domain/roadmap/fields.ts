/** The labelled fields of an item's section: `**Status**: …`, `**Dependencies**:` with a list below, a sub-heading `### Dependencies`. */

import type { Heading, Outline } from './document/outline.ts';
import { type FieldKind, kindOf, plainText } from './labels.ts';

export interface Field {
  readonly kind: FieldKind;
  /** As written, in lower case, without marks: `files to create`. */
  readonly label: string;
  /** Index of the label's line. */
  readonly index: number;
  /** Columns of the value in that line; empty (`start === end`) where it stands below, and for sub-headings. */
  readonly start: number;
  readonly end: number;
  /** True for a sub-heading that serves as a label. */
  readonly heading: boolean;
  /** True for a label inside a list. */
  readonly bullet: boolean;
  /**
   * True where the field tells of the item as a whole: it is not indented, and when it stands in a list, that list is in the head of the
   * section and belongs to no other label.
   */
  readonly own: boolean;
  /** Columns the line is indented. */
  readonly indent: number;
  /** Text of the sub-heading it stands under, in lower case; null in the head of the section. */
  readonly under: string | null;
}

/** An item's section by line index: the heading's line, and the first line behind the section. */
export interface Section {
  readonly start: number;
  readonly end: number;
}

const boldLabel =
  /^([ \t]*)((?:[-*+]|\d{1,3}[.)])[ \t]+)?(?:\[[ xX]\][ \t]+)?[^\p{L}\p{N}*_`|<[]{0,6}(?:\*{1,3}|__)(?=\S)([^*_:]{2,48}?)(?:[ \t]*:[ \t]*(?:\*{1,3}|__)|(?:\*{1,3}|__)[ \t]*:)[*_]*[ \t]*/u;
const plainLabel = /^()([-*+][ \t]+)?(\p{L}[\p{L} ]{2,30}?)[ \t]*:[ \t]+/u;
const nextField = /[ \t]+\|[ \t]+(?=\*\*[^*]{2,40}\*\*)/g;
/** Labels stand at the beginning of a line; what is longer than this is text. */
const lineLimit = 4096;
const none: readonly never[] = [];

/** Reads every field of a section in the order in which they stand. `headings` are its sub-headings, which are fields too. */
export function readFields(outline: Outline, section: Section, headings: readonly Heading[]): readonly Field[] {
  const fields: Field[] = [];
  let from = section.start + 1;
  let under: string | null = null;
  for (const heading of headings) {
    readPart(outline, from, heading.index, under, fields);
    under = plainText((outline.lines[heading.index] ?? '').slice(heading.start, heading.end));
    fields.push(headingField(heading, under));
    from = heading.index + 1;
  }
  readPart(outline, from, section.end, under, fields);
  return fields;
}

function headingField(heading: Heading, label: string): Field {
  const { index, end } = heading;
  return {
    kind: kindOf(label),
    label,
    index,
    start: end,
    end,
    heading: true,
    bullet: false,
    own: true,
    indent: 0,
    under: label,
  };
}

/** Reads the lines between two headings. */
function readPart(outline: Outline, from: number, to: number, under: string | null, fields: Field[]): void {
  let inLabel = false;
  for (let index = from; index < to; index++) {
    const line = outline.lines[index] ?? '';
    const colon = line.indexOf(':');
    if (colon <= 0 || colon >= 80 || outline.code[index] === 1) continue;
    for (const field of readLine(line.slice(0, lineLimit), index, under)) {
      fields.push(field.bullet && (under !== null || inLabel) ? { ...field, own: false } : field);
      if (!field.bullet) inLabel = field.start === field.end;
    }
  }
}

function readLine(line: string, index: number, under: string | null): readonly Field[] {
  const marked = line.includes('*') || line.includes('__');
  if (!marked && !plainLabel.test(line)) return none;
  const fields: Field[] = [];
  const more = line.includes('|') ? Array.from(line.matchAll(nextField), match => match.index + match[0].length) : none;
  const starts = [0, ...more];
  for (const [at, from] of starts.entries()) {
    const next = starts[at + 1];
    const piece = next === undefined ? line.slice(from) : line.slice(from, next).replace(/[ \t]+\|[ \t]+$/, '');
    const bold = marked ? boldLabel.exec(piece) : null;
    const match = bold ?? (at === 0 ? plainLabel.exec(piece) : null);
    if (match === null) continue;
    const label = plainText(match[3] ?? '');
    const kind = kindOf(label);
    const bullet = match[2] !== undefined;
    if (bold === null && (kind === 'other' || (bullet && kind !== 'spec'))) continue;
    const indent = (match[1] ?? '').replaceAll('\t', '    ').length;
    const end = piece.trimEnd().length;
    const start = from + Math.min(match[0].length, end);
    fields.push({ kind, label, index, start, end: from + end, heading: false, bullet, own: indent < 2, indent, under });
  }
  return fields;
}

/** The value of a field that stands in the label's own line, without outer spaces. */
export function inlineValue(outline: Outline, field: Field): string {
  return (outline.lines[field.index] ?? '').slice(field.start, field.end).trim();
}
