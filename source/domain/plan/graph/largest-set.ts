/** For each node the nodes that conflict with it. */
export type Graph = readonly (readonly number[])[];

/** Nodes and conflicts looked at before the search makes do with what it has; far more than 40 nodes of the worst kind need. */
const stepBudget = 600_000;

/** Nodes that hang together by conflicts: those that may still be taken, and a largest set of them. */
interface Component {
  open: Set<number>;
  best: Set<number>;
}

/**
 * Searches a graph of conflicts for the largest set of at most `limit` nodes without a conflict, the earliest nodes first. Components
 * are solved apart; within one, nodes with at most one conflict are taken at once and the search branches on the rest.
 */
export class LargestSet {
  readonly #graph: Graph;
  readonly #limit: number;
  /** The search that a node is open in, and its conflicts within it. */
  readonly #openIn: Int32Array;
  readonly #degree: Int32Array;
  #searches = 0;
  #steps = 0;

  constructor(graph: Graph, limit: number) {
    this.#graph = graph;
    this.#limit = limit;
    this.#openIn = new Int32Array(graph.length);
    this.#degree = new Int32Array(graph.length);
  }

  /**
   * The set in ascending order, empty where none of more than `size` nodes is found. Within the budget it is the largest and, of those
   * of its size, the first.
   */
  findMoreThan(size: number): readonly number[] {
    const components = this.#components();
    const componentOf: Component[] = [];
    for (const component of components) for (const node of component.open) componentOf[node] = component;
    let known = components.reduce((sum, { best }) => sum + best.size, 0);
    const wanted = Math.min(this.#limit, known);
    if (wanted <= size) return [];
    const taken: number[] = [];
    for (let node = 0; taken.length < wanted && node < this.#graph.length; node += 1) {
      const component = componentOf[node];
      if (component === undefined || !component.open.has(node)) continue;
      const before = component.best.size;
      if (this.#take(component, node, wanted - taken.length - 1 - (known - before))) taken.push(node);
      known += component.best.size - before;
    }
    return taken;
  }

  /** Takes a node if its component then still holds a set of `needed` more, else gives it up. Nodes before it are settled. */
  #take(component: Component, node: number, needed: number): boolean {
    component.open.delete(node);
    if (component.best.delete(node)) {
      for (const other of this.#graph[node] ?? []) component.open.delete(other);
      return true;
    }
    const banned = new Set(this.#graph[node]);
    const open = [...component.open].filter(other => !banned.has(other));
    // With the node there can be no more than before.
    for (let size = component.best.size - 1; size >= Math.max(0, needed); size -= 1) {
      const best = this.#search(open, size);
      if (best === null) continue;
      component.open = new Set(open);
      component.best = new Set(best);
      return true;
    }
    return false;
  }

  #components(): readonly Component[] {
    const seen = new Uint8Array(this.#graph.length);
    return this.#graph.flatMap((_, start) => {
      if (seen[start] === 1) return [];
      seen[start] = 1;
      const open = [start];
      for (const node of open) {
        for (const other of this.#graph[node] ?? []) {
          if (seen[other] === 0) open.push(other);
          seen[other] = 1;
        }
      }
      open.sort((a, b) => a - b);
      return [{ open: new Set(open), best: new Set(this.#largest(open)) }];
    });
  }

  /** As large a set as there is in `open`, though no larger than the limit. */
  #largest(open: readonly number[]): readonly number[] {
    let best = this.#sparsestFirst(open);
    while (best.length < Math.min(this.#limit, open.length)) {
      const larger = this.#search(open, best.length + 1);
      if (larger === null) break;
      best = larger;
    }
    return best;
  }

  #sparsestFirst(open: readonly number[]): readonly number[] {
    const conflicts = (node: number) => this.#graph[node] ?? [];
    const banned = new Set<number>();
    const taken: number[] = [];
    for (const node of open.toSorted((a, b) => conflicts(a).length - conflicts(b).length)) {
      if (taken.length >= this.#limit) break;
      if (banned.has(node)) continue;
      taken.push(node);
      for (const other of conflicts(node)) banned.add(other);
    }
    return taken;
  }

  /** A set of `size` nodes of `open`; null where there is none, or once the budget is spent. */
  #search(open: readonly number[], size: number): readonly number[] | null {
    if (size <= 0) return [];
    if (open.length < size || this.#steps > stepBudget) return null;
    const search = this.#openFor(open);
    const conflicts = open.reduce((sum, node) => sum + (this.#degree[node] ?? 0), 0);
    if (conflicts * 2 > open.length * open.length) return this.#searchCrowd(open, size);
    const taken = this.#takeLoose(open, search);
    if (taken.length >= size) return taken.slice(0, size);
    const rest = open.filter(node => this.#openIn[node] === search);
    const densest = rest.reduce((most, one) => ((this.#degree[one] ?? 0) > (this.#degree[most] ?? 0) ? one : most), -1);
    if (densest < 0) return null;
    const left = size - taken.length;
    const others = rest.filter(node => node !== densest);
    const without = this.#search(others, left);
    if (without !== null) return [...taken, ...without];
    const banned = new Set(this.#graph[densest]);
    const withIt = this.#search(
      others.filter(node => !banned.has(node)),
      left - 1,
    );
    return withIt === null ? null : [...taken, densest, ...withIt];
  }

  /** Where most conflict with most, little is left beside any one node: each is tried with what comes after it. */
  #searchCrowd(open: readonly number[], size: number): readonly number[] | null {
    for (let at = 0; at + size <= open.length; at += 1) {
      const node = open[at] ?? 0;
      const banned = new Set(this.#graph[node]);
      this.#steps += banned.size + open.length - at;
      const found = this.#search(
        open.slice(at + 1).filter(other => !banned.has(other)),
        size - 1,
      );
      if (found !== null) return [node, ...found];
    }
    return null;
  }

  /** Opens nodes for a new search and counts their conflicts among each other. */
  #openFor(open: readonly number[]): number {
    const search = ++this.#searches;
    for (const node of open) this.#openIn[node] = search;
    for (const node of open) {
      const conflicts = this.#graph[node] ?? [];
      this.#degree[node] = conflicts.reduce((sum, other) => sum + (this.#openIn[other] === search ? 1 : 0), 0);
      this.#steps += 1 + conflicts.length;
    }
    return search;
  }

  /** Takes nodes with at most one conflict, which some largest set always holds, until there are none; closes them and that conflict. */
  #takeLoose(open: readonly number[], search: number): readonly number[] {
    const isOpen = (node: number) => this.#openIn[node] === search;
    const close = (node: number) => {
      this.#openIn[node] = 0;
    };
    const taken: number[] = [];
    const loose = open.filter(node => (this.#degree[node] ?? 0) <= 1);
    for (const node of loose) {
      if (!isOpen(node)) continue;
      taken.push(node);
      close(node);
      const conflict = this.#graph[node]?.find(isOpen);
      if (conflict === undefined) continue;
      close(conflict);
      for (const other of this.#graph[conflict] ?? []) {
        if (!isOpen(other)) continue;
        const degree = (this.#degree[other] ?? 0) - 1;
        this.#degree[other] = degree;
        if (degree <= 1) loose.push(other);
      }
    }
    return taken;
  }
}
