import { sanitizeBlock, sanitizeLine } from '../text/sanitize.ts';
import type { Finding } from './findings.ts';
import type { Diff, DiffFile } from './parse-diff.ts';
import type { ReviewComment } from './review.ts';

/** What a finding says where the review page shows it; the rest of a comment is given when it is kept. */
export type PlacedFinding = Pick<ReviewComment, 'path' | 'side' | 'from' | 'to' | 'quote' | 'text'>;

/** Lines of the diff that one finding quotes. */
const mostQuoted = 20;
const longestQuote = 500;

/** Puts a finding on the lines of the diff that it is about; one about other lines, or another file, quotes nothing. */
export function placeFinding(diff: Diff, { path, line, to, text }: Finding): PlacedFinding {
  const file = fileNamed(diff, path);
  const words = sanitizeBlock(text, 10_000).trim();
  const quote = file === undefined || line === 0 ? [] : quoteOf(diff, file, line, to);
  return { path: file?.path ?? path, side: 'new', from: Math.max(1, line), to: Math.max(1, to), quote, text: words };
}

/** As it is named, or with the `a/` or `b/` of a diff before it, or by an end of its path that no other file has. */
function fileNamed({ files }: Diff, path: string): DiffFile | undefined {
  const bare = path.replace(/^[ab]\//, '');
  const exact = files.find(one => one.path === path) ?? files.find(one => one.path === bare);
  if (exact !== undefined) return exact;
  const ending = files.filter(one => one.path.endsWith(`/${path}`));
  return ending.length === 1 ? ending[0] : undefined;
}

/** The lines of the new file from `first` to `last`, as far as one hunk shows all of them. */
function quoteOf({ lines, hunks }: Diff, file: DiffFile, first: number, last: number): readonly string[] {
  const end = Math.min(last, first + mostQuoted - 1);
  for (const [index, start] of hunks.entries()) {
    if (start < file.from || start >= file.to) continue;
    const after = Math.min(hunks[index + 1] ?? lines.length, file.to);
    const quote = linesBetween(lines.slice(start, after), first, end);
    if (quote.length === end - first + 1) return quote;
  }
  return [];
}

function linesBetween(hunk: readonly string[], first: number, last: number): readonly string[] {
  let number = Number(/^@@ -\d+(?:,\d+)? \+(\d+)/.exec(hunk[0] ?? '')?.[1] ?? 0);
  const quote: string[] = [];
  for (const line of hunk.slice(1)) {
    if (line.startsWith('-') || line.startsWith('\\')) continue;
    if (number >= first && number <= last) quote.push(sanitizeLine(line, longestQuote));
    number++;
  }
  return quote;
}
