import type { Oid } from '../ids.ts';

/** A comment on lines of a run's diff. It is kept with the run, whatever becomes of the branch. */
export interface ReviewComment {
  readonly id: string;
  /** Raw, as in the diff. */
  readonly path: string;
  /** The side whose line numbers it names: `old` only where all its lines were removed. */
  readonly side: 'new' | 'old';
  readonly from: number;
  readonly to: number;
  /** The lines as the diff shows them, with their `+`, `-` or blank, sanitised. */
  readonly quote: readonly string[];
  /** What the reviewer wrote. */
  readonly text: string;
  /** The agent that found it; missing: a person wrote it. */
  readonly by?: string;
  /** The head that was reviewed. */
  readonly head: Oid;
  readonly at: number;
  /** When it was sent to the agent; null: not yet. */
  readonly sentAt: number | null;
}

/** What a person has noted while reviewing a run. */
export interface Review {
  /** Path → mark of the change that was viewed; another change of that path has another mark, and is not viewed. */
  readonly viewed: Readonly<Record<string, string>>;
  readonly comments: readonly ReviewComment[];
}

export const noReview: Review = { viewed: {}, comments: [] };

/** Comments that the agent has not got yet, in the order of the diff's paths and lines. */
export function pendingComments({ comments }: Review): readonly ReviewComment[] {
  return comments
    .filter(comment => comment.sentAt === null)
    .toSorted((a, b) => (a.path === b.path ? a.from - b.from : a.path < b.path ? -1 : 1));
}

/** Where a comment stands, as people and agents write it: `src/a.ts:12-14`. Paths are shown as they are given. */
export function commentPlace({ path, from, to, side }: Pick<ReviewComment, 'path' | 'from' | 'to' | 'side'>): string {
  const lines = from === to ? `${from}` : `${from}-${to}`;
  return `${path}:${lines}${side === 'old' ? ' (removed)' : ''}`;
}

/** Quoted lines of one comment that are sent; the place says where the rest is. */
const mostQuoted = 30;

/**
 * The one message that holds a reviewer's words and comments: each with path and lines, the quoted lines, and the text. `words` may be
 * empty where there are comments.
 */
export function commentMessage(words: string, branchName: string, comments: readonly ReviewComment[]): string {
  if (comments.length === 0) return words.trim();
  const count = comments.length === 1 ? 'A comment' : `${comments.length} comments`;
  const heads = [...new Set(comments.map(({ head }) => head.slice(0, 10)))].join(', ');
  const parts = comments.map(comment => {
    const { quote, text } = comment;
    const more = quote.length > mostQuoted ? [`> … ${quote.length - mostQuoted} more lines`] : [];
    return [commentPlace(comment), ...quote.slice(0, mostQuoted).map(line => `> ${line}`), ...more, text.trim()].join(
      '\n',
    );
  });
  const start = `${count} from the review of ${branchName} at ${heads}. Line numbers are those of that commit.`;
  return [...(words.trim() === '' ? [] : [words.trim()]), start, ...parts].join('\n\n');
}
