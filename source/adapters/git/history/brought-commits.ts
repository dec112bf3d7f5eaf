import type { Oid } from '../../../domain/ids.ts';
import type { ReturningCommits } from '../../../domain/instance.ts';
import { sanitizeLine } from '../../../domain/text/sanitize.ts';
import type { GitContext } from '../context.ts';
import { isOid } from '../plumbing/refs.ts';
import { branchLog, headLog, isCreation } from './ref-log.ts';

/** A branch of a run, and what is known of where it came from. */
export interface RunBranch {
  readonly branchName: string;
  readonly worktreePath: string;
  readonly head: Oid;
  /** The commit of the target that it was started from, or last brought up to; null: it is not known. */
  readonly base: Oid | null;
  /** Short name of the target. */
  readonly target: string;
  /** Commits that the target is known to have held: where other runs started from, and what they landed as. */
  readonly former: readonly Oid[];
}

/** How many moves of the target are searched for where it was before. */
const logLimit = 500;
const namedLimit = 5;

/** Commits that a branch would bring to the target: those that are the run's own, and those that somebody has removed from there. */
export interface BroughtCommits {
  /** Newest first. */
  readonly own: readonly Oid[];
  /** They were on the target and are not any more, and the run has not made them. Newest first. */
  readonly returning: readonly Oid[];
}

/**
 * What landing a branch on `tip` would bring. A branch that was started from, or brought up to, a commit that the user has amended, reset
 * or rewritten away since still holds it: merging the branch would bring it back.
 */
export async function broughtCommits(context: GitContext, branch: RunBranch, tip: Oid): Promise<BroughtCommits> {
  const [removed, all] = await Promise.all([
    removedTips(context, branch, tip),
    commitsBeyond(context, branch.head, [tip]),
  ]);
  if (removed.length === 0 || all.length === 0) return { own: all, returning: [] };
  const fresh = new Set(await commitsBeyond(context, branch.head, [tip, ...removed]));
  if (fresh.size === all.length) return { own: all, returning: [] };
  const made = await madeBy(context, branch);
  const isOwn = (oid: Oid) => fresh.has(oid) || made.has(oid);
  return { own: all.filter(isOwn), returning: all.filter(oid => !isOwn(oid)) };
}

/** Where the target stood, of which not everything is on it any more. */
async function removedTips(
  context: GitContext,
  { target, base, former }: RunBranch,
  tip: Oid,
): Promise<readonly Oid[]> {
  const log = (await branchLog(context, target)).slice(-logLimit);
  const stood = new Set([
    ...(base === null ? [] : [base]),
    ...former,
    ...log.flatMap(({ from, to }) => [from ?? to, to]),
  ]);
  stood.delete(tip);
  if (stood.size === 0) return [];
  // Some of them may be collected as garbage by now: what is not there comes back with nobody.
  const beyond = await commitsBeyond(context, null, [tip], [...stood]);
  const gone = new Set(beyond);
  return [...stood].filter(oid => gone.has(oid));
}

/** Commits reached from `head`, or from any of `heads`, and from none of `known`, newest first. What is not there is passed over. */
async function commitsBeyond(
  context: GitContext,
  head: Oid | null,
  known: readonly Oid[],
  heads: readonly Oid[] = [],
): Promise<readonly Oid[]> {
  const names = [...(head === null ? [] : [head]), ...heads, ...known.map(oid => `^${oid}`)];
  const call = { cwd: context.home, args: ['rev-list', '--ignore-missing', '--stdin'], input: `${names.join('\n')}\n` };
  return (await context.git.text(call)).split('\n').filter(isOid);
}

/**
 * Commits that were made in the run's worktree, by the logs of its HEAD and of its branch. A copy made in the same second as the original
 * is the same commit: what was made on the target is not the run's.
 */
async function madeBy(context: GitContext, branch: RunBranch): Promise<ReadonlySet<Oid>> {
  const logs = await Promise.all([
    headLog(context, branch.worktreePath),
    branchLog(context, branch.branchName),
    branchLog(context, branch.target),
  ]);
  const [head = [], own = [], target = []] = logs.map(log => log.filter(isCreation).map(({ to }) => to));
  const theirs = new Set(target);
  return new Set([...head, ...own].filter(oid => !theirs.has(oid)));
}

/**
 * The run's own commits of a branch that the target already contains. Ancestry cannot tell whether the target took the branch, or the
 * branch was only brought up to the target; the reflogs say who created the commits.
 */
export async function ownOnTarget(context: GitContext, branch: RunBranch): Promise<readonly Oid[]> {
  if (branch.base === null) return [];
  const [beyond, made] = await Promise.all([
    commitsBeyond(context, branch.head, [branch.base]),
    madeBy(context, branch),
  ]);
  return beyond.filter(oid => made.has(oid));
}

/**
 * How many of a branch's own commits are its own work: neither copies of commits of the target, nor what came from the target's branch of
 * a remote. The second is not left out of the files, since it would land. `withMerges`: a merge counts as well, which is work only where
 * something was changed.
 */
export async function countOwn(
  context: GitContext,
  {
    branch,
    tip,
    own,
    withMerges,
  }: { readonly branch: RunBranch; readonly tip: Oid; readonly own: readonly Oid[]; readonly withMerges: boolean },
): Promise<number> {
  const { head, target } = branch;
  const cherry = { cwd: context.home, args: ['rev-list', '--cherry-pick', '--right-only', `${tip}...${head}`, '--'] };
  const merges = withMerges ? [] : ['--no-merges'];
  const local = {
    cwd: context.home,
    args: ['rev-list', ...merges, head, `^${tip}`, '--not', `--glob=refs/remotes/*/${target}`, '--'],
  };
  const [originals, unpublished] = await Promise.all([cherry, local].map(call => context.git.text(call)));
  const lists = [originals ?? '', unpublished ?? ''].map(text => new Set(text.split('\n')));
  return own.filter(oid => lists.every(list => list.has(oid))).length;
}

/** Commits in words: how many, and what the newest of them are called. */
export async function nameCommits(context: GitContext, oids: readonly Oid[]): Promise<ReturningCommits> {
  const named = oids.slice(0, namedLimit);
  const args = [
    'log',
    '--no-walk=unsorted',
    '--format=%H%x00%s',
    '-z',
    '--no-show-signature',
    '--no-patch',
    ...named,
    '--',
  ];
  const fields = (await context.git.text({ cwd: context.home, args })).split('\0');
  const commits = named.map((oid, at) => ({ oid, subject: sanitizeLine(fields[2 * at + 1] ?? '', 100) }));
  const last = oids[0];
  return { count: oids.length, commits, ...(last === undefined ? {} : { last }) };
}
