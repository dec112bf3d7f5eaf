import type { Oid, RunId } from '../../../../source/domain/ids.ts';
import type { LandingStyle } from '../../../../source/domain/queue/landing-style.ts';
import type {
  BranchesPort,
  BranchResult,
  ReplayResult,
  RestoreResult,
  UndoResult,
} from '../../../../source/ports/branches.ts';
import type {
  BranchFacts,
  CleanResult,
  CreateWorktreeResult,
  GitObservation,
  GitPort,
  LandRequest,
  LandResult,
  Prediction,
  PrepareRequest,
  PrepareResult,
} from '../../../../source/ports/git.ts';
import { fileOf, History, sameTree, type Tree } from './history.ts';

export interface Worktree {
  readonly path: string;
  runId: RunId | null;
  branch: string | null;
  /** Where a detached worktree stands. */
  detached: Oid | null;
  exists: boolean;
  operation: string | null;
  readonly dirty: Set<string>;
}

/** How the target was moved: by its user, by a landing, by a status line, or by taking a landing back. */
export interface Move {
  readonly by: 'user' | 'landing' | 'status' | 'undo';
  readonly from: Oid | null;
  readonly to: Oid | null;
  readonly runId: RunId | null;
}

type Request<K extends keyof GitPort> = Parameters<GitPort[K]>[0];
type UndoRequest = Parameters<BranchesPort['undoLanding']>[0];

/**
 * A repository as the git adapter shows it, in memory. Every operation happens at once or not at all; crashes fall between operations.
 * The names of its operations are those of the port.
 */
export class Repository {
  readonly history = new History();
  readonly refs = new Map<string, Oid>();
  readonly worktrees = new Map<string, Worktree>();
  /** The user's uncommitted files, as they are on disk. */
  readonly dirty = new Map<string, string>();
  /** What the user has checked out; null: nothing that has a name. */
  userBranch: string | null;
  readonly moves: Move[] = [];
  /** What was built to land: the commit that it is built on, and the head whose work it holds. */
  readonly built = new Map<Oid, { readonly base: Oid; readonly head: Oid }>();
  readonly target: string;

  /** It says what its branches were begun from; otherwise none of them brings anything back. */
  readonly tellsLineage: boolean;

  constructor(target: string, tree: Tree, tellsLineage = false) {
    this.tellsLineage = tellsLineage;
    this.target = target;
    this.userBranch = target;
    this.refs.set(branchRef(target), this.history.commit([], tree));
  }

  tip(branch: string): Oid | null {
    return this.refs.get(branchRef(branch)) ?? null;
  }

  moveTarget(by: Move['by'], to: Oid | null, runId: RunId | null = null): void {
    this.moves.push({ by, from: this.tip(this.target), to, runId });
    if (to === null) this.refs.delete(branchRef(this.target));
    else this.refs.set(branchRef(this.target), to);
  }

  createWorktree({ runId, branchName, path, target }: Request<'createWorktree'>): CreateWorktreeResult {
    const base = this.tip(target);
    if (base === null) return { outcome: 'failed', message: `The target branch ${target} does not exist.` };
    const own = this.worktrees.get(path);
    if (own?.runId === runId && own.branch === branchName && this.tip(branchName) !== null) {
      return { outcome: 'created', base: this.refs.get(`refs/base/${runId}`) ?? base };
    }
    if (this.tip(branchName) !== null) return { outcome: 'taken', what: 'branch', message: `There is ${branchName}.` };
    if (own !== undefined) return { outcome: 'taken', what: 'path', message: `${path} already exists.` };
    this.refs.set(branchRef(branchName), base);
    // Not a ref of git's: it stands for the note that the adapter keeps of a worktree being made.
    this.refs.set(`refs/base/${runId}`, base);
    this.worktrees.set(path, newWorktree(path, runId, branchName));
    return { outcome: 'created', base };
  }

  restore(branch: string, head: Oid): RestoreResult {
    if (this.tip(branch) === null) this.refs.set(branchRef(branch), head);
    return { outcome: 'restored', head: this.tip(branch) ?? head };
  }

