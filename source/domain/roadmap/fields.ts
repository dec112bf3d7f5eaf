/** The labelled fields of an item's section: `**Status**: …`, `**Dependencies**:` with a list below, a sub-heading `### Dependencies`. */
import type { Outline } from './outline.ts';

export type FieldKind =
  | 'status'
  | 'dependencies'
  | 'blocks'
  | 'files'
  | 'agent'
  | 'program'
  | 'estimate'
  | 'spec'
  | 'other';

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
  /** True for a label inside a list: it tells of a part of the item unless the list is the item's own. */
  readonly bullet: boolean;
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

const kinds: ReadonlyMap<string, FieldKind> = new Map<string, FieldKind>([
  ...['status', 'current status', 'statut', 'état'].map(label => [label, 'status'] as const),
  ...[
    'dependencies',
    'dependency',
    'depends on',
    'blocked by',
    'dépendances',
    'dépendance',
    'dépend de',
    'bloqué par',
  ].map(label => [label, 'dependencies'] as const),
  ...['blocks', 'bloque'].map(label => [label, 'blocks'] as const),
  ...['files', 'scope', 'fichiers'].map(label => [label, 'files'] as const),
  ...['agent', 'owner'].map(label => [label, 'agent'] as const),
  ['agent program', 'program'],
  ...['effort', 'estimate', 'estimated', 'duration', 'durée', 'durée estimée', 'effort estimé', 'estimation'].map(
    label => [label, 'estimate'] as const,
  ),
  ...[
    'estimated effort',
    'estimated duration',
    'estimated time',
    'time estimate',
    'effort estimate',
    'total effort',
  ].map(label => [label, 'estimate'] as const),
  ...['total estimated effort', 'total estimated', 'total estimate', 'estimated timeline'].map(
    label => [label, 'estimate'] as const,
  ),
  ...['spec', 'technical spec', 'specification', 'technical specification', 'strategic spec', 'design spec'].map(
    label => [label, 'spec'] as const,
  ),
]);

const boldLabel =
  /^([ \t]*)((?:[-*+]|\d{1,3}[.)])[ \t]+)?(?:\[[ xX]\][ \t]+)?[^\p{L}\p{N}*_`|<[]{0,6}(?:\*{1,3}|__)(?=\S)([^*_:]{2,48}?)(?:[ \t]*:[ \t]*(?:\*{1,3}|__)|(?:\*{1,3}|__)[ \t]*:)[*_]*[ \t]*/u;
const plainLabel = /^()((?:[-*+])[ \t]+)?(\p{L}[\p{L} ]{2,30}?)[ \t]*:[ \t]+/u;
const nextField = /[ \t]+\|[ \t]+(?=\*\*[^*]{2,40}\*\*)/g;

/** Reads every field of a section, in the order in which they stand; sub-headings that are labels among them. */
export function readFields(outline: Outline, section: Section, headings: readonly number[]): readonly Field[] {
  const fields: Field[] = [];
  let under: string | null = null;
  let nextHeading = 0;
  for (let index = section.start + 1; index < section.end; index++) {
    if (headings[nextHeading] !== undefined && outline.headings[headings[nextHeading] ?? 0]?.index === index) {
      const heading = outline.headings[headings[nextHeading] ?? 0];
      nextHeading++;
      const line = outline.lines[index] ?? '';
      under = heading === undefined ? '' : plainText(line.slice(heading.start, heading.end));
      const kind = kinds.get(under) ?? 'other';
      fields.push({
        kind,
        label: under,
        index,
        start: line.length,
        end: line.length,
        heading: true,
        bullet: false,
        indent: 0,
        under,
      });
      continue;
    }
    if (outline.code[index] === 1) continue;
    const line = outline.lines[index] ?? '';
    if (mayHoldLabel(line)) readLine(line, index, under, fields);
  }
  return fields;
}

function mayHoldLabel(line: string): boolean {
  if (line.length < 4) return false;
  const colon = line.indexOf(':');
  return colon > 0 && colon < 80;
}

function readLine(line: string, index: number, under: string | null, fields: Field[]): void {
  const capped = line.length > 4096 ? line.slice(0, 4096) : line;
  const pieces = [0, ...Array.from(capped.matchAll(nextField), match => match.index + match[0].length)];
  for (const [at, from] of pieces.entries()) {
    const next = pieces[at + 1];
    const piece = capped.slice(from, next);
    const bold = boldLabel.exec(piece);
    const match = bold ?? (at === 0 ? plainLabel.exec(piece) : null);
    if (match === null) continue;
    const label = plainText(match[3] ?? '');
    const kind = kinds.get(label) ?? 'other';
    if (bold === null && (kind === 'other' || (match[2] !== undefined && kind !== 'spec'))) continue;
    const value = next === undefined ? piece : piece.replace(/[ \t]+\|[ \t]+$/, '');
    const start = Math.min(match[0].length, value.trimEnd().length);
    fields.push({
      kind,
      label,
      index,
      start: from + start,
      end: from + value.trimEnd().length,
      heading: false,
      bullet: match[2] !== undefined,
      indent: (match[1] ?? '').replaceAll('\t', '    ').length,
      under,
    });
  }
}

/** Text of a label or sub-heading without marks, emoji and colon, in lower case. */
export function plainText(text: string): string {
  return text
    .replace(/[*_`]|\p{Extended_Pictographic}|\uFE0F|\u200D/gu, '')
    .replace(/\s*:\s*$/, '')
    .trim()
    .toLowerCase();
}

/** The value of a field that stands in the label's own line, without outer spaces. */
export function inlineValue(outline: Outline, field: Field): string {
  return (outline.lines[field.index] ?? '').slice(field.start, field.end).trim();
}

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
