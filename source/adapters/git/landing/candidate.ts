import { join } from 'node:path';
import type { Oid } from '../../../domain/ids.ts';
import type { PrepareRequest, PrepareResult } from '../../../ports/git.ts';
import { asyncFailpoint } from '../../failpoint.ts';
import { type GitContext, tipOf } from '../context.ts';
import { assertOid, branchRef, pins } from '../plumbing/refs.ts';
import { type GitOutput, gitReason, heldLock } from '../plumbing/run.ts';
import { gitHasLeft } from '../plumbing/running-git.ts';
import { commitMessage, makeCommit } from '../plumbing/write-commit.ts';
import { setAside } from '../worktrees/interrupted-add.ts';
import { beginProof, hasAllObjects } from './completeness.ts';
import { trialMerge } from './merge-tree.ts';
import { recoverLanding } from './recover.ts';
import { treeWithStatus } from './status-line.ts';
import { announceCandidate } from './tree-conflicts.ts';
import { beginLook, headOfMain, type UserLook } from './user-tree.ts';

/** Builds the commit that would become the target's tip and pins it together with the approved head. The target does not move. */
export async function prepare(context: GitContext, request: PrepareRequest): Promise<PrepareResult> {
  await asyncFailpoint('git.prepare.before');
  const result = await buildWhole(context, request);
  await asyncFailpoint('git.prepare.after');
  return result;
}

/** What a try has made so far, which no ref names yet: a tree, then a commit; and the commits that stand already. */
interface Progress {
  made: Oid | null;
  known: readonly Oid[];
}

/**
 * Whoever collects garbage before a candidate is pinned takes parts of it away: then it is built again, whether the step that needed
 * them failed or not. A collection that is under way also takes what is just being written, and what was made before perhaps only
 * later: so a step that failed although all is there gets one more try.
 */
async function buildWhole(context: GitContext, request: PrepareRequest): Promise<PrepareResult> {
  let doubted = false;
  for (const waitMs of [...waitsMs, null]) {
    const progress: Progress = { made: null, known: [] };
    const result = await build(context, request, progress).catch(asError);
    const hasFailed = result instanceof Error || result.outcome === 'failed';
    const isPrepared = !(result instanceof Error) && result.outcome === 'prepared';
    if (progress.made === null || !(hasFailed || isPrepared)) return orThrow(result);
    if (isPrepared && request.landsNext === true) {
      beginProof(context, result.candidate, progress.known);
      return result;
    }
    const isGone = !(await hasAllObjects(context, progress.made, progress.known));
    if (!isGone && (doubted || !hasFailed)) return orThrow(result);
    doubted ||= hasFailed;
    if (waitMs !== null) await new Promise(resolve => setTimeout(resolve, waitMs));
  }
  return failed(collectedAgain);
}

export const collectedAgain = 'The candidate is collected as garbage again and again; wait for git gc to end.';

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}

function orThrow(result: PrepareResult | Error): PrepareResult {
  if (result instanceof Error) throw result;
  return result;
}

/** A collection takes its time; each wait for its end is longer than the one before. */
const waitsMs = [100, 200, 400, 800, 1600, 3200];

