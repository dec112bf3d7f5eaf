import type { Oid } from '../../../domain/ids.ts';
import { isGenerated } from '../../../domain/review/generated.ts';
import { changeMark } from '../../../domain/review/mark.ts';
import type { Diff, DiffFile } from '../../../domain/review/parse-diff.ts';
import type { Review, ReviewComment } from '../../../domain/review/review.ts';
import { sanitizeLine } from '../../../domain/text/sanitize.ts';

/** Rows of the body are numbers: a line of the diff from 0 on, or the place of something else in `others`, counted down from -1. */
export type Row = number;

export type OtherRow =
  | { readonly type: 'file'; readonly file: number }
  | { readonly type: 'folded'; readonly file: number }
  | { readonly type: 'comment'; readonly comment: ReviewComment; readonly text: string; readonly first: boolean }
  | { readonly type: 'blank' };

/** One diff, read once: for each line its number in the file and the file it is in. */
export interface Loaded {
  readonly diff: Diff;
  /** The head it was made for. */
  readonly head: Oid | null;
  /** For each file what tells this change of it from another. */
  readonly marks: readonly string[];
  /** Of each line of a hunk: its number in the new file, of a removed one in the old; else 0. */
  readonly numbers: Int32Array;
}

/** What is drawn below the facts. */
export interface Body {
  readonly rows: readonly Row[];
  readonly others: readonly OtherRow[];
  /** For each file the row of its header. */
  readonly starts: readonly number[];
}

export function load(diff: Diff, head: Oid | null): Loaded {
  return {
    diff,
    head,
    marks: diff.files.map(({ from, to }) => changeMark(diff.lines, from, to)),
    numbers: numberLines(diff),
  };
}

function numberLines({ lines, hunks, files }: Diff): Int32Array {
  const numbers = new Int32Array(lines.length);
  const ends = files.map(({ to }) => to);
  let file = 0;
  hunks.forEach((start, index) => {
    while ((ends[file] ?? lines.length) <= start) file++;
    const end = Math.min(hunks[index + 1] ?? lines.length, ends[file] ?? lines.length);
    const header = /^@@ -(\d+)(?:,\d+)? \+(\d+)/.exec(lines[start] ?? '');
    let before = Number(header?.[1] ?? 0);
    let after = Number(header?.[2] ?? 0);
    for (let at = start + 1; at < end; at++) {
      const sign = lines[at]?.[0];
      if (sign === '-') numbers[at] = before++;
      else if (sign === '+') numbers[at] = after++;
      else if (sign === ' ' || sign === undefined) {
        numbers[at] = after++;
        before++;
      }
    }
  });
  return numbers;
}

export function isViewed({ viewed }: Review, loaded: Loaded, file: number): boolean {
  const { path } = loaded.diff.files[file] ?? { path: '' };
  return viewed[path] !== undefined && viewed[path] === loaded.marks[file];
}

/** Generated files, and those that were viewed, are folded at first; `toggled` says what the reviewer changed about that. */
export function isFolded(loaded: Loaded, review: Review, toggled: ReadonlyMap<string, boolean>, file: number): boolean {
  const { path } = loaded.diff.files[file] ?? { path: '' };
  return toggled.get(path) ?? (isGenerated(path) || isViewed(review, loaded, file));
}

/** The body as rows: headers, hunks of what is not folded, and comments below the lines they are about. */
export function layOutBody(loaded: Loaded, review: Review, toggled: ReadonlyMap<string, boolean>): Body {
  const { diff } = loaded;
  const rows: Row[] = [];
  const others: OtherRow[] = [];
  const starts: number[] = [];
  const add = (row: OtherRow): void => {
    others.push(row);
    rows.push(-others.length);
  };
  const byPath = new Map<string, ReviewComment[]>();
  for (const comment of review.comments) byPath.set(comment.path, [...(byPath.get(comment.path) ?? []), comment]);
  diff.files.forEach((file, index) => {
    add({ type: 'blank' });
    starts.push(rows.length);
    add({ type: 'file', file: index });
    const places = placeComments(loaded, file, byPath.get(file.path) ?? []);
    const addComments = (at: number) => {
      for (const comment of places.get(at) ?? []) addComment(comment, add);
    };
    addComments(-1);
    if (isFolded(loaded, review, toggled, index)) {
      add({ type: 'folded', file: index });
      for (const at of places.keys()) if (at >= 0) addComments(at);
      return;
    }
    for (let at = firstLine(loaded, file); at < file.to; at++) {
      rows.push(at);
      if (places.size > 0) addComments(at);
    }
  });
  // What was said of files that the branch does not change, or no longer, stands below them.
  const shown = new Set(diff.files.map(({ path }) => path));
  const left = review.comments.filter(({ path }) => !shown.has(path));
  if (left.length > 0) add({ type: 'blank' });
  for (const comment of left) addComment(comment, add);
  return { rows, others, starts };
}