  inspect({ branchName, worktreePath, base, target }: Request<'inspect'>): BranchFacts {
    const worktree = this.worktrees.get(worktreePath);
    const exists = worktree?.exists === true;
    const tree = {
      dirty: exists ? [...worktree.dirty] : [],
      operation: exists ? worktree.operation : null,
      checkedOut: exists ? worktree.branch : null,
      worktreeExists: exists,
      escapingLinks: [],
    };
    const head = this.tip(branchName);
    if (head === null) return { head, commits: 0, files: [], ...tree };
    const tip = this.tip(target);
    const fresh = this.#work(head, [tip, base]);
    const lineage = this.tellsLineage && tip !== null && base !== null ? this.#lineage(head, tip, base) : {};
    return { head, ...(fresh.commits > 0 || base === null ? fresh : this.#work(head, [base])), ...tree, ...lineage };
  }

  /** What the branch was begun from, and would bring to a target that does not hold it. */
  #lineage(head: Oid, tip: Oid, base: Oid): Pick<BranchFacts, 'base' | 'returning'> {
    const { history } = this;
    if (history.isAncestor(head, tip)) return {};
    if (history.isAncestor(base, tip) || !history.isAncestor(base, head)) {
      const from = history.mergeBase(tip, head);
      return from === base ? {} : { base: from };
    }
    const back = [...history.get(base).ancestors].filter(oid => !history.isAncestor(oid, tip));
    return { returning: { count: back.length, commits: back.map(oid => ({ oid, subject: 'Work' })), last: base } };
  }

  /** A run's commits since `base` as one commit on the tip of the target, and its branch there. */
  replay({
    branchName,
    target,
    head,
    base,
    update,
  }: {
    readonly branchName: string;
    readonly target: string;
    readonly head: Oid;
    readonly base: Oid;
    readonly update: boolean;
  }): ReplayResult {
    const { history } = this;
    const tip = this.tip(branchName);
    const onto = this.tip(target);
    if (tip !== head) return { outcome: 'moved', head: tip };
    if (onto === null) return { outcome: 'blocked', message: `There is no ${target}.` };
    if (history.isAncestor(update ? onto : base, update ? head : onto)) return { outcome: 'not-needed' };
    const from = history.isAncestor(base, head) ? base : history.mergeBase(onto, head);
    const merge = history.mergeOnto(from, onto, head);
    if (merge.outcome === 'conflict') return { outcome: 'conflict', oid: head, subject: 'Work', paths: merge.paths };
    const made = history.commit([onto], merge.tree);
    this.refs.set(`refs/cm/old/${branchName}/${head}`, head);
    this.refs.set(branchRef(branchName), made);
    return { outcome: 'replayed', head: made };
  }

  /** Commits beyond `known`, and the files that they change. */
  #work(head: Oid, known: readonly (Oid | null)[]): Pick<BranchFacts, 'commits' | 'files'> {
    const excluded = known.filter(oid => oid !== null);
    const [first] = excluded;
    if (first === undefined) return { commits: 0, files: [] };
    const commits = [...this.history.get(head).ancestors].filter(
      oid => !excluded.some(other => this.history.isAncestor(oid, other)),
    ).length;
    const files = this.history.changes(this.history.mergeBase(first, head), head).map(path => ({
      path,
      change: 'M' as const,
      oldMode: '100644',
      newMode: '100644',
      insertions: 1,
      deletions: 1,
      binary: false,
    }));
    return { commits, files };
  }

  predict(target: string, head: Oid): Prediction {
    const base = this.tip(target);
    if (base === null) return { outcome: 'unknown', message: 'There is no target.' };
    const merge = this.history.merge(base, head);
    if (merge.outcome === 'conflict') return { outcome: 'conflict', base, head, paths: merge.paths };
    return merge.empty ? { outcome: 'empty', base, head } : { outcome: 'clean', base, head, tree: head };
  }

