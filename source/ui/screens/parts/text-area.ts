import { sanitizeLine } from '../../../domain/text/sanitize.ts';
import { type Line, lineWidth, span } from '../../presentation/line.ts';
import { textWidth, wrapHard } from '../../presentation/text.ts';
import type { KeyPress } from '../../terminal/keys.ts';
import { edit, fieldText, firstGrapheme, insert, type TextField } from './text-field.ts';

/** Keys that mean something in several lines only; for the footer. */
export const areaHints = [['ctrl+j', 'new line']] as const;
/** Where the screen can hand over the terminal, and there is room to say so. */
export const editorHint = ['ctrl+e', 'editor'] as const;

/** The field after a key in a text of several lines; null: the key means nothing to it. */
export function editArea(field: TextField, key: KeyPress): TextField | null {
  if (key.newline === true) return insert(field, '\n');
  if (key.name === 'up' || key.name === 'down') return moveLine(field, key.name === 'up' ? -1 : 1);
  return edit(field, key);
}

/** True if the key moves within the text rather than to another field. */
export function staysInArea({ before, after }: TextField, name: string): boolean {
  return (name === 'up' && before.includes('\n')) || (name === 'down' && after.includes('\n'));
}

/** The same column in the line above or below; at the first and last line, its beginning or end. */
function moveLine(field: TextField, by: 1 | -1): TextField {
  const text = fieldText(field);
  const at = field.before.length;
  const start = text.lastIndexOf('\n', at - 1) + 1;
  const column = textWidth(text.slice(start, at));
  if (by === -1) {
    if (start === 0) return split(text, 0);
    const above = text.lastIndexOf('\n', start - 2) + 1;
    return split(text, above + offsetOf(text.slice(above, start - 1), column));
  }
  const end = text.indexOf('\n', at);
  if (end < 0) return split(text, text.length);
  const below = text.indexOf('\n', end + 1);
  return split(text, end + 1 + offsetOf(text.slice(end + 1, below < 0 ? text.length : below), column));
}

function split(text: string, at: number): TextField {
  return { before: text.slice(0, at), after: text.slice(at) };
}

/** Where the column is in a line, at most its end. */
function offsetOf(line: string, column: number): number {
  let at = 0;
  let used = 0;
  while (at < line.length && used < column) {
    const next = firstGrapheme(line.slice(at));
    used += textWidth(next);
    if (used > column) break;
    at += next.length;
  }
  return at;
}

/** A text of several lines as drawn, and where its cursor is among the rows. */
export interface AreaView {
  readonly lines: readonly Line[];
  readonly row: number;
  readonly column: number;
}

/**
 * The part of a text around the cursor, wrapped at `width` columns, in `height` rows. However long the text is, only what can be seen is
 * looked at.
 */
export function areaView(field: TextField, width: number, height: number, active: boolean): AreaView {
  const most = width * height;
  const above = field.before.split('\n').slice(-height - 1);
  const current = above.pop() ?? '';
  const [rest = '', ...below] = firstLines(field.after, height + 1);
  const head = wrapped(current.slice(-most), width);
  const tail = sanitizeLine(rest.slice(0, most), most * 4);
  const last = head.at(-1) ?? '';
  // A full row leaves no room for the cursor, which then stands at the beginning of the next one.
  const full = textWidth(last) >= width;
  const lead = full ? '' : last;
  const [same = '', ...more] = wrapped(`${lead}${tail}`, width);
  const before = above.flatMap(text => wrapped(text.slice(-most), width));
  const rows: Line[] = [...before, ...(full ? head : head.slice(0, -1))].map(text => [span(text)]);
  const row = rows.length;
  const behind = same.slice(lead.length);
  const under = firstGrapheme(behind);
  rows.push(
    active ? [span(lead), span(under === '' ? ' ' : under, 'cursor'), span(behind.slice(under.length))] : [span(same)],
  );
  rows.push(
    ...[...more, ...below.flatMap(text => wrapped(text.slice(0, most), width))].map((text): Line => [span(text)]),
  );
  const first = Math.max(0, Math.min(row - Math.floor(height / 2), rows.length - height));
  const lines = rows.slice(first, first + height);
  return {
    lines: [...lines, ...Array.from({ length: height - lines.length }, (): Line => [])],
    row: row - first,
    column: lineWidth([span(lead)]),
  };
}

function wrapped(text: string, width: number): readonly string[] {
  return wrapHard(sanitizeLine(text, Number.MAX_SAFE_INTEGER), width);
}

/** The first lines of a text, without dividing all of it. */
function firstLines(text: string, count: number): readonly string[] {
  const lines: string[] = [];
  let at = 0;
  while (lines.length < count) {
    const end = text.indexOf('\n', at);
    lines.push(text.slice(at, end < 0 ? text.length : end));
    if (end < 0) break;
    at = end + 1;
  }
  return lines;
}
