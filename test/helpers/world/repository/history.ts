import type { Oid } from '../../../../source/domain/ids.ts';

/** Path → content. Every line of the ROADMAP is a path of its own below `ROADMAP.md#`, so that merges see lines. */
export type Tree = ReadonlyMap<string, string>;

export interface Commit {
  readonly oid: Oid;
  readonly parents: readonly Oid[];
  readonly tree: Tree;
  /** Itself and all commits it can be reached back to from. */
  readonly ancestors: ReadonlySet<Oid>;
  /** The head whose work a squashed commit holds. */
  readonly squashed: Oid | null;
}

export type Merge =
  | { readonly outcome: 'clean'; readonly tree: Tree; readonly empty: boolean }
  | { readonly outcome: 'conflict'; readonly paths: readonly string[] };

/** Commits that never change, and what follows from them. */
export class History {
  readonly #commits = new Map<Oid, Commit>();
  readonly #trees = new Map<string, Oid>();

  commit(parents: readonly Oid[], tree: Tree, squashed: Oid | null = null): Oid {
    const oid = (this.#commits.size + 1).toString(16).padStart(40, '0');
    const ancestors = new Set<Oid>([oid]);
    for (const parent of parents) for (const one of this.get(parent).ancestors) ancestors.add(one);
    this.#commits.set(oid, { oid, parents, tree, ancestors, squashed });
    return oid;
  }

  /** The object id of what a commit holds. */
  treeOf(oid: Oid): Oid {
    const content = JSON.stringify([...this.get(oid).tree].sort());
    const known = this.#trees.get(content);
    if (known !== undefined) return known;
    const tree = (this.#trees.size + 1).toString(16).padStart(40, 'e');
    this.#trees.set(content, tree);
    return tree;
  }

  get(oid: Oid): Commit {
    const commit = this.#commits.get(oid);
    if (commit === undefined) throw new Error(`the world has no commit ${oid}`);
    return commit;
  }

  isAncestor(ancestor: Oid, descendant: Oid): boolean {
    return this.get(descendant).ancestors.has(ancestor);
  }

  /** The latest common ancestor; commits are numbered in the order in which they were made. */
  mergeBase(a: Oid, b: Oid): Oid {
    const other = this.get(b).ancestors;
    let best = '';
    for (const oid of this.get(a).ancestors) if (oid > best && other.has(oid)) best = oid;
    return best;
  }

  merge(ours: Oid, theirs: Oid): Merge {
    const { tree } = this.get(this.mergeBase(ours, theirs));
    return mergeTrees(tree, this.get(ours).tree, this.get(theirs).tree);
  }

  /** What `onto` is with all that `theirs` has changed since `from`. */
  mergeOnto(from: Oid, onto: Oid, theirs: Oid): Merge {
    return mergeTrees(this.get(from).tree, this.get(onto).tree, this.get(theirs).tree);
  }

  /** What `onto` is without what `commit` brought to its first parent. */
  revert(onto: Oid, commit: Oid): Merge {
    const { tree, parents } = this.get(commit);
    return mergeTrees(tree, this.get(onto).tree, this.get(parents[0] ?? commit).tree);
  }

  /** Files that differ between two commits. */
  changes(from: Oid, to: Oid): readonly string[] {
    const [before, after] = [this.get(from).tree, this.get(to).tree];
    const paths = new Set([...before.keys(), ...after.keys()].filter(path => before.get(path) !== after.get(path)));
    return [...new Set([...paths].map(fileOf))].sort();
  }
}

function mergeTrees(base: Tree, left: Tree, right: Tree): Merge {
  const tree = new Map(left);
  const paths: string[] = [];
  for (const path of new Set([...base.keys(), ...right.keys()])) {
    const [from, mine, their] = [base.get(path), left.get(path), right.get(path)];
    if (their === from || their === mine) continue;
    if (mine !== from) paths.push(path);
    else if (their === undefined) tree.delete(path);
    else tree.set(path, their);
  }
  return paths.length > 0
    ? { outcome: 'conflict', paths: paths.map(fileOf).sort() }
    : { outcome: 'clean', tree, empty: sameTree(tree, left) };
}

/** The file that a path stands for. */
export function fileOf(path: string): string {
  const at = path.indexOf('#');
  return at < 0 ? path : path.slice(0, at);
}

export function sameTree(a: Tree, b: Tree): boolean {
  if (a.size !== b.size) return false;
  for (const [path, content] of a) if (b.get(path) !== content) return false;
  return true;
}
