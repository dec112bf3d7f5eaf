import type { Oid } from '../../domain/instance.ts';
import type { BranchResult } from '../../ports/branches.ts';
import { updateRefs } from './candidate.ts';
import { type GitContext, readRefs } from './context.ts';
import { branchRef, checkOid, checkSlug, isOwnBranch, stampOf } from './names.ts';
import { reasonOf } from './run.ts';

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
