import type { Item } from '../../item.ts';

/** Sets of items that all wait for each other, whatever stands outside of `items` left out; sets and members in the order of `items`. */
export function knotsAmong(
  items: readonly Item[],
  dependencies: (item: Item) => readonly (Item | null)[],
): readonly (readonly Item[])[] {
  const places = new Map(items.map((item, index) => [item, index]));
  const edges = items.map(item =>
    dependencies(item).flatMap(other => (other === null ? [] : (places.get(other) ?? []))),
  );
  const knots = findKnots(items.length, node => edges[node] ?? []);
  const inOrder = knots.toSorted(([a = 0], [b = 0]) => a - b);
  return inOrder.map(knot => knot.map(index => items[index]).filter(item => item !== undefined));
}

/**
 * Sets of nodes that can all reach each other, and single nodes with an edge to themselves: whatever lies on a cycle lies in exactly one of
 * them (Tarjan's algorithm, without recursion, so that a chain of thousands does not exhaust the stack). Each in ascending order.
 */
function findKnots(count: number, edges: (node: number) => readonly number[]): readonly (readonly number[])[] {
  const knots: (readonly number[])[] = [];
  const order = new Int32Array(count).fill(-1);
  const lowest = new Int32Array(count);
  const waiting = new Uint8Array(count);
  const open: number[] = [];
  const path: { readonly node: number; next: number }[] = [];
  let visited = 0;
  const enter = (node: number) => {
    order[node] = lowest[node] = visited++;
    waiting[node] = 1;
    open.push(node);
    path.push({ node, next: 0 });
  };
  const lower = (node: number, to: number) => {
    lowest[node] = Math.min(lowest[node] ?? 0, to);
  };
  const leave = (node: number) => {
    if (lowest[node] !== order[node]) return;
    const knot = open.splice(open.lastIndexOf(node));
    for (const member of knot) waiting[member] = 0;
    if (knot.length > 1 || edges(node).includes(node)) knots.push(knot.sort((a, b) => a - b));
  };
  for (let start = 0; start < count; start += 1) {
    if (order[start] === -1) enter(start);
    for (let at = path.at(-1); at !== undefined; at = path.at(-1)) {
      const to = edges(at.node)[at.next++];
      if (to === undefined) {
        path.pop();
        leave(at.node);
        const parent = path.at(-1);
        if (parent !== undefined) lower(parent.node, lowest[at.node] ?? 0);
      } else if (order[to] === -1) enter(to);
      else if (waiting[to] === 1) lower(at.node, order[to] ?? 0);
    }
  }
  return knots;
}
