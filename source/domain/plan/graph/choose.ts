import { type Graph, LargestSet } from './largest-set.ts';

/** Pairs compared before the exact search makes do with the candidates compared so far: all pairs of 300, or more where few conflict. */
const comparisonBudget = 45_000;

export type Conflicting<T> = (a: T, b: T) => boolean;
/**
 * Visits the places of whatever comes before `one` and conflicts with it, perhaps more than once, until `visit` returns true. Asked once
 * about each candidate, in their order.
 */
export type Neighbours<T> = (one: T, visit: (place: number) => boolean) => void;

/**
 * Picks the largest set of candidates that has no conflict within it and at most `limit` members; among sets of that size the one that
 * comes first (the earliest candidates win). Exact for every size met in practice. A hostile lot gets, after a bounded number of steps,
 * a set that is never smaller than the one taken in order.
 */
export function chooseLargest<T>(
  candidates: readonly T[],
  limit: number,
  conflicts: Conflicting<T>,
  neighbours?: Neighbours<T>,
): readonly T[] {
  const inOrder = takeInOrder(candidates, limit, conflicts);
  // Taken in order and as large as can be, it is also the set that comes first.
  if (inOrder.length >= Math.min(limit, candidates.length)) return inOrder;
  const graph = neighbours === undefined ? comparePairs(candidates, conflicts) : gather(candidates, neighbours);
  const larger = new LargestSet(graph, limit).findMoreThan(inOrder.length);
  return larger.length === 0 ? inOrder : larger.map(at => candidates[at]).filter(one => one !== undefined);
}

/** One after the other, whatever counts and conflicts with none that is taken already. */
export function takeInOrder<T>(
  candidates: readonly T[],
  limit: number,
  conflicts: Conflicting<T>,
  counts: (one: T) => boolean = () => true,
): readonly T[] {
  const taken: T[] = [];
  for (const one of candidates) {
    if (taken.length >= limit) break;
    if (!taken.some(other => conflicts(one, other)) && counts(one)) taken.push(one);
  }
  return taken;
}

function comparePairs<T>(candidates: readonly T[], conflicts: Conflicting<T>): Graph {
  const few = candidates.slice(0, Math.floor(Math.sqrt(2 * comparisonBudget)));
  const before: T[] = [];
  return gather(few, (one, visit) => {
    before.forEach((other, place) => {
      if (conflicts(one, other)) visit(place);
    });
    before.push(one);
  });
}

/** What conflicts with each candidate, as far as the budget reaches. */
function gather<T>(candidates: readonly T[], neighbours: Neighbours<T>): Graph {
  const graph: number[][] = [];
  let left = comparisonBudget;
  for (const one of candidates) {
    const own: number[] = [];
    neighbours(one, place => {
      const other = graph[place];
      if (other !== undefined && other.at(-1) !== graph.length) {
        other.push(graph.length);
        own.push(place);
      }
      left -= 1;
      return left < 0;
    });
    graph.push(own);
    if (left < 0) break;
  }
  return graph;
}
