/** What stands below a field: its list, its paragraphs, its fenced block. */
import { type Field, inlineValue, type Section } from '../fields.ts';
import type { Outline } from './outline.ts';

/** What belongs to a field below its line. */
export interface Block {
  /** Text of list entries and, for sub-headings, of plain lines; nested entries are left out unless wanted. */
  readonly entries: readonly string[];
  /** Lines of a fenced block that follows directly. */
  readonly fenced: readonly string[];
}

const bulletLine = /^([ \t]*)(?:[-*+]|\d{1,3}[.)])[ \t]+(?:\[[ xX]\][ \t]+)?(.*)$/;

/**
 * The list (or, under a sub-heading, the paragraphs) below a field, up to the next field, heading or other text. With a value in the
 * label's line only what follows without a blank line counts.
 */
export function blockBelow(
  outline: Outline,
  field: Field,
  section: Section,
  stops: ReadonlySet<number>,
  nested: boolean,
): Block {
  const hasValue = !field.heading && inlineValue(outline, field) !== '';
  const first = firstLine(outline, field.index + 1, section.end, hasValue);
  if (first === null) return { entries: [], fenced: [] };
  if (outline.code[first] === 1)
    return { entries: [], fenced: hasValue ? [] : fencedLines(outline, first, section.end) };
  const entries: string[] = [];
  let base: number | null = null;
  for (let index = first; index < section.end && outline.code[index] === 0 && !stops.has(index); index++) {
    const line = outline.lines[index] ?? '';
    if (line.trim() === '') {
      if (hasValue || (outline.lines[index + 1] ?? '').trim() === '') break;
      continue;
    }
    const entry = readEntry(line, field, entries.length > 0);
    if (entry === null) break;
    base ??= entry.indent;
    if (nested || entry.indent <= base) entries.push(entry.text);
  }
  return { entries, fenced: [] };
}

/** The value in the label's line, with the lines below that continue it: those after a comma or inside an open bracket. */
export function wrappedValue(outline: Outline, field: Field, section: Section, stops: ReadonlySet<number>): string {
  let value = inlineValue(outline, field);
  for (let index = field.index + 1; index < section.end && isUnfinished(value); index++) {
    const line = (outline.lines[index] ?? '').trim();
    if (line === '' || outline.code[index] === 1 || stops.has(index) || value.length > 4096) break;
    value = `${value} ${line}`;
  }
  return value;
}

function isUnfinished(value: string): boolean {
  return /(?:,|&|\band|\bet)$/i.test(value) || value.lastIndexOf('(') > value.lastIndexOf(')');
}

/** The first line of text below, over at most one blank line; null where there is none. */
function firstLine(outline: Outline, from: number, to: number, tight: boolean): number | null {
  const blank = (index: number) => (outline.lines[index] ?? '').trim() === '';
  const index = !tight && blank(from) ? from + 1 : from;
  return index >= to || blank(index) ? null : index;
}

function fencedLines(outline: Outline, from: number, to: number): readonly string[] {
  const lines: string[] = [];
  for (let index = from + 1; index < to && outline.code[index] === 1; index++) {
    const line = (outline.lines[index] ?? '').trim();
    if (/^(?:`{3,}|~{3,})$/.test(line)) break;
    if (line !== '') lines.push(line);
  }
  return lines;
}

/** One line of a block; null where the block ends. Wrapped lines of an entry count as nested. */
function readEntry(
  line: string,
  field: Field,
  inside: boolean,
): { readonly text: string; readonly indent: number } | null {
  const bullet = bulletLine.exec(line);
  if (bullet !== null) {
    const indent = (bullet[1] ?? '').replaceAll('\t', '    ').length;
    return field.bullet && indent <= field.indent ? null : { text: (bullet[2] ?? '').trim(), indent };
  }
  if (/^[ \t]/.test(line) && inside) return { text: line.trim(), indent: Number.POSITIVE_INFINITY };
  if (!field.heading || /^\s*(?:-{3,}|\*{3,}|\|)/.test(line)) return null;
  return { text: line.trim(), indent: 0 };
}
