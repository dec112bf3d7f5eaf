import type { Oid } from '../../domain/instance.ts';
import { commitTree, messageOf, updateRefs } from './candidate.ts';
import { type GitContext, readRefs } from './context.ts';
import { branchRef, checkOid, checkSlug, isOwnBranch, stampOf } from './names.ts';
import { reasonOf } from './run.ts';

export type BranchResult =
  | { readonly outcome: 'created'; readonly head: Oid }
  | { readonly outcome: 'taken' }
  | { readonly outcome: 'failed'; readonly message: string };

/** Puts a new branch at a commit, e.g. a candidate for a pull request. A branch of that name is never moved. */
export async function createBranch(context: GitContext, name: string, head: Oid, slug: string): Promise<BranchResult> {
  if (!isOwnBranch(name))
    return {
      outcome: 'failed',
      message: `${JSON.stringify(name)} cannot be a branch; use letters, digits and . _ / -.`,
    };
  const ref = branchRef(name);
  if ((await readRefs(context, [ref])).size > 0) return { outcome: 'taken' };
  const output = await updateRefs(
    context,
    [`create ${ref} ${checkOid(head)}`],
    `cm-tui: branch for ${checkSlug(slug)}`,
  );
  return output.code === 0
    ? { outcome: 'created', head }
    : { outcome: 'failed', message: `The branch could not be made: ${reasonOf(output)}.` };
}

/**
 * A branch that takes a landing back through the queue, where the target has moved on since: one commit on top of what landed, with
 * the tree from before it. Merging it undoes that landing and nothing that came later, or conflicts.
 */
export async function createRevertBranch(
  context: GitContext,
  request: { readonly slug: string; readonly branchName: string; readonly landed: Oid; readonly subject: string },
): Promise<BranchResult> {
  const landed = checkOid(request.landed);
  const args = ['rev-parse', '--verify', '-q', '--end-of-options', `${landed}^1^{tree}`];
  const tree = (await context.git.text({ cwd: context.home, args })).trim();
  const message = messageOf(`Revert "${request.subject}"\n\nThis takes back ${landed}.`, {});
  const commit = await commitTree(context, { tree, parents: [landed], message });
  return typeof commit === 'string' ? createBranch(context, request.branchName, commit, request.slug) : commit;
}

/** Forgets copies of the user's uncommitted work that were made before `olderThan` (milliseconds since 1970). Returns how many. */
export async function expireBackups(context: GitContext, olderThan: number): Promise<number> {
  const limit = stampOf(olderThan);
  const refs = await readRefs(context, ['refs/cm/backup']);
  const old = [...refs].filter(([name]) => (name.split('/').at(-1) ?? '') < limit);
  if (old.length === 0) return 0;
  const output = await updateRefs(
    context,
    old.map(([name, { oid }]) => `delete ${name} ${oid}`),
    'cm-tui: expire backups',
  );
  return output.code === 0 ? old.length : 0;
}
