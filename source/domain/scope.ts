import type { Scope } from './item.ts';
import { alternativeWithin } from './scope/glob.ts';
import { compilePattern, compileScope, foldFile, overlapping, type Pattern } from './scope/pattern.ts';

/** May the two scopes touch a common path? `unknown` may touch anything. Errs towards `true`. */
export function scopesOverlap(a: Scope, b: Scope): boolean {
  if (a.kind === 'unknown' || b.kind === 'unknown') return true;
  return firstShared(a, b) !== null;
}

/** Does the scope allow a change of `path` (relative to the repository root)? An `unknown` scope forbids nothing. */
export function scopeCovers(scope: Scope, path: string): boolean {
  if (scope.kind === 'unknown') return true;
  const folded = foldFile(path);
  const { allowed, excluded } = compileScope(scope);
  return allowed.some(pattern => pattern.matches(folded)) && !excluded.some(pattern => pattern.matches(folded));
}

/** The paths that two overlapping scopes have in common, for a sentence; the empty string where they have none to name. */
export function sharedPaths(a: Scope, b: Scope): string {
  if (a.kind === 'unknown' || b.kind === 'unknown') return '';
  const shared = firstShared(a, b);
  return shared === null ? '' : describeShared(...shared);
}

/** Does one path pattern match `path`? */
export function patternMatches(pattern: string, path: string): boolean {
  return compilePattern(pattern).matches(foldFile(path));
}

/** May two patterns match a common path? Errs towards `true`. */
export function patternsOverlap(a: string, b: string): boolean {
  return overlapping(compilePattern(a), compilePattern(b));
}

/** Is everything that `inner` names also named by `outer`? Errs towards `false`. */
export function patternWithin(inner: string, outer: string): boolean {
  const outside = compilePattern(outer).alternatives;
  return compilePattern(inner).alternatives.every(one => outside.some(other => alternativeWithin(one, other)));
}

function firstShared(a: Scope, b: Scope): readonly [Pattern, Pattern] | null {
  const right = compileScope(b).allowed;
  for (const left of compileScope(a).allowed) {
    const other = right.find(pattern => overlapping(left, pattern));
    if (other !== undefined) return [left, other];
  }
  return null;
}

function describeShared(a: Pattern, b: Pattern): string {
  if (a.source === b.source) return a.source;
  if (patternWithin(a.source, b.source)) return a.source;
  if (patternWithin(b.source, a.source)) return b.source;
  return `${a.source} and ${b.source}`;
}