async function build(context: GitContext, request: PrepareRequest, progress: Progress): Promise<PrepareResult> {
  const target = branchRef(request.target);
  const branch = branchRef(request.branchName);
  const head = assertOid(request.head);
  // What a landing left half-way in the user's tree is not to be taken for their own changes.
  const recovery = await recoverLanding(context);
  if (recovery.outcome === 'stopped') return failed(recovery.message);
  const [base, tip, earlier, checkedOut] = await Promise.all([
    request.onto === undefined ? tipOf(context, target) : assertOid(request.onto),
    tipOf(context, branch),
    tipOf(context, pins.head(request.slug)),
    headOfMain(context),
  ]);
  if (tip !== head) return { outcome: 'moved', head: tip };
  if (base === null) return failed(`The target branch ${request.target} does not exist; name another with --target.`);
  const inMain = checkedOut === request.target;
  const look = inMain ? beginLook(context) : null;

  const merge = await trialMerge(context, base, head);
  if (merge.outcome === 'unknown') return failed(merge.message);
  if (merge.outcome === 'conflict') return { outcome: 'conflict', paths: merge.paths };
  if (merge.empty) return { outcome: 'empty' };
  progress.known = [base, head];
  progress.made = merge.tree;

  const commit = await commitMerge(context, request, { base, tree: merge.tree, look });
  if ('problem' in commit) {
    context.merges.delete(`${base} ${head}`);
    return failed(commit.problem);
  }
  const { oid: candidate, statusWritten } = commit;
  progress.made = candidate;
  const statusPath = statusWritten ? (request.status?.path ?? null) : null;
  if (inMain) announceCandidate(context, { base, tree: merge.tree, candidate, statusPath });
  await asyncFailpoint('git.pin.before');
  const problem = await pinBoth(context, request, candidate, earlier);
  if (problem !== null) return failed(problem);
  await asyncFailpoint('git.pin.after');
  return { outcome: 'prepared', candidate, base, statusWritten };
}

interface Merged {
  readonly base: Oid;
  readonly tree: Oid;
  /** Null: the user has something else checked out. */
  readonly look: Promise<UserLook | null> | null;
}

/**
 * The commit of a merge with the item's status line in it, unless the user is changing that file. Mostly they are not: it is made while
 * that is still being looked at, and made again without the line where they are.
 */
async function commitMerge(
  context: GitContext,
  request: PrepareRequest,
  { base, tree, look }: Merged,
): Promise<{ readonly oid: Oid; readonly statusWritten: boolean } | { readonly problem: string }> {
  const { head, status, trailers } = request;
  const parts = {
    parents: request.squash ? [base] : [base, head],
    message: commitMessage(request.message, { ...trailers, 'Cm-Head': head, 'Cm-Base': base }),
  };
  const plain = { ...parts, tree, objects: [] };
  const marked = status === null ? null : await treeWithStatus(context, tree, status);
  const made = makeCommit(context, marked === null ? plain : { ...parts, ...marked });
  const [commit, looked] = await Promise.all([made, marked === null ? null : look]);
  const theirs = marked !== null && look !== null && (looked === null || looked.dirty.includes(status?.path ?? ''));
  if ('problem' in commit || !theirs) return { ...commit, statusWritten: marked !== null };
  return { ...(await makeCommit(context, plain)), statusWritten: false };
}

/** Both pins in one transaction; an approved head that the new one replaces stays reachable under a name of its own. */
async function pinBoth(
  context: GitContext,
  request: PrepareRequest,
  candidate: Oid,
  earlier: Oid | null,
): Promise<string | null> {
  const updates = [
    `update ${pins.candidate(request.slug)} ${candidate}`,
    `update ${pins.head(request.slug)} ${request.head}`,
    ...(earlier === null || earlier === request.head
      ? []
      : [`update ${pins.oldHead(request.slug, earlier)} ${earlier}`]),
  ];
  const output = await updateRefs(context, updates, `cm-tui: prepare ${request.slug}`);
  return output.code === 0 ? null : `The candidate could not be pinned: ${gitReason(output)}.`;
}

/**
 * Several refs in one transaction, on disk when it returns. Nobody else writes below `refs/cm/`: a lock that stands there while no git
 * is at work was left by one of ours that was killed, and is moved aside.
 */
export async function updateRefs(context: GitContext, updates: readonly string[], reason: string): Promise<GitOutput> {
  const input = ['start', ...updates, 'prepare', 'commit', ''].join('\n');
  const args = ['update-ref', '--create-reflog', '-m', reason, '--stdin'];
  const call = { cwd: context.home, args, input, durable: true };
  const output = await context.git.runLocked(call);
  const lock = output.code === 0 ? null : heldLock(output);
  if (lock === null || !lock.startsWith(join(context.place.commonDir, 'refs', 'cm', '/'))) return output;
  if (!(await gitHasLeft(context.home, 5000)) || !setAside(context, lock)) return output;
  return context.git.runLocked(call);
}

function failed(message: string): Extract<PrepareResult, { outcome: 'failed' }> {
  return { outcome: 'failed', message };
}
