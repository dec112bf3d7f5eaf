import { messageOf } from '../../../domain/errors.ts';
import type { LogLine, SearchPattern } from '../../../ports/logs.ts';

/** Finds where a text matches: start and end of each match, in UTF-16 units. */
export type Matcher = (text: string) => readonly (readonly [number, number])[];

/** A search: a test for lines at hand, and the same as a pattern for a pass through a complete log. */
export interface Wanted {
  readonly test: (line: LogLine) => boolean;
  readonly pattern: SearchPattern;
}

/** More matches in one line than anybody can tell apart are not searched for. */
const mostMatches = 200;

/**
 * Parses a typed search: `/…/` is a regular expression, anything else is literal; case matters only with a capital letter. Returns the
 * error message for an invalid expression instead.
 */
export function matcherOf(
  typed: string,
): { readonly matcher: Matcher; readonly wanted: Wanted } | { readonly problem: string } {
  const expression = /^\/(.+)\/$/.exec(typed)?.[1];
  const source = expression ?? typed.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&');
  const ignoreCase = !/[A-Z]/.test(typed);
  try {
    const regexp = new RegExp(source, ignoreCase ? 'giu' : 'gu');
    const matcher: Matcher = text => matchesIn(text, regexp);
    const pattern = { text: expression ?? typed, regex: expression !== undefined, ignoreCase };
    return { matcher, wanted: { pattern, test: line => matcher(line.text).length > 0 } };
  } catch (error) {
    return { problem: messageOf(error) };
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

/** What compilers, test runners and programs call a failure; `0 errors` and `no failures` are none. */
const failure = String.raw`(?<!\b(?:0|no|without) )\b(?:errors?|fatal|panic(?:ked)?|exception|traceback|fail(?:ed|ures?)?)\b(?!: ?0\b)`;
const failureTest = new RegExp(failure, 'iu');

/** Error lines: what the agent's reader calls one, and what reads like one. */
export const errors: Wanted = {
  pattern: { text: failure, regex: true, ignoreCase: true },
  test: line => line.kind === 'error' || failureTest.test(line.text),
};
