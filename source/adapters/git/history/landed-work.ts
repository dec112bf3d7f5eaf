import type { Oid } from '../../../domain/ids.ts';
import type { FoundLanding } from '../../../domain/queue/landed-as.ts';
import type { GitPort } from '../../../ports/git.ts';
import { type GitContext, isAncestor, mergeBase } from '../context.ts';
import { trialMerge } from '../landing/merge-tree.ts';
import { splitNul } from '../plumbing/parse.ts';
import { assertOid, isOid } from '../plumbing/refs.ts';
import { few, patchesOf, type TargetCommit } from './patches.ts';

/** Commits of the target that are looked at: work that landed further back is not recognised. */
const commitLimit = 2000;

/**
 * The commit by which a branch's work reached the target, however that was done: a merge, a squash, a rebase, a cherry-pick, a pull request.
 * Null: it is not there, or nothing proves that it is. Throws where git cannot tell.
 */
export async function findLanded(
  context: GitContext,
  { head, tip, isOwn }: Parameters<GitPort['findLanded']>[0],
): Promise<FoundLanding | null> {
  assertOid(head);
  assertOid(tip);
  if (await isAncestor(context, head, tip)) return isOwn ? mergedAt(context, head, tip) : null;
  const found = await copiedTo(context, head, tip);
  return found === null || isOwn || (await isNewer(context, found.oid, head)) ? found : null;
}

/** A run that copies a commit of the target has made its own later than the original. In the same second nobody can tell. */
async function isNewer(context: GitContext, landed: Oid, head: Oid): Promise<boolean> {
  const args = ['log', '--no-walk=unsorted', '--format=%ct', '--no-patch', landed, head, '--'];
  const [there = 0, here = 0] = (await context.git.text({ cwd: context.home, args })).trim().split('\n').map(Number);
  return there > here;
}

/** The commit that brought the branch's work to the target without its commits. */
async function copiedTo(context: GitContext, head: Oid, tip: Oid): Promise<FoundLanding | null> {
  const fork = await mergeBase(context, tip, head);
  if (fork === null || fork === tip) return null;
  const paths = await changedPaths(context, fork, head);
  if (paths.length === 0) return null;
  const commits = await commitsTouching(context, { fork, tip, paths });
  if (commits.length === 0) return null;
  const merge = await trialMerge(context, tip, head);
  // It would still change something: not all of it is there, or somebody has reverted it.
  if (merge.outcome === 'unknown' || (merge.outcome === 'clean' && !merge.empty)) return null;
  const isThere = merge.outcome === 'clean';
  const found = await byPatch(context, { fork, head, tip, paths, isThere });
  if (found !== null || !isThere) return found;
  const oid = await firstWithAll(context, commits, head);
  return oid === null ? null : { oid, style: await styleOf(context, oid) };
}

interface Search {
  readonly fork: Oid;
  readonly head: Oid;
  readonly tip: Oid;
  readonly paths: readonly string[];
  /** Merging the branch again would change nothing. */
  readonly isThere: boolean;
}

/** The oldest commit of the target's own line that holds `head`: the merge of it, or itself where the target was only moved. */
async function mergedAt(context: GitContext, head: Oid, tip: Oid): Promise<FoundLanding> {
  if (head === tip) return { oid: head, style: 'ff' };
  const args = ['rev-list', '--parents', '--ancestry-path', tip, `^${head}`, '--'];
  const parents = new Map<Oid, Oid>();
  for (const line of (await context.git.text({ cwd: context.home, args })).split('\n')) {
    const [oid = '', first = ''] = line.split(' ');
    if (isOid(oid)) parents.set(oid, first);
  }
  let oid = tip;
  for (let next = parents.get(oid); next !== undefined && next !== head && parents.has(next); next = parents.get(oid))
    oid = next;
  return parents.get(oid) === head ? { oid: head, style: 'ff' } : { oid, style: 'merge' };
}

const plain = ['--no-renames', '--no-ext-diff', '--no-textconv', '--ignore-submodules=none'] as const;

async function changedPaths(context: GitContext, from: Oid, to: Oid): Promise<readonly string[]> {
  const args = ['diff', '--name-only', '-z', ...plain, from, to, '--'];
  return splitNul(await context.git.text({ cwd: context.home, args }));
}

