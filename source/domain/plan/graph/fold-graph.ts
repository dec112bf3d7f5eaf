/**
 * Works a value out for every node that can be reached, from the values of the nodes it leads to; an edge back to a node that is still
 * being worked out (a cycle) counts for nothing. Without recursion, so that a chain of thousands does not exhaust the stack.
 */
export function foldGraph<N, V>(
  nodes: Iterable<N>,
  next: (node: N) => readonly N[],
  combine: (node: N, behind: readonly V[]) => V,
): ReadonlyMap<N, V> {
  const known = new Map<N, V>();
  const begun = new Set<N>();
  for (const start of nodes) {
    const path = begun.has(start) ? [] : [{ node: start, edges: next(start), at: 0 }];
    begun.add(start);
    for (let step = path.at(-1); step !== undefined; step = path.at(-1)) {
      const to = step.edges[step.at++];
      if (to === undefined) {
        const behind = step.edges.map(node => known.get(node)).filter(value => value !== undefined);
        known.set(step.node, combine(step.node, behind));
        path.pop();
      } else if (!begun.has(to)) {
        begun.add(to);
        path.push({ node: to, edges: next(to), at: 0 });
      }
    }
  }
  return known;
}
