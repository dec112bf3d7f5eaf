import type { Scope } from '../item.ts';
import { compileScope, overlapping, type Pattern } from './pattern.ts';

interface Entry<T> {
  readonly pattern: Pattern;
  readonly value: T;
}

/**
 * Finds what overlaps a scope among many without comparing it with each of them. Two patterns can only meet where the names before the
 * first wildcard of one begin with those of the other, so every pattern stands under that path and under the folders above it.
 * Unknown scopes are in no index: whoever asks decides what they mean.
 */
export class ScopeIndex<T> {
  /** Patterns by the path before their first wildcard. */
  readonly #at = new Map<string, Entry<T>[]>();
  /** The same under each folder above that path. */
  readonly #below = new Map<string, Entry<T>[]>();

  add(scope: Scope, value: T): void {
    if (scope.kind === 'unknown') return;
    for (const pattern of compileScope(scope).allowed) {
      const entry = { pattern, value };
      for (const { path, above } of pattern.places) {
        push(this.#at, path, entry);
        for (const folder of above) push(this.#below, folder, entry);
      }
    }
  }

  /** Does `test` hold for a value whose scope overlaps this one? It may be asked about one value more than once. */
  some(scope: Scope, test: (value: T) => boolean): boolean {
    if (scope.kind === 'unknown') return false;
    return compileScope(scope).allowed.some(pattern => this.#someOf(pattern, test));
  }

  /** The patterns of a scope that overlap a value for which `test` holds. */
  shared(scope: Scope, test: (value: T) => boolean): readonly Pattern[] {
    if (scope.kind === 'unknown') return [];
    return compileScope(scope).allowed.filter(pattern => this.#someOf(pattern, test));
  }

  #someOf(pattern: Pattern, test: (value: T) => boolean): boolean {
    const hits = (entry: Entry<T>) => overlapping(pattern, entry.pattern) && test(entry.value);
    return pattern.places.some(
      ({ path, above }) =>
        this.#at.get(path)?.some(hits) === true ||
        this.#below.get(path)?.some(hits) === true ||
        above.some(folder => this.#at.get(folder)?.some(hits) === true),
    );
  }
}

function push<T>(map: Map<string, T[]>, key: string, value: T): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}
