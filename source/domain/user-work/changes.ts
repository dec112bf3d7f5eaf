import type { Oid } from '../ids.ts';

/**
 * How a ref came from one commit to another: `forward` (nothing is lost by it), `rewritten` (by an amend, a rebase or a reset in a
 * checkout of the user's, where nothing is lost either), `rewound` to an earlier commit, or `replaced` by something else.
 */
export type RefMove = 'forward' | 'rewritten' | 'rewound' | 'replaced';

/** What is not as it was while a run was at work, with what git says of it. Names and paths are raw. */
export type UserChange =
  /** `foundIn`: files of the run's branch with the entry's very content; `alsoIn`: files that both change. */
  | {
      readonly what: 'stash-lost';
      readonly oid: Oid;
      readonly message: string;
      readonly foundIn: readonly string[];
      readonly alsoIn: readonly string[];
      /** The user's worktree that holds what was in it: it was popped there. */
      readonly appliedIn: string | null;
      /** Another run made it: it concerns nobody unless its content is on this run's branch. */
      readonly ofRun: boolean;
    }
  | { readonly what: 'stash-added'; readonly oid: Oid; readonly message: string }
  /** `elsewhere`: another ref of the user's still holds its commit. */
  | { readonly what: 'deleted'; readonly ref: string; readonly oid: string; readonly elsewhere: boolean }
  | { readonly what: 'created'; readonly ref: string; readonly oid: string; readonly pushed: boolean }
  | {
      readonly what: 'moved';
      readonly ref: string;
      readonly from: string;
      readonly to: string;
      readonly move: RefMove;
      /** It is a branch of a remote, and moved because something was pushed. */
      readonly pushed: boolean;
      /** It now stands at a commit of the run's that nobody has landed. */
      readonly atRun: boolean;
      /** The worktree that has it checked out. */
      readonly checkedOut: string | null;
    }
  /** `saved`: a commit that holds what was uncommitted in it. */
  | {
      readonly what: 'tree-removed';
      readonly path: string;
      readonly branch: string | null;
      readonly head: Oid | null;
      readonly saved: Oid | null;
    }
  | { readonly what: 'tree-switched'; readonly path: string; readonly from: string; readonly to: string }
  /** Files in a worktree of the user's that were not committed, as `saved` holds them: gone or reset, or with other content. */
  | {
      readonly what: 'files';
      readonly path: string;
      readonly saved: Oid;
      readonly lost: readonly string[];
      readonly changed: readonly string[];
    }
  /** Too many of a kind to be named one by one. */
  | { readonly what: 'many'; readonly text: string };

/** Namespaces that tools keep for themselves and clean up: what happens there is nobody's loss. */
const toolSpaces = /^refs\/(prefetch|jj|branchless|gitbutler|pull|merge-requests|changes|bisect|rewritten)\//;
const ofOneWorktree = /^(main-worktree|worktrees\/[^/]+)\//;

/** Nobody's work lies there: remotes can be fetched again, tools look after their own. */
export function isTransient(ref: string): boolean {
  return ref.startsWith('refs/remotes/') || toolSpaces.test(ref.replace(ofOneWorktree, ''));
}

/** Work of the user's was touched: landing pauses until they have seen it. What people do all day is none of it. */
export function isLoss(change: UserChange): boolean {
  switch (change.what) {
    case 'stash-lost':
      return !change.ofRun && change.appliedIn === null;
    case 'tree-removed':
      return true;
    case 'deleted':
      if (isTransient(change.ref)) return false;
      return change.ref.startsWith('refs/tags/') || !change.elsewhere;
    case 'files':
      return change.lost.some(path => !isPassingFile(path));
    case 'moved':
      return isLossyMove(change);
    case 'stash-added':
    case 'created':
    case 'tree-switched':
    case 'many':
      return false;
  }
}

/** An entry of the stash that is not the run's own may be on its branch: that does not land before a person has accepted it. */
export function holdsBranch(change: UserChange): boolean {
  return change.what === 'stash-lost' && (change.ofRun ? change.foundIn.length > 0 : change.appliedIn === null);
}

/** Editors make such files while they have another one open, and remove them again. */
function isPassingFile(path: string): boolean {
  return /(^|\/)(\.[^/]*\.sw[a-p]|[^/]*~|\.#[^/]*|#[^/]*#|4913)$/.test(path);
}

function isLossyMove({ ref, move, pushed, atRun }: Extract<UserChange, { readonly what: 'moved' }>): boolean {
  // A branch of a remote that went back because somebody else pushed is news, not a loss; one that we pushed over is.
  if (ref.startsWith('refs/remotes/')) return pushed && move !== 'forward';
  if (isTransient(ref)) return false;
  if (ref.startsWith('refs/tags/')) return true;
  return atRun || move === 'rewound' || move === 'replaced';
}

/** The same change found twice has the same name. */
export function userChangeName(change: UserChange): string {
  switch (change.what) {
    case 'stash-lost':
    case 'stash-added':
      return `${change.what} ${change.oid}`;
    case 'deleted':
    case 'created':
    case 'moved':
      return change.ref;
    case 'files':
      return `files ${change.path}`;
    case 'tree-removed':
    case 'tree-switched':
      return `worktree ${change.path}`;
    case 'many':
      return change.text;
  }
}

/** What it is now, so that a further change of the same thing is reported again. */
export function userChangeStamp(change: UserChange): string {
  switch (change.what) {
    case 'moved':
    case 'tree-switched':
      return change.to;
    case 'created':
      return change.oid;
    case 'files':
      return change.lost.join('\0');
    case 'stash-lost':
    case 'stash-added':
    case 'deleted':
    case 'tree-removed':
    case 'many':
      return change.what;
  }
}
