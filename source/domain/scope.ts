import picomatch from 'picomatch';
import type { Scope } from './item.ts';
import {
  type Alternative,
  alternativesOverlap,
  alternativeWithin,
  compileAlternatives,
  foldPath,
} from './scope/glob.ts';

/**
 * A pattern of a scope or an ownership rule. A bare path names a file, or a folder with all below it; a trailing `/` always means the
 * folder; a glob means what it says (`docs/*.md` does not cross `/`). Letters are compared without case, since two names that differ
 * in case alone are one file on many disks.
 */
interface Pattern {
  readonly source: string;
  readonly alternatives: readonly Alternative[];
  matches(foldedPath: string): boolean;
}

const cacheLimit = 4096;
/** Scopes are compared with each other whenever anything changes, and hardly ever change themselves. */
const answers = new WeakMap<Scope, WeakMap<Scope, boolean>>();
const patterns = new Map<string, Pattern>();

/** May the two scopes touch a common path? `unknown` may touch anything. Errs towards `true`. */
export function scopesOverlap(a: Scope, b: Scope): boolean {
  if (a.kind === 'unknown' || b.kind === 'unknown') return true;
  const known = answers.get(a) ?? new WeakMap<Scope, boolean>();
  answers.set(a, known);
  const answer = known.get(b) ?? firstShared(a, b) !== null;
  known.set(b, answer);
  return answer;
}

/** Does the scope allow a change of `path` (relative to the repository root)? An `unknown` scope forbids nothing. */
export function scopeCovers(scope: Scope, path: string): boolean {
  if (scope.kind === 'unknown') return true;
  const folded = foldFile(path);
  const [allowed, excluded] = split(scope);
  return allowed.some(pattern => pattern.matches(folded)) && !excluded.some(pattern => pattern.matches(folded));
}

/** The paths that two overlapping scopes have in common, for a sentence; the empty string where they have none to name. */
export function sharedPaths(a: Scope, b: Scope): string {
  if (a.kind === 'unknown' || b.kind === 'unknown') return '';
  return firstShared(a, b) ?? '';
}

/** Does one path pattern match `path`? */
export function patternMatches(pattern: string, path: string): boolean {
  return compile(pattern).matches(foldFile(path));
}

/** May two patterns match a common path? Errs towards `true`. */
export function patternsOverlap(a: string, b: string): boolean {
  return overlapping(compile(a), compile(b));
}

/** Is everything that `inner` names also named by `outer`? Errs towards `false`. */
export function patternWithin(inner: string, outer: string): boolean {
  const outside = compile(outer).alternatives;
  return compile(inner).alternatives.every(one => outside.some(other => alternativeWithin(one, other)));
}

function firstShared(a: Scope, b: Scope): string | null {
  for (const left of split(a)[0]) {
    for (const right of split(b)[0]) {
      if (overlapping(left, right)) return describeShared(left, right);
    }
  }
  return null;
}

function describeShared(a: Pattern, b: Pattern): string {
  if (a.source === b.source) return a.source;
  if (patternWithin(a.source, b.source)) return a.source;
  if (patternWithin(b.source, a.source)) return b.source;
  return `${a.source} and ${b.source}`;
}

function overlapping(a: Pattern, b: Pattern): boolean {
  return a.alternatives.some(left => b.alternatives.some(right => alternativesOverlap(left, right)));
}

/** Allowed and excluded (`!…`) patterns. Exclusions never narrow an overlap; a list of nothing else allows everything but them. */
function split(scope: Scope): readonly [readonly Pattern[], readonly Pattern[]] {
  const allowed: Pattern[] = [];
  const excluded: Pattern[] = [];
  for (const path of scope.paths) {
    const bangs = /^!*(?!\()/.exec(path)?.[0].length ?? 0;
    (bangs % 2 === 1 ? excluded : allowed).push(compile(path.slice(bangs)));
  }
  return [allowed.length > 0 || excluded.length === 0 ? allowed : [compile('**')], excluded];
}

function compile(source: string): Pattern {
  const known = patterns.get(source);
  if (known !== undefined) return known;
  if (patterns.size >= cacheLimit) patterns.clear();
  const alternatives = compileAlternatives(source);
  const tests = alternatives.map(matcher);
  const pattern = { source, alternatives, matches: (path: string) => tests.some(test => test(path)) };
  patterns.set(source, pattern);
  return pattern;
}

function matcher({ text, literal }: Alternative): (path: string) => boolean {
  if (text === '') return () => true;
  const below = `${text}/`;
  if (literal) return path => path === text || path.startsWith(below);
  // A name may hold a line break, which `*` stands for as well.
  const options = { dot: true, nonegate: true, flags: 's' };
  const asGlob = picomatch(text, options);
  // Folders named `[id]` or `(shop)` are common: brackets stand for themselves too.
  const asName = /[[\]()]/.test(text) ? picomatch(text.replace(/[[\]()|]/g, '\\$&'), options) : asGlob;
  return path => asGlob(path) || asName(path);
}

function foldFile(path: string): string {
  const parts: string[] = [];
  for (const part of foldPath(path).split('/')) {
    if (part === '' || part === '.') continue;
    if (part === '..' && parts.length > 0 && parts.at(-1) !== '..') parts.pop();
    else parts.push(part);
  }
  return parts.join('/');
}
