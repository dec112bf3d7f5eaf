import { type GitContext, readRefs } from '../context.ts';
import { branchOfHead } from './head.ts';
import { longestChain } from './ref-files.ts';
import { branchRef } from './refs.ts';

/**
 * The branch behind a name of the target, with links between branches followed: `HEAD` or no name is the branch that is checked out where
 * cm-tui was started,
 * `refs/heads/x` is x, and a branch that is a symbolic ref to another one is that other one. Work lands on the branch, not on a name for
 * it: whether it is checked out, and whether it has moved, is asked of the branch. Null: no name, and none is checked out. A name of
 * nothing, or of something that is not a branch, is returned unchanged.
 */
export async function resolveTarget(context: GitContext, name: string | null): Promise<string | null> {
  if (name === null || name === 'HEAD') {
    const { startedIn, bare } = context.place;
    return name === null && bare && startedIn === undefined ? null : branchOfUser(context);
  }
  return followLinks(context, await shortName(context, name));
}

/** The branch that HEAD of the main worktree, or of the bare repository, stands for, born or not; null when it is detached. */
export async function checkedOutBranch(context: GitContext): Promise<string | null> {
  const { commonDir, mainTree } = context.place;
  const head = context.refFiles.head(context.checkout.gitDir);
  return head === undefined ? branchOfHead(context.git, mainTree ?? commonDir) : head;
}

/** The same of the work tree that the user works in: the linked one that cm-tui was started in, else the main one. */
export async function branchOfUser(context: GitContext): Promise<string | null> {
  const { startedIn } = context.place;
  if (startedIn === undefined) return checkedOutBranch(context);
  const head = context.refFiles.head(startedIn.gitDir);
  return head === undefined ? branchOfHead(context.git, startedIn.path) : head;
}

/** A branch at the end of a chain of symbolic refs that begins with this one. */
export async function followLinks(context: GitContext, branch: string): Promise<string> {
  let at = branch;
  for (let steps = 0; steps < longestChain; steps++) {
    const next = await linkOf(context, at);
    if (next?.startsWith('refs/heads/') !== true) return at;
    at = next.slice('refs/heads/'.length);
  }
  return branch;
}

/** The ref that a branch is a symbolic ref to; null: it is none. */
async function linkOf(context: GitContext, branch: string): Promise<string | null> {
  const ref = branchRef(branch);
  const link = context.refFiles.link(ref);
  if (link !== undefined) return link;
  return (await readRefs(context, [ref])).get(ref)?.link ?? null;
}

/** Git takes `refs/heads/x` and, where no branch has that very name, `heads/x` for the branch x. */
async function shortName(context: GitContext, name: string): Promise<string> {
  const full = /^refs\/heads\/(.+)$/.exec(name)?.[1];
  const partial = /^heads\/(.+)$/.exec(name)?.[1];
  const candidate = full ?? partial;
  if (candidate === undefined) return name;
  const refs = await readRefs(context, [branchRef(name)]);
  return refs.has(branchRef(name)) ? name : candidate;
}
