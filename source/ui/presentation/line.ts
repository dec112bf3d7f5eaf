import { normalizeWidth, textWidth, truncate } from './text.ts';

/** Roles of text; `theme.ts` defines how each one looks. */
export type Tone =
  | 'plain'
  | 'dim'
  | 'strong'
  | 'title'
  | 'success'
  | 'danger'
  | 'warning'
  | 'running'
  | 'hint'
  | 'selected'
  | 'cursor'
  | 'added'
  | 'removed'
  /** Words in which a changed line differs from the one beside it. */
  | 'added-word'
  | 'removed-word'
  | 'match'
  | 'frame'
  | 'frame-focus';

/** A stretch of sanitised text with one role. */
export interface Span {
  readonly text: string;
  readonly tone: Tone;
}

/** One row of the screen. */
export type Line = readonly Span[];

export const emptyLine: Line = [];

export function span(text: string, tone: Tone = 'plain'): Span {
  return { text, tone };
}

/** A row of one span. */
export function line(text: string, tone: Tone = 'plain'): Line {
  return [{ text, tone }];
}

export function lineWidth(spans: Line): number {
  return spans.reduce((sum, one) => sum + textWidth(one.text), 0);
}

/** Exactly `width` columns: cut with `…` if longer, padded with spaces if shorter. */
export function fitLine(spans: Line, width: number): Line {
  const out: Span[] = [];
  let left = width;
  for (const one of spans) {
    const cells = textWidth(one.text);
    if (cells > left) {
      out.push({ text: truncate(one.text, left), tone: one.tone });
      left -= Math.min(left, textWidth(out.at(-1)?.text ?? ''));
      return left > 0 ? [...out, span(' '.repeat(left))] : out;
    }
    out.push({ text: normalizeWidth(one.text), tone: one.tone });
    left -= cells;
  }
  if (left > 0) out.push(span(' '.repeat(left)));
  return out;
}

/** Left and right part on one row; the right one stays complete as long as it fits. */
export function spread(left: Line, right: Line, width: number): Line {
  const tail = fitLine(right, Math.min(width, lineWidth(right)));
  return [...fitLine(left, width - lineWidth(tail)), ...tail];
}

/** Every span of the row in another role: the selected row of a list. */
export function retone(spans: Line, tone: Tone): Line {
  return spans.map(one => ({ ...one, tone }));
}

/** The plain text of a row, for screen readers and tests. */
export function lineText(spans: Line): string {
  return spans.map(one => one.text).join('');
}

/** At most `width` columns, without trailing blanks. */
export function clipLine(spans: Line, width: number): Line {
  const row = fitLine(spans, width);
  let end = row.length;
  while (end > 0 && row[end - 1]?.tone === 'plain' && row[end - 1]?.text.trim() === '') end--;
  return end === row.length ? row : row.slice(0, end);
}
