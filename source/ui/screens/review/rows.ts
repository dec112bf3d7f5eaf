import type { Diff } from '../../../domain/review/parse-diff.ts';
import { commentPlace, type Review } from '../../../domain/review/review.ts';
import { escapePath, sanitizeLine } from '../../../domain/text/sanitize.ts';
import { type Line, line, type Span, span, type Tone } from '../../presentation/line.ts';
import { plural } from '../../presentation/text.ts';
import { type WordPart, wordDiff } from '../../presentation/word-diff.ts';
import { type Body, isViewed, type Loaded, type OtherRow } from './document.ts';

/** Lines that are searched for the other half of a change. */
const longestBlock = 200;
const numberWidth = 5;

export interface RowLook {
  readonly loaded: Loaded;
  readonly body: Body;
  readonly review: Review;
  /** Columns that long lines are moved to the left. */
  readonly shift: number;
}

/** A row of the body; `mark` is the column before it: the cursor, a selected line, or nothing. */
export function bodyRow(look: RowLook, index: number, mark: Span): Line {
  const row = look.body.rows[index];
  if (row === undefined) return [];
  const other = row < 0 ? look.body.others[-row - 1] : undefined;
  return [mark, ...(other === undefined ? diffRow(look, row) : otherRow(look, other))];
}

/** The text of a row, for a search. */
export function searchableText({ loaded, body }: Pick<RowLook, 'loaded' | 'body'>, index: number): string {
  const row = body.rows[index];
  if (row === undefined) return '';
  if (row >= 0) return sanitizeLine(loaded.diff.lines[row] ?? '');
  const other = body.others[-row - 1];
  if (other?.type === 'comment') return sanitizeLine(other.text);
  return other?.type === 'file' ? escapePath(loaded.diff.files[other.file]?.path ?? '') : '';
}

const signTones: Readonly<Record<string, readonly [Tone, Tone]>> = {
  '+': ['added', 'added-word'],
  '-': ['removed', 'removed-word'],
};

function diffRow({ loaded: { diff, numbers }, shift }: RowLook, at: number): Line {
  const text = sanitizeLine(diff.lines[at] ?? '');
  const number = numbers[at] ?? 0;
  if (number === 0) return line(` ${text}`, text.startsWith('@@') ? 'hint' : 'dim');
  const gutter = span(`${String(number).padStart(numberWidth)} `, 'dim');
  const tones = signTones[text[0] ?? ''];
  if (tones === undefined) return [gutter, span(` ${text.slice(1 + shift)}`)];
  const [tone, wordTone] = tones;
  const parts = wordsOf(diff, numbers, at) ?? [{ text: text.slice(1), changed: false }];
  return [gutter, span(text.slice(0, 1), tone), ...shifted(parts, shift).map(part => partSpan(part, tone, wordTone))];
}

function partSpan({ text, changed }: WordPart, tone: Tone, wordTone: Tone): Span {
  return span(text, changed ? wordTone : tone);
}

function shifted(parts: readonly WordPart[], by: number): readonly WordPart[] {
  let left = by;
  return parts.flatMap(part => {
    const text = part.text.slice(left);
    left = Math.max(0, left - part.text.length);
    return text === '' ? [] : [{ ...part, text }];
  });
}

/** The words that changed in a line which has a counterpart: removed lines followed by as many added ones are versions of each other. */
function wordsOf({ lines }: Diff, numbers: Int32Array, at: number): readonly WordPart[] | null {
  const sign = lines[at]?.[0] ?? '';
  const isOf = (index: number, wanted: string) => numbers[index] !== 0 && lines[index]?.[0] === wanted;
  let first = at;
  while (isOf(first - 1, sign) && at - first < longestBlock) first--;
  let last = at;
  while (isOf(last + 1, sign) && last - at < longestBlock) last++;
  const count = last - first + 1;
  const start = sign === '-' ? last + 1 : first - count;
  const wanted = sign === '-' ? '+' : '-';
  for (let index = 0; index < count; index++) if (!isOf(start + index, wanted)) return null;
  if (isOf(sign === '-' ? start + count : start - 1, wanted)) return null;
  const other = sanitizeLine(lines[start + at - first] ?? '').slice(1);
  const own = sanitizeLine(lines[at] ?? '').slice(1);
  return sign === '-' ? (wordDiff(own, other)?.before ?? null) : (wordDiff(other, own)?.after ?? null);
}

function otherRow({ loaded, review }: RowLook, row: OtherRow): Line {
  switch (row.type) {
    case 'blank':
      return [];
    case 'file':
      return fileHeader(loaded, review, row.file);
    case 'folded': {
      const { insertions = 0, deletions = 0 } = loaded.diff.files[row.file] ?? {};
      const count = plural(insertions + deletions, 'changed line');
      return [span('      '), span(`… ${count} folded (o unfolds)`, 'dim')];
    }
    case 'comment': {
      const { comment, text, first } = row;
      const sent = comment.sentAt === null ? 'to send' : 'sent';
      const state = comment.by === undefined ? sent : `${sanitizeLine(comment.by, 60)}, ${sent}`;
      const inDiff = loaded.diff.files.some(({ path }) => path === comment.path);
      const path = inDiff ? '' : escapePath(comment.path);
      const place = inDiff ? `line ${commentPlace({ ...comment, path }).slice(1)}` : commentPlace({ ...comment, path });
      const head = first ? [span('      ┌ ', 'hint'), span(`${state}, ${place}: `, 'dim')] : [span('      │ ', 'hint')];
      return [...head, span(sanitizeLine(text), 'hint')];
    }
  }
}

function fileHeader(loaded: Loaded, review: Review, index: number): Line {
  const file = loaded.diff.files[index];
  if (file === undefined) return [];
  const viewed = isViewed(review, loaded, index);
  const from = file.oldPath === null ? '' : ` (was ${escapePath(file.oldPath)})`;
  const counts = file.binary ? 'binary' : `+${file.insertions} −${file.deletions}`;
  return [
    span(viewed ? '✓ ' : '■ ', viewed ? 'success' : 'strong'),
    span(`${escapePath(file.path)}${from}`, 'strong'),
    span(`  ${file.change}  ${counts}${viewed ? '  viewed' : ''}`, 'dim'),
  ];
}
