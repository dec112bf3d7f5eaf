/** Finds where a text matches: start and end of each match, in UTF-16 units. */
export type Matcher = (text: string) => readonly (readonly [number, number])[];

/** More matches in one line than can be told apart are not looked for. */
const mostMatches = 200;

/**
 * What was typed as a search: `/…/` is a regular expression, anything else is looked for as it stands; case counts only when a capital
 * letter is in it. The second part of the answer is the complaint about a bad expression.
 */
export function matcherOf(typed: string): { readonly matcher: Matcher } | { readonly problem: string } {
  const expression = /^\/(.+)\/$/.exec(typed)?.[1];
  const source = expression ?? typed.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&');
  const flags = /[A-Z]/.test(typed) ? 'gu' : 'giu';
  try {
    const regexp = new RegExp(source, flags);
    return { matcher: text => matchesIn(text, regexp) };
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) };
  }
}

function matchesIn(text: string, regexp: RegExp): readonly (readonly [number, number])[] {
  const found: (readonly [number, number])[] = [];
  for (const match of text.matchAll(regexp)) {
    if (match[0] !== '') found.push([match.index, match.index + match[0].length]);
    if (found.length >= mostMatches) break;
  }
  return found;
}
