import { messageOf } from '../../../domain/errors.ts';
import type { Oid } from '../../../domain/ids.ts';
import type { ReturningCommits } from '../../../domain/instance.ts';
import type { PrepareRequest, PrepareResult } from '../../../ports/git.ts';
import { asyncFailpoint } from '../../failpoint.ts';
import { gitReason } from '../calls/answers.ts';
import { recoverLanding } from '../checkout/recover.ts';
import { changesOf } from '../checkout/tree-conflicts.ts';
import { type GitContext, tipOf } from '../context.ts';
import { broughtCommits, nameCommits } from '../history/brought-commits.ts';
import { assertOid, branchRef, pins } from '../plumbing/refs.ts';
import { updateRefs } from '../refs/update-refs.ts';
import { bringSubmodules } from '../submodules/bring.ts';
import { isDirtyWhereHeld } from '../target/holder.ts';
import { buildCommits } from './build-commits.ts';
import { areWhole, hasAllObjects, syncObjects } from './completeness.ts';
import { trialMerge } from './merge-tree.ts';
import { treeWithStatus } from './status-line.ts';

/** Builds the commit that would become the target's tip and pins it together with the approved head. The target does not move. */
export async function prepare(context: GitContext, request: PrepareRequest): Promise<PrepareResult> {
  await asyncFailpoint('git.prepare.before');
  const result = await buildWhole(context, request);
  await asyncFailpoint('git.prepare.after');
  return result;
}

/** A collection of garbage takes its time; each wait for its end is longer than the one before. */
const waitsMs = [100, 200, 400, 800, 1600, 3200, 0];

/**
 * Whoever collects garbage before a candidate is pinned takes parts of it away, whether the step that needed them failed or not: then it
 * is built again. A collection under way also takes what is just being written, so a step that failed although all is there gets one
 * more try.
 */
async function buildWhole(context: GitContext, request: PrepareRequest): Promise<PrepareResult> {
  let retried = false;
  for (const waitMs of waitsMs) {
    const { result, made, known, brought } = await build(context, request);
    if (made === null) return result;
    if (await (brought === null ? hasAllObjects(context, made, known) : areWhole(context, brought))) {
      if (result.outcome !== 'failed' || retried) return result;
      retried = true;
    }
    await new Promise(resolve => setTimeout(resolve, waitMs));
  }
  return failed('git gc keeps removing parts of the candidate; wait until it has finished.');
}

/** One try: what came of it, what it made that no ref named yet (a tree, then a commit), and the commits that stood already. */
interface Attempt {
  readonly result: PrepareResult;
  readonly made: Oid | null;
  readonly known: readonly Oid[];
  /** What `made` brings beyond those; null: nobody has listed it yet. */
  readonly brought: readonly Oid[] | null;
}

async function build(context: GitContext, request: PrepareRequest): Promise<Attempt> {
  const head = assertOid(request.head);
  const without = (result: PrepareResult): Attempt => ({ result, made: null, known: [], brought: null });
  // What an interrupted landing left in the user's tree must not be treated as their own changes.
  const recovery = await recoverLanding(context);
  if (recovery.outcome === 'stopped') return without(failed(recovery.message));
  const [base, tip] = await Promise.all([
    request.onto === undefined ? tipOf(context, branchRef(request.target)) : assertOid(request.onto),
    tipOf(context, branchRef(request.branchName)),
  ]);
  if (tip !== head) return without({ outcome: 'moved', head: tip });
  if (base === null) {
    return without(
      failed(`The target branch ${request.target} does not exist; land on another with "cm-tui retarget BRANCH".`),
    );
  }
  const [merge, returning] = await Promise.all([
    trialMerge(context, base, head),
    returningWith(context, request, base),
  ]);
  if (returning !== null) return without({ outcome: 'returning', returning });
  if (merge.outcome === 'unknown') return without(failed(merge.message));
  if (merge.outcome === 'conflict') return without({ outcome: 'conflict', paths: merge.paths });
  if (merge.empty) return without({ outcome: 'empty' });
  const unseen = await unseenPaths(context, request, { from: base, to: merge.tree });
  if (unseen.length > 0) return without({ outcome: 'unseen', paths: unseen });

  const known = [base, head];
  try {
    let { tree } = merge;
    const markStatus = async (unmarked: Oid) => {
      const marked = await statusTree(context, request, unmarked);
      tree = marked ?? unmarked;
      return marked;
    };
    const commit = await buildCommits(context, request, { base, head, tree, markStatus });
    if ('paths' in commit) return without({ outcome: 'conflict', paths: commit.paths });
    if ('problem' in commit) {
      const result = { ...failed(commit.problem), ...(commit.lasting === true ? { base } : {}) };
      return { result, made: merge.tree, known, brought: null };
    }
    const brought = await syncObjects(context, commit.oid, known);
    await asyncFailpoint('git.pin.before');
    const problem = await pinBoth(context, request, commit.oid);
    if (problem !== null) return { result: failed(problem), made: commit.oid, known, brought };
    await asyncFailpoint('git.pin.after');
    // Before the checks need them; what cannot be brought is reported when it lands.
    await bringSubmodules(context, { from: base, to: commit.oid, slug: request.slug });
    const { oid: candidate, statusWritten } = commit;
    return { result: { outcome: 'prepared', candidate, base, statusWritten, tree }, made: candidate, known, brought };
  } catch (error) {
    return { result: failed(messageOf(error)), made: merge.tree, known, brought: null };
  }
}

/** What landing the branch on `base` would bring back; null: nothing. */
async function returningWith(
  context: GitContext,
  { lineage, branchName, target, head }: PrepareRequest,
  base: Oid,
): Promise<ReturningCommits | null> {
  if (lineage === undefined) return null;
  const { returning } = await broughtCommits(context, { ...lineage, branchName, target, head }, base);
  return returning.length === 0 ? null : nameCommits(context, returning);
}

/** Paths that were on the target just as they are on the branch when it was looked at, and would be changed now. */
async function unseenPaths(
  context: GitContext,
  { unseen = [] }: PrepareRequest,
  { from, to }: { readonly from: Oid; readonly to: Oid },
): Promise<readonly string[]> {
  if (unseen.length === 0) return [];
  const changed = new Set((await changesOf(context, from, to)).map(({ path }) => path));
  return unseen.filter(path => changed.has(path));
}

/** The merged tree with the item's status line in it; null where none is asked for, or the user is changing that file. */
async function statusTree(context: GitContext, { status, target }: PrepareRequest, tree: Oid): Promise<Oid | null> {
  if (status === null) return null;
  if (await isDirtyWhereHeld(context, target, status.path)) return null;
  return treeWithStatus(context, tree, status);
}

/** Both pins in one transaction; an approved head that the new one replaces stays reachable under a name of its own. */
async function pinBoth(context: GitContext, request: PrepareRequest, candidate: Oid): Promise<string | null> {
  const earlier = await tipOf(context, pins.head(request.slug));
  const updates = [
    `update ${pins.candidate(request.slug)} ${candidate}`,
    `update ${pins.head(request.slug)} ${request.head}`,
    ...(earlier === null || earlier === request.head
      ? []
      : [`update ${pins.oldHead(request.slug, earlier)} ${earlier}`]),
  ];
  const output = await updateRefs(context, updates, `cm-tui: prepare ${request.slug}`);
  return output.code === 0 ? null : `Could not pin the candidate: ${gitReason(output)}.`;
}

function failed(message: string): Extract<PrepareResult, { outcome: 'failed' }> {
  return { outcome: 'failed', message };
}
