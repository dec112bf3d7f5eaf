import { type Line, span } from '../../presentation/line.ts';
import type { KeyPress } from '../../terminal/keys.ts';
import { type Matcher, matcherOf, type Wanted } from '../log/matcher.ts';
import { edit, emptyField, type FieldView, fieldText, fieldView, insert, type TextField } from './text-field.ts';

/** State of a view's search. */
export interface Search {
  /** The field while it is being typed in; null: closed. */
  readonly field: TextField | null;
  /** The last search. */
  readonly typed: string;
  readonly matcher: Matcher | null;
  /** The same, for a log. */
  readonly wanted: Wanted | null;
}

export const noSearch: Search = { field: null, typed: '', matcher: null, wanted: null };

/** Begins to type a new search. */
export function beginSearch(search: Search): Search {
  return { ...search, field: emptyField };
}

/**
 * The search after a key in its field. `submitted`: Enter was pressed on a search; an empty field repeats the last one.
 * Null: no field is open, the key is not for the search.
 */
export function searchKey(
  search: Search,
  key: KeyPress,
): { readonly search: Search; readonly submitted: boolean; readonly problem: string | null } | null {
  const { field } = search;
  if (field === null) return null;
  if (key.name === 'esc' || key.name === 'ctrl+c')
    return { search: { ...search, field: null }, submitted: false, problem: null };
  if (key.name !== 'enter')
    return { search: { ...search, field: edit(field, key) ?? field }, submitted: false, problem: null };
  const typed = fieldText(field);
  if (typed === '') return { search: { ...search, field: null }, submitted: search.matcher !== null, problem: null };
  const made = matcherOf(typed);
  if ('problem' in made) return { search, submitted: false, problem: made.problem };
  return { search: { field: null, typed, ...made }, submitted: true, problem: null };
}

export function searchPaste(search: Search, text: string): Search {
  return search.field === null
    ? search
    : { ...search, field: insert(search.field, text.replaceAll(/\s+/g, ' ').slice(0, 200)) };
}

/** The field as the last row of a view, and the column of its cursor. */
export function searchLine(search: Search, width: number): FieldView | null {
  if (search.field === null) return null;
  const { line, column } = fieldView(search.field, width - 4);
  return { line: [span(' / ', 'hint'), ...line], column: column + 3 };
}

/** Keys of the footer while a search is typed. */
export const searchHints = [
  ['Enter', 'search'],
  ['Esc', 'back'],
] as const;

/** The spans of a row with matches marked. */
export function highlight(line: Line, matcher: Matcher | null): Line {
  if (matcher === null) return line;
  return line.flatMap(one => {
    const found = matcher(one.text);
    if (found.length === 0) return [one];
    const out = [];
    let at = 0;
    for (const [from, to] of found) {
      if (from > at) out.push({ text: one.text.slice(at, from), tone: one.tone });
      out.push({ text: one.text.slice(from, to), tone: 'match' as const });
      at = to;
    }
    return at < one.text.length ? [...out, { text: one.text.slice(at), tone: one.tone }] : out;
  });
}