  prepare({ slug, target, branchName, head, style, status, onto }: PrepareRequest): PrepareResult {
    const base = onto ?? this.tip(target);
    const tip = this.tip(branchName);
    if (tip !== head) return { outcome: 'moved', head: tip };
    if (base === null) return { outcome: 'failed', message: `The target branch ${target} does not exist.` };
    const merge = this.history.merge(base, head);
    if (merge.outcome === 'conflict') return merge;
    if (merge.empty) return { outcome: 'empty' };
    const withheld = status === null || (this.userBranch === target && this.isDirty(status.path));
    const tree = withheld ? merge.tree : withStatus(merge.tree, status);
    if (style === 'ff' && !this.history.isAncestor(base, head))
      return { outcome: 'failed', message: `${branchName} is not built on ${target}.`, base };
    const candidate = this.#build(style ?? 'merge', { base, head, tree, merged: merge.tree });
    this.built.set(candidate, { base, head });
    const earlier = this.refs.get(`refs/cm/head/${slug}`);
    if (earlier !== undefined && earlier !== head) this.refs.set(`refs/cm/head/${slug}-${earlier}`, earlier);
    this.refs.set(`refs/cm/head/${slug}`, head);
    this.refs.set(`refs/cm/cand/${slug}`, candidate);
    return { outcome: 'prepared', candidate, base, statusWritten: !withheld, tree: this.history.treeOf(candidate) };
  }

