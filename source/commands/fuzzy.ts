/** A candidate that matches; a higher score is a better match. */
export interface Match<T> {
  readonly value: T;
  readonly score: number;
  /** Positions of the matched characters in the text. */
  readonly positions: readonly number[];
}

/**
 * Finds the values whose text holds the characters of `query` in order, best first. Characters at the start of a word and in a row
 * count more; case and spaces in the query are ignored.
 */
export function fuzzy<T>(query: string, values: readonly T[], textOf: (value: T) => string): readonly Match<T>[] {
  const wanted = [...query.toLowerCase()].filter(char => char !== ' ');
  const matches: Match<T>[] = [];
  for (const value of values) {
    const match = matchOne(wanted, textOf(value).toLowerCase());
    if (match !== null) matches.push({ value, ...match });
  }
  return matches.sort((a, b) => b.score - a.score);
}

/** Tries every occurrence of the first character and keeps the best run from there. */
function matchOne(wanted: readonly string[], text: string): { score: number; positions: number[] } | null {
  const first = wanted[0];
  if (first === undefined) return { score: 0, positions: [] };
  let best: { score: number; positions: number[] } | null = null;
  for (let start = text.indexOf(first); start >= 0; start = text.indexOf(first, start + 1)) {
    const found = matchFrom(wanted, text, start);
    if (found !== null && (best === null || found.score > best.score)) best = found;
  }
  return best;
}

function matchFrom(
  wanted: readonly string[],
  text: string,
  start: number,
): { score: number; positions: number[] } | null {
  const positions: number[] = [];
  let score = 0;
  let at = start;
  for (const char of wanted) {
    const next = text.indexOf(char, at);
    if (next < 0) return null;
    const inRow = positions.length > 0 && next === at;
    const atWord = next === 0 || !/[a-z0-9]/.test(text[next - 1] ?? '');
    score += 1 + (inRow ? 4 : 0) + (atWord ? 3 : 0) - Math.min(3, (next - at) / 8);
    positions.push(next);
    at = next + char.length;
  }
  return { score: score - text.length / 100, positions };
}
