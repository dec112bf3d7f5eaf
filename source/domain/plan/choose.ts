/** Steps of the exact search before it settles for what it has; far more than 40 items of the worst kind need. */
const searchBudget = 60_000;

/**
 * Picks the largest set of `0 … count - 1` that has no conflict within it and at most `limit` members; among sets of that size the one
 * that comes first (the earliest numbers win). Exact for every size met in practice; a hostile graph of hundreds gets a very good set
 * in bounded time.
 */
export function chooseLargest(
  count: number,
  limit: number,
  conflicts: (a: number, b: number) => boolean,
): readonly number[] {
  const all = Array.from({ length: count }, (_, index) => index);
  const inOrder = takeInOrder(all, limit, conflicts);
  if (inOrder.length >= Math.min(limit, count)) return inOrder;
  return new LargestSet(all, limit, conflicts).find(inOrder);
}

/** Looks a conflict up at most once. */
export function memoised<T>(items: readonly T[], clash: (a: T, b: T) => boolean): (a: number, b: number) => boolean {
  const known = new Map<number, boolean>();
  return (a, b) => {
    const key = Math.min(a, b) * items.length + Math.max(a, b);
    const before = known.get(key);
    if (before !== undefined) return before;
    const left = items[a];
    const right = items[b];
    const answer = left !== undefined && right !== undefined && clash(left, right);
    known.set(key, answer);
    return answer;
  };
}

function takeInOrder(
  candidates: readonly number[],
  limit: number,
  conflicts: (a: number, b: number) => boolean,
): readonly number[] {
  const taken: number[] = [];
  for (const one of candidates) {
    if (taken.length >= limit) break;
    if (!taken.some(other => conflicts(one, other))) taken.push(one);
  }
  return taken;
}

class LargestSet {
  readonly #neighbours: readonly ReadonlySet<number>[];
  #steps = 0;

  constructor(
    readonly all: readonly number[],
    readonly limit: number,
    conflicts: (a: number, b: number) => boolean,
  ) {
    this.#neighbours = all.map(one => new Set(all.filter(other => other !== one && conflicts(one, other))));
  }

  /** `fallback` is a valid set; a larger one is looked for. */
  find(fallback: readonly number[]): readonly number[] {
    const sparse = this.#sparsestFirst();
    const known = sparse.length > fallback.length ? sparse : fallback;
    let size = Math.min(this.limit, this.all.length);
    while (size > known.length && !this.#holds(this.all, size)) size -= 1;
    const first = this.#firstOfSize(size);
    return first.length >= known.length ? first : known;
  }

  /** The set of exactly `size` members that comes first, built member by member. */
  #firstOfSize(size: number): readonly number[] {
    const taken: number[] = [];
    let open = this.all;
    while (taken.length < size) {
      const next = open.find(one => this.#holds(this.#without(open, one, true), size - taken.length - 1));
      if (next === undefined) break;
      taken.push(next);
      open = this.#without(open, next, true);
    }
    return taken;
  }

  #sparsestFirst(): readonly number[] {
    const taken: number[] = [];
    let open = this.all;
    while (open.length > 0 && taken.length < this.limit) {
      const next = this.#extreme(open, -1);
      taken.push(next);
      open = this.#without(open, next, false);
    }
    return taken.sort((a, b) => a - b);
  }

  /** Is there a conflict-free set of `size` members within `open`? "No" as well once the budget is spent. */
  #holds(open: readonly number[], size: number): boolean {
    if (size <= 0) return true;
    if (open.length < size || this.#steps > searchBudget) return false;
    this.#steps += 1;
    const sparsest = this.#extreme(open, -1);
    if (this.#degree(sparsest, open) <= 1) return this.#holds(this.#without(open, sparsest, false), size - 1);
    const densest = this.#extreme(open, 1);
    if (this.#holds(this.#without(open, densest, false), size - 1)) return true;
    return this.#holds(
      open.filter(one => one !== densest),
      size,
    );
  }

  /** `open` without `one` and what conflicts with it; with `later`, also without what comes before it. */
  #without(open: readonly number[], one: number, later: boolean): readonly number[] {
    const banned = this.#neighbours[one];
    return open.filter(other => other !== one && !(later && other < one) && banned?.has(other) !== true);
  }

  #extreme(open: readonly number[], sign: 1 | -1): number {
    let best = open[0] ?? 0;
    let bestDegree = Number.NEGATIVE_INFINITY;
    for (const one of open) {
      const degree = this.#degree(one, open) * sign;
      if (degree > bestDegree) [best, bestDegree] = [one, degree];
    }
    return best;
  }

  #degree(one: number, open: readonly number[]): number {
    const own = this.#neighbours[one];
    return own === undefined ? 0 : open.reduce((sum, other) => sum + (own.has(other) ? 1 : 0), 0);
  }
}
