import { diffWordsWithSpace } from 'diff';

/** A stretch of a changed line; `changed`: it is not in the line beside it. */
export interface WordPart {
  readonly text: string;
  readonly changed: boolean;
}

/** Longer lines are minified code, whose words tell nothing. */
const longestLine = 2000;
/** Lines that share less than this part of their text are two lines, not one that was changed. */
const leastShared = 0.3;
const longestSearch = 400;

/** The words in which two versions of a line differ; null: they have too little in common. */
export function wordDiff(
  before: string,
  after: string,
): { readonly before: readonly WordPart[]; readonly after: readonly WordPart[] } | null {
  if (before.length > longestLine || after.length > longestLine) return null;
  const changes = diffWordsWithSpace(before, after, { maxEditLength: longestSearch });
  if (changes === undefined) return null;
  const shared = changes
    .filter(({ added, removed }) => !added && !removed)
    .reduce((sum, { value }) => sum + value.trim().length, 0);
  if (shared < leastShared * Math.max(before.trim().length, after.trim().length)) return null;
  const side = (left: 'added' | 'removed') =>
    changes
      .filter(change => !change[left])
      .map(({ value, added, removed }) => ({ text: value, changed: added || removed }));
  return { before: side('added'), after: side('removed') };
}
