import type { Oid } from '../ids.ts';

/** An entry of the stash: a commit that nothing but the log of `refs/stash` names. */
export interface StashEntry {
  readonly oid: Oid;
  /** Sanitised; git's own (`WIP on main: …`) or the user's. */
  readonly message: string;
}

/** The branch on which git says that an entry was made, by the message that it gives it; null: it does not say. */
export function branchOfEntry({ message }: StashEntry): string | null {
  return /^(?:WIP on|On) (.+?): /.exec(message)?.[1] ?? null;
}

/** What a worktree of the user's has checked out. */
export interface UserTree {
  /** Short name; null: detached. */
  readonly branch: string | null;
  readonly head: Oid | null;
  /** Its folder is there. */
  readonly there: boolean;
}

/** Everything that names the user's work in a repository, at one moment. What cm-tui made for itself is not in it. */
export interface UserWork {
  /** Full name of each ref (those of one worktree as `worktrees/<id>/refs/…`) → the object it names, or `ref: <name>`. */
  readonly refs: Readonly<Record<string, string>>;
  /** Newest first. */
  readonly stash: readonly StashEntry[];
  /** Path of each worktree, the main one too → what it has checked out. */
  readonly trees: Readonly<Record<string, UserTree>>;
}

/** What belongs to runs, and is not the user's to be compared. */
export interface RunNames {
  /** Short names of the branches of every run. */
  readonly branches: ReadonlySet<string>;
  /** Short names of the branches that landings move. */
  readonly targets: ReadonlySet<string>;
  readonly worktrees: ReadonlySet<string>;
}

/** What is not as it was, before git was asked what it means. */
export type Difference =
  | { readonly what: 'stash-lost' | 'stash-added'; readonly entry: StashEntry }
  | { readonly what: 'ref'; readonly ref: string; readonly from: string | null; readonly to: string | null }
  | { readonly what: 'tree-removed'; readonly path: string; readonly tree: UserTree }
  | { readonly what: 'tree-switched'; readonly path: string; readonly from: UserTree; readonly to: UserTree };

const stashRef = 'refs/stash';

/**
 * Compares two snapshots. A moved branch of a worktree is reported by the ref; the worktree itself only if it left its branch, and after
 * the refs, since a branch has to exist again before its worktree can.
 */
export function differences(before: UserWork, now: UserWork, runs: RunNames): readonly Difference[] {
  return [
    ...stashDifferences(before, now),
    ...refDifferences(before, now, runs),
    ...treeDifferences(before, now, runs),
  ];
}

function stashDifferences(before: UserWork, now: UserWork): readonly Difference[] {
  const [had, has] = [before, now].map(({ stash }) => new Set(stash.map(({ oid }) => oid)));
  return [
    ...before.stash.filter(({ oid }) => !has?.has(oid)).map(entry => ({ what: 'stash-lost' as const, entry })),
    ...now.stash.filter(({ oid }) => !had?.has(oid)).map(entry => ({ what: 'stash-added' as const, entry })),
  ];
}

function treeDifferences(before: UserWork, now: UserWork, runs: RunNames): readonly Difference[] {
  const found: Difference[] = [];
  for (const [path, was] of Object.entries(before.trees)) {
    if (!was.there || runs.worktrees.has(path)) continue;
    const is = now.trees[path];
    if (is?.there !== true) {
      if (!movedElsewhere(was, before, now)) found.push({ what: 'tree-removed', path, tree: was });
    } else if (is.branch !== was.branch || (is.branch === null && is.head !== was.head)) {
      found.push({ what: 'tree-switched', path, from: was, to: is });
    }
  }
  return found;
}

/** A worktree that was not listed before has what this one had: it was moved. */
function movedElsewhere(was: UserTree, before: UserWork, now: UserWork): boolean {
  return Object.entries(now.trees).some(
    ([path, is]) => before.trees[path] === undefined && is.there && is.branch === was.branch && is.head === was.head,
  );
}

function refDifferences(before: UserWork, now: UserWork, runs: RunNames): readonly Difference[] {
  const names = new Set([...Object.keys(before.refs), ...Object.keys(now.refs)]);
  return [...names]
    .filter(ref => ref !== stashRef && !isOfRuns(ref, runs))
    .sort()
    .flatMap(ref => {
      const [from, to] = [before.refs[ref] ?? null, now.refs[ref] ?? null];
      return from === to ? [] : [{ what: 'ref' as const, ref, from, to }];
    });
}

function isOfRuns(ref: string, { branches, targets }: RunNames): boolean {
  if (!ref.startsWith('refs/heads/')) return false;
  const name = ref.slice('refs/heads/'.length);
  return branches.has(name) || targets.has(name);
}

/** Every object that the look names: what is to be kept from being collected, most precious first. */
export function namedObjects({ refs, stash, trees }: UserWork): readonly Oid[] {
  const heads = Object.values(trees).flatMap(({ head }) => (head === null ? [] : [head]));
  const byRank = Object.entries(refs)
    .filter(([, to]) => !to.startsWith('ref: '))
    .sort(([one], [other]) => rankOf(one) - rankOf(other));
  return [...new Set([...stash.map(({ oid }) => oid), ...heads, ...byRank.map(([, oid]) => oid)])];
}

/** What a remote holds too can be fetched again. */
function rankOf(ref: string): number {
  if (ref.startsWith('refs/remotes/')) return 3;
  if (ref.startsWith('refs/tags/')) return 2;
  return ref.startsWith('refs/heads/') ? 0 : 1;
}
