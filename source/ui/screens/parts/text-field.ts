import { sanitizeBlock, sanitizeLine } from '../../../domain/text/sanitize.ts';
import { type Line, lineWidth, span } from '../../presentation/line.ts';
import { textWidth } from '../../presentation/text.ts';
import type { KeyPress } from '../../terminal/keys.ts';

/** Text being typed: what is before and after the cursor. */
export interface TextField {
  readonly before: string;
  readonly after: string;
}

export const emptyField: TextField = { before: '', after: '' };

/** More than this belongs into a file that the text names. */
const longest = 2_000_000;

const graphemes = new Intl.Segmenter();

export function fieldText(field: TextField): string {
  return field.before + field.after;
}

/** A field that holds this text, with the cursor at its end. */
export function fieldOf(text: string): TextField {
  return { before: text, after: '' };
}

/**
 * Text as it was pasted, with line breaks as `\n`. It is not changed otherwise, unless it holds what only a terminal understands: that
 * reaches neither the screen nor an agent.
 */
export function pastedText(text: string): string {
  const lines = text.replaceAll(/\r\n?/g, '\n');
  if (!controls.test(lines)) return lines;
  return lines
    .split('\t')
    .map(piece => sanitizeBlock(piece, longest))
    .join('\t');
}

/** Control characters other than tab and line break. */
const controls = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/;

/** Inserts text at the cursor. What would make the field too long is left out as a whole, never cut. */
export function insert(field: TextField, text: string): TextField {
  return fits(field, text) ? { before: field.before + text, after: field.after } : field;
}

/** True if the field has room for the text. */
export function fits({ before, after }: TextField, text: string): boolean {
  return before.length + after.length + text.length <= longest;
}

/** What a person sees as the last character of a text: an emoji with its parts, a letter with its accents. */
export function lastGrapheme(text: string): string {
  // A cluster is short; a long text need not be divided from its beginning.
  let last = '';
  for (const { segment } of graphemes.segment(text.slice(-256))) last = segment;
  return last;
}

/** The first one. */
export function firstGrapheme(text: string): string {
  for (const { segment } of graphemes.segment(text.slice(0, 256))) return segment;
  return '';
}

/** The field after a key; null: the key means nothing to a text field. */
export function edit(field: TextField, key: KeyPress): TextField | null {
  const { before, after } = field;
  const lineStart = before.lastIndexOf('\n') + 1;
  const lineEnd = after.includes('\n') ? after.indexOf('\n') : after.length;
  switch (key.name) {
    case 'backspace':
      return { before: before.slice(0, before.length - lastGrapheme(before).length), after };
    case 'delete':
      return { before, after: after.slice(firstGrapheme(after).length) };
    case 'left': {
      const last = lastGrapheme(before);
      return { before: before.slice(0, before.length - last.length), after: last + after };
    }
    case 'right': {
      const first = firstGrapheme(after);
      return { before: before + first, after: after.slice(first.length) };
    }
    case 'home':
    case 'ctrl+a':
      return { before: before.slice(0, lineStart), after: before.slice(lineStart) + after };
    case 'end':
    case 'ctrl+e':
      return { before: before + after.slice(0, lineEnd), after: after.slice(lineEnd) };
    case 'ctrl+u':
      return { before: before.slice(0, lineStart), after };
    case 'ctrl+k':
      return { before, after: after.slice(lineEnd) };
    case 'ctrl+w':
      return { before: before.replace(/[^\s]*[^\S\n]*\n?$/, ''), after };
    default:
      return key.text === null ? null : insert(field, key.text);
  }
}

/** A field as drawn in one row, and the column of its cursor. */
export interface FieldView {
  readonly line: Line;
  readonly column: number;
}

/**
 * The field as a row of `width` columns. The cursor is always visible: it is underlined here, and the terminal's own cursor is placed on
 * it, for input methods and magnifiers.
 */
export function fieldView(field: TextField, width: number): FieldView {
  const before = sanitizeLine(field.before.slice(-(width * 4 + 256)), longest);
  const after = sanitizeLine(field.after.slice(0, width * 4 + 256), longest);
  const room = Math.max(1, width - 2);
  let shown = before;
  while (textWidth(shown) > room)
    shown = shown.slice(Math.max(1, firstGrapheme(shown).length, shown.length - room * 2));
  const cut = shown.length < before.length || field.before.length > width * 4 + 256;
  const lead = cut ? [span('…', 'dim'), span(shown.slice(firstGrapheme(shown).length))] : [span(shown)];
  const under = firstGrapheme(after);
  return {
    line: [...lead, span(under || ' ', 'cursor'), span(after.slice(under.length))],
    column: lineWidth(lead),
  };
}

/** The row alone; a field that is not active has no cursor. */
export function fieldLine(field: TextField, width: number, active: boolean): Line {
  return active ? fieldView(field, width).line : [span(sanitizeLine(fieldText(field).slice(0, width * 4), longest))];
}