  /** A merge has both for parents, a squash the target alone; with the other styles a status line is a commit of its own. */
  #build(
    style: LandingStyle,
    {
      base,
      head,
      tree,
      merged,
    }: { readonly base: Oid; readonly head: Oid; readonly tree: Tree; readonly merged: Tree },
  ): Oid {
    const { history } = this;
    if (style === 'merge') return history.commit([base, head], tree);
    if (style === 'squash') return history.commit([base], tree, head);
    const own = style === 'ff' ? head : history.commit([base], merged, head);
    return sameTree(tree, merged) ? own : history.commit([own], tree, head);
  }

  land({ runId, slug, target, base, candidate, approved, with: others = [] }: LandRequest): LandResult {
    const tip = this.tip(target);
    if (tip === null) return { outcome: 'target-moved', tip, rewound: true };
    if (tip !== base) {
      if (this.history.isAncestor(candidate, tip)) return { outcome: 'landed' };
      return { outcome: 'target-moved', tip, rewound: !this.history.isAncestor(base, tip) };
    }
    if (!this.history.isAncestor(base, candidate)) return { outcome: 'failed', message: 'Built on another base.' };
    for (const { branchName, head } of [approved ?? [], others.map(one => one.approved)].flat())
      if (this.tip(branchName) !== head) return { outcome: 'head-moved', head: this.tip(branchName), branchName };
    const blocking = this.#inTheWay(target, base, candidate);
    if (blocking.length > 0) return { outcome: 'blocked', message: `Your changes are in the way.`, paths: blocking };
    this.moveTarget('landing', candidate, runId);
    for (const one of [{ slug, candidate }, ...others]) this.refs.set(`refs/cm/landed/${one.slug}`, one.candidate);
    return { outcome: 'landed' };
  }

  undoLanding({ slug, target, landed, base, branches }: UndoRequest, runId: RunId): UndoResult {
    const tip = this.tip(target);
    if (!this.history.isAncestor(base, landed)) return { outcome: 'failed', message: 'Built on another base.' };
    const holders = branches.filter(name => this.#holds(this.tip(name), landed));
    if (holders.length > 0) return { outcome: 'built-on', branches: holders };
    if (tip !== landed) return { outcome: 'elsewhere', tip };
    const blocking = this.#inTheWay(target, landed, base);
    if (blocking.length > 0) return { outcome: 'blocked', message: 'Your changes are in the way.', paths: blocking };
    this.moveTarget('undo', base, runId);
    this.refs.delete(`refs/cm/landed/${slug}`);
    this.refs.set(`refs/cm/cand/${slug}`, landed);
    return { outcome: 'moved' };
  }

  #holds(tip: Oid | null, commit: Oid): boolean {
    return tip !== null && this.history.isAncestor(commit, tip);
  }

  createBranch(name: string, head: Oid): BranchResult {
    if (this.tip(name) !== null) return { outcome: 'taken' };
    this.refs.set(branchRef(name), head);
    return { outcome: 'created', head };
  }

  writeStatus({ target, status }: Request<'writeStatus'>, runId: RunId): boolean {
    const tip = this.tip(target);
    if (tip === null || (this.userBranch === target && this.isDirty(status.path))) return false;
    const { tree } = this.history.get(tip);
    const changed = withStatus(tree, status);
    if (changed === tree) return true;
    this.moveTarget('status', this.history.commit([tip], changed), runId);
    return true;
  }

  clean(request: Request<'clean'>): CleanResult {
    const { slug, branchName, worktreePath, target, confirmedLoss, landed } = request;
    const worktree = this.worktrees.get(worktreePath);
    const tip = this.tip(branchName);
    const into = this.tip(target);
    const lost = [...(worktree?.dirty ?? [])].filter(path => !confirmedLoss.includes(path));
    if (lost.length > 0) return { outcome: 'kept', reasons: lost.map(path => `${path} would be lost.`) };
    if (into === null) return { outcome: 'kept', reasons: [`${target} does not exist.`] };
    const squashed = landed !== null && this.built.get(landed)?.head === tip;
    const isOn = (oid: Oid) => this.history.isAncestor(oid, into);
    if (tip !== null && !isOn(tip) && !(landed !== null && isOn(landed) && squashed)) {
      return { outcome: 'kept', reasons: [`${branchName} holds work that is not on ${target}.`] };
    }
    if (worktree !== undefined && worktree.branch !== branchName) {
      return { outcome: 'kept', reasons: [`${worktreePath} does not have ${branchName} checked out.`] };
    }
    if (tip !== null) this.refs.set(`refs/cm/head/${slug}-${tip}`, tip);
    this.worktrees.delete(worktreePath);
    this.refs.delete(branchRef(branchName));
    return { outcome: 'removed', rescued: [] };
  }

  observe(branchPrefix: string, folders: readonly string[]): GitObservation {
    const branches: Record<string, Oid> = {};
    const pins: Record<string, Oid> = {};
    for (const [name, oid] of this.refs) {
      const short = name.startsWith('refs/heads/') ? name.slice('refs/heads/'.length) : null;
      if (short === null) pins[name] = oid;
      else if (short === this.target || short.startsWith(branchPrefix)) branches[short] = oid;
    }
    const worktrees = [...this.worktrees.values()].map(({ path, branch, detached, exists, runId }) => ({
      path,
      branchName: branch,
      head: branch === null ? detached : this.tip(branch),
      lockedReason: runId === null ? null : `cm-tui ${runId}`,
      prunable: !exists,
      exists,
    }));
    const missing = folders.filter(path => this.worktrees.get(path)?.exists !== true);
    return { worktrees, branches, pins, targetTip: this.tip(this.target), missing };
  }

  /** Commits that some ref or worktree leads to. */
  reachable(): ReadonlySet<Oid> {
    const found = new Set<Oid>();
    const roots = [...this.refs.values(), ...[...this.worktrees.values()].map(one => one.detached)];
    for (const root of roots) {
      if (root === null || found.has(root)) continue;
      for (const oid of this.history.get(root).ancestors) found.add(oid);
    }
    return found;
  }

  isDirty(file: string): boolean {
    return [...this.dirty.keys()].some(path => fileOf(path) === file);
  }

  /** The user's files that a move of the target would write over. */
  #inTheWay(target: string, from: Oid, to: Oid): readonly string[] {
    return this.userBranch === target ? this.history.changes(from, to).filter(file => this.isDirty(file)) : [];
  }
}

/** The tree with an item's status set; the same where that changes nothing. What is not complete is not set back. */
function withStatus(
  tree: ReadonlyMap<string, string>,
  { path, itemKey, to = 'complete' }: Request<'writeStatus'>['status'],
): ReadonlyMap<string, string> {
  const line = `${path}#${itemKey}`;
  const now = tree.get(line);
  return now === to || (to === 'planned' && now !== 'complete') ? tree : new Map(tree).set(line, to);
}

export function branchRef(name: string): string {
  return `refs/heads/${name}`;
}

export function newWorktree(path: string, runId: RunId | null, branch: string | null): Worktree {
  return { path, runId, branch, detached: null, exists: true, operation: null, dirty: new Set() };
}