/** Where the hunks of a file begin; its header row says the rest. A file without hunks shows what git says of it. */
function firstLine({ diff }: Loaded, { from, to, binary }: DiffFile): number {
  for (let at = from; at < to; at++) if (diff.lines[at]?.startsWith('@@ ') === true) return at;
  return binary || to - from > 1 ? from + 1 : to;
}

function addComment(comment: ReviewComment, add: (row: OtherRow) => void): void {
  for (const [index, text] of comment.text.split('\n').entries())
    add({ type: 'comment', comment, text, first: index === 0 });
}

/** Comments by the line of the diff below which they stand: where those very lines are; -1: they are not there any more. */
function placeComments(
  loaded: Loaded,
  file: DiffFile,
  comments: readonly ReviewComment[],
): ReadonlyMap<number, readonly ReviewComment[]> {
  const places = new Map<number, ReviewComment[]>();
  for (const comment of comments) {
    const at = lineOf(loaded, file, comment);
    places.set(at, [...(places.get(at) ?? []), comment]);
  }
  return places;
}

/** The last of the lines that a comment quotes; where the same lines are there more than once, those nearest to its number. */
function lineOf(loaded: Loaded, { from, to }: DiffFile, { quote, side, to: last }: ReviewComment): number {
  const { diff } = loaded;
  const lines = linesOfHunks(loaded, from, to);
  let best = -1;
  let distance = Number.POSITIVE_INFINITY;
  for (let start = 0; start + quote.length <= lines.length && quote.length > 0; start++) {
    const picked = lines.slice(start, start + quote.length);
    if (!picked.every((at, index) => quoteOf(diff, at) === quote[index])) continue;
    const away = Math.abs(lastNumber(loaded, picked, side) - last);
    if (away < distance) [best, distance] = [picked.at(-1) ?? -1, away];
  }
  return best;
}

function isHunk({ numbers }: Loaded, at: number, text: string): boolean {
  return numbers[at] === 0 && text.startsWith('@@');
}

/** Lines that are part of a file, not headers and notes of the diff. */
function linesOfHunks({ numbers }: Loaded, from: number, to: number): readonly number[] {
  const lines: number[] = [];
  for (let at = from; at < to; at++) if (numbers[at] !== 0) lines.push(at);
  return lines;
}

function quoteOf({ lines }: Diff, at: number): string {
  return sanitizeLine(lines[at] ?? '', 500);
}

function lastNumber({ diff, numbers }: Loaded, picked: readonly number[], side: 'new' | 'old'): number {
  const last = picked.findLast(at => (diff.lines[at]?.[0] === '-') === (side === 'old'));
  return last === undefined ? 0 : (numbers[last] ?? 0);
}

/** What a comment on these lines of the diff is about; null: they are not lines of one file. */
export function commentOn(
  loaded: Loaded,
  from: number,
  to: number,
): Pick<ReviewComment, 'path' | 'side' | 'from' | 'to' | 'quote'> | null {
  const { diff, numbers } = loaded;
  const file = diff.files.find(one => from >= one.from && to < one.to);
  if (file === undefined || to >= file.to) return null;
  if (diff.lines.slice(from, to + 1).some((text, at) => isHunk(loaded, from + at, text))) return null;
  const picked = linesOfHunks(loaded, from, to + 1);
  if (picked.length === 0) return null;
  const kept = picked.filter(at => diff.lines[at]?.[0] !== '-');
  const side = kept.length > 0 ? 'new' : 'old';
  const numbered = side === 'new' ? kept : picked;
  return {
    path: file.path,
    side,
    from: numbers[numbered[0] ?? 0] ?? 0,
    to: numbers[numbered.at(-1) ?? 0] ?? 0,
    quote: picked.map(at => quoteOf(diff, at)),
  };
}
