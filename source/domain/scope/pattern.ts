import picomatch from 'picomatch';
import type { Scope } from '../item.ts';
import { type Alternative, alternativesOverlap, compileAlternatives, foldPath } from './glob.ts';

/**
 * A pattern of a scope or an ownership rule. A bare path names a file, or a folder with all below it; a trailing `/` always means the
 * folder; a glob means what it says (`docs/*.md` does not cross `/`). Letters are compared without case, since two names that differ
 * in case alone are one file on many disks.
 */
export interface Pattern {
  readonly source: string;
  readonly alternatives: readonly Alternative[];
  /** Where each alternative begins. */
  readonly places: readonly Place[];
  /** `foldedPath` comes from `foldFile`. */
  matches(foldedPath: string): boolean;
}

/** The names before the first wildcard of a pattern: two patterns can only meet where one of these begins with the other. */
export interface Place {
  /** Empty for the whole repository. */
  readonly path: string;
  /** The folders above it, the repository itself (an empty path) last. */
  readonly above: readonly string[];
}

/** Patterns of a scope. Exclusions (`!…`) never narrow an overlap; a list of nothing else allows everything but them. */
export interface CompiledScope {
  readonly allowed: readonly Pattern[];
  readonly excluded: readonly Pattern[];
}

const cacheLimit = 4096;
const patterns = new Map<string, Pattern>();
const scopes = new WeakMap<Scope, CompiledScope>();

export function compilePattern(source: string): Pattern {
  const known = patterns.get(source);
  if (known !== undefined) return known;
  if (patterns.size >= cacheLimit) patterns.clear();
  const alternatives = compileAlternatives(source);
  let tests: readonly ((path: string) => boolean)[] | null = null;
  const matches = (path: string) => {
    tests ??= alternatives.map(matcher);
    return tests.some(test => test(path));
  };
  const pattern = { source, alternatives, places: alternatives.map(placeOf), matches };
  patterns.set(source, pattern);
  return pattern;
}

/** A scope is compared with others whenever anything changes and hardly ever changes itself: each is compiled once. */
export function compileScope(scope: Scope): CompiledScope {
  const known = scopes.get(scope);
  if (known !== undefined) return known;
  const allowed: Pattern[] = [];
  const excluded: Pattern[] = [];
  for (const path of scope.paths) {
    const bangs = /^!*(?!\()/.exec(path)?.[0].length ?? 0;
    (bangs % 2 === 1 ? excluded : allowed).push(compilePattern(path.slice(bangs)));
  }
  const everything = allowed.length === 0 && excluded.length > 0;
  const compiled = { allowed: everything ? [compilePattern('**')] : allowed, excluded };
  scopes.set(scope, compiled);
  return compiled;
}

/** May two patterns match a common path? Errs towards `true`. */
export function overlapping(a: Pattern, b: Pattern): boolean {
  return a.alternatives.some(left => b.alternatives.some(right => alternativesOverlap(left, right)));
}

/** Folds a path as patterns are folded, and resolves `.` and `..` in it. */
export function foldFile(path: string): string {
  const parts: string[] = [];
  for (const part of foldPath(path).split('/')) {
    if (part === '' || part === '.') continue;
    if (part === '..' && parts.length > 0 && parts.at(-1) !== '..') parts.pop();
    else parts.push(part);
  }
  return parts.join('/');
}

function placeOf({ segments, fixed }: Alternative): Place {
  const path = segments.slice(0, fixed).join('/');
  const above: string[] = [];
  for (let end = path.lastIndexOf('/'); end >= 0; end = path.lastIndexOf('/', end - 1)) above.push(path.slice(0, end));
  if (path !== '') above.push('');
  return { path, above };
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
