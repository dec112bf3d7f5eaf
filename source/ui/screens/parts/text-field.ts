import { sanitizeLine } from '../../../domain/text/sanitize.ts';
import { type Line, span } from '../../presentation/line.ts';
import { textWidth } from '../../presentation/text.ts';
import type { KeyPress } from '../../terminal/keys.ts';

/** A line of text being typed: what is before and after the cursor. */
export interface TextField {
  readonly before: string;
  readonly after: string;
}

export const emptyField: TextField = { before: '', after: '' };

/** More than this is not a prompt but an accident. */
const longest = 20_000;

export function fieldText(field: TextField): string {
  return field.before + field.after;
}

/** Inserts text at the cursor. */
export function insert(field: TextField, text: string): TextField {
  return { before: (field.before + text).slice(0, longest), after: field.after };
}

function lastChar(text: string): string {
  return [...text].at(-1) ?? '';
}

function firstChar(text: string): string {
  return [...text][0] ?? '';
}

/** The field after a key; null: the key means nothing to a text field. */
export function edit(field: TextField, key: KeyPress): TextField | null {
  const { before, after } = field;
  const text = before + after;
  switch (key.name) {
    case 'backspace':
      return { before: before.slice(0, before.length - lastChar(before).length), after };
    case 'delete':
      return { before, after: after.slice(firstChar(after).length) };
    case 'left':
      return { before: before.slice(0, before.length - lastChar(before).length), after: lastChar(before) + after };
    case 'right':
      return { before: before + firstChar(after), after: after.slice(firstChar(after).length) };
    case 'home':
    case 'ctrl+a':
      return { before: '', after: text };
    case 'end':
    case 'ctrl+e':
      return { before: text, after: '' };
    case 'ctrl+u':
      return { before: '', after };
    case 'ctrl+k':
      return { before, after: '' };
    case 'ctrl+w':
      return { before: before.replace(/\S*\s*$/, ''), after };
    default:
      return key.text === null ? null : insert(field, key.text);
  }
}

/** The field as a row of `width` columns; the cursor is an inverse cell and always visible. */
export function fieldLine(field: TextField, width: number, active: boolean): Line {
  const before = sanitizeLine(field.before, longest);
  const after = sanitizeLine(field.after, longest);
  if (!active) return [span(before + after)];
  const room = Math.max(1, width - 2);
  let shown = before;
  while (textWidth(shown) > room) shown = shown.slice(Math.max(1, firstChar(shown).length, shown.length - room * 2));
  const lead =
    shown.length < before.length ? [span('…', 'dim'), span(shown.slice(firstChar(shown).length))] : [span(shown)];
  return [...lead, span(firstChar(after) || ' ', 'selected'), span(after.slice(firstChar(after).length))];
}