/** Commits on the target's own line since the branch left it that change any of these paths, newest first. */
async function commitsTouching(
  context: GitContext,
  { fork, tip, paths }: Pick<Search, 'fork' | 'tip' | 'paths'>,
): Promise<readonly Oid[]> {
  const args = ['rev-list', '--first-parent', `--max-count=${commitLimit}`, tip, `^${fork}`, '--', ...few(paths)];
  return (await context.git.text({ cwd: context.home, args })).split('\n').filter(isOid);
}

/**
 * By the same change: of all of the branch in one commit, or of each of its commits; or by the trailer that candidates of cm-tui carry.
 * Where the target has moved on in the same lines, that has to be a change of text which nobody has reverted since.
 */
async function byPatch(context: GitContext, search: Search): Promise<FoundLanding | null> {
  const found = await patchesOf(context, search);
  if (found === null || (!search.isThere && found.isBinary)) return null;
  const { commits, all: whole, reverse, own, head } = found;
  const same = commits.find(({ patch, trailer }) => patch === whole || trailer === search.head);
  if (same !== undefined) {
    if (!search.isThere && (await isReverted(context, search, commits, same, reverse))) return null;
    const isCopy = own.length === 1 && same.author === head.author;
    const style = same.parents > 1 ? 'merge' : isCopy ? 'rebase' : 'squash';
    return { oid: same.oid, style };
  }
  const copies = own.map(one => ({ ...one, copy: commits.find(({ patch }) => patch === one.patch) }));
  const [last] = commits.filter(one => copies.some(({ copy }) => copy === one));
  if (last === undefined) return null;
  for (const { copy, reverse: back } of copies)
    if (copy === undefined || (!search.isThere && (await isReverted(context, search, commits, copy, back))))
      return null;
  const all = new Set(copies.flatMap(({ copy }) => (copy === undefined ? [] : [copy.oid])));
  // Where two of its commits make the same change, nobody can say which copy is whose.
  const from = all.size < own.length ? null : await commitBefore(context, last.oid, all);
  return { oid: last.oid, style: 'rebase', ...(from === null ? {} : { from }) };
}

/** The commit on which these stand one after the other, the last of them at `newest`; null: something else lies between. */
async function commitBefore(context: GitContext, newest: Oid, all: ReadonlySet<Oid>): Promise<Oid | null> {
  const args = ['rev-list', '--first-parent', `--max-count=${all.size + 1}`, newest, '--'];
  const line = (await context.git.text({ cwd: context.home, args })).split('\n').filter(isOid);
  const isInARow = line.slice(0, all.size).every(oid => all.has(oid));
  return isInARow ? (line[all.size] ?? null) : null;
}

/** A later commit says that it reverts this one, or changes everything back. */
async function isReverted(
  context: GitContext,
  { tip }: Search,
  commits: readonly TargetCommit[],
  landed: TargetCommit,
  reverse: string,
): Promise<boolean> {
  const later = commits.slice(0, commits.indexOf(landed));
  if (later.some(({ patch }) => patch === reverse)) return true;
  const grep = ['--fixed-strings', `--grep=This reverts commit ${landed.oid}`];
  const args = ['rev-list', '--max-count=1', ...grep, tip, `^${landed.oid}`, '--'];
  return (await context.git.text({ cwd: context.home, args })).trim() !== '';
}

/** The first commit from which on merging the branch changes nothing; `commits` newest first. */
async function firstWithAll(context: GitContext, commits: readonly Oid[], head: Oid): Promise<Oid | null> {
  const holds = async (oid: Oid) => {
    const merge = await trialMerge(context, oid, head);
    return merge.outcome === 'clean' && merge.empty;
  };
  let low = 0;
  let high = commits.length;
  // The commits before `low` hold all of it, the one at `high` does not.
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const oid = commits[middle];
    if (oid !== undefined && (await holds(oid))) low = middle + 1;
    else high = middle;
  }
  return commits[low - 1] ?? null;
}

async function styleOf(context: GitContext, oid: Oid): Promise<'merge' | 'squash'> {
  const args = ['rev-list', '--no-walk', '--parents', oid, '--'];
  const [, ...parents] = (await context.git.text({ cwd: context.home, args })).trim().split(' ');
  return parents.length > 1 ? 'merge' : 'squash';
}
