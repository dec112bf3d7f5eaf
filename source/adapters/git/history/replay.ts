import { existsSync } from 'node:fs';
import type { Oid } from '../../../domain/ids.ts';
import { escapePath } from '../../../domain/text/sanitize.ts';
import type { ReplayRequest, ReplayResult } from '../../../ports/branches.ts';
import { asyncFailpoint } from '../../failpoint.ts';
import { doAgain, GitFailure, gitReason } from '../calls/answers.ts';
import { advanceCheckout } from '../checkout/advance-checkout.ts';
import { recoverMove } from '../checkout/recover.ts';
import { releaseReplaced } from '../checkout/rescue.ts';
import { type GitContext, inWorktree, isAncestor, tipOf } from '../context.ts';
import { trialMerge } from '../landing/merge-tree.ts';
import { type Move, moveRef } from '../landing/move-ref.ts';
import { wantsSignature } from '../landing/signature.ts';
import { linkedGitDir, listWorktrees, operationIn, usageOf } from '../plumbing/branch-usage.ts';
import { parseStatus } from '../plumbing/parse.ts';
import { assertOid, branchRef, pins } from '../plumbing/refs.ts';
import { commitMessage, makeCommit } from '../plumbing/write-commit.ts';
import { updateRefs } from '../refs/update-refs.ts';
import { broughtCommits } from './brought-commits.ts';
import { type ReplayedCommits, replayCommits } from './replay-commits.ts';

/**
 * Replays the run's own commits onto the tip of the target and moves its branch to them, its worktree along with it. The commits are made
 * first, without the worktree, and pinned beside the old ones; then files, branch and index move as at a landing. Asked again after it was
 * killed, it continues from there; if the branch has moved already, it says so.
 */
export async function replayBranch(context: GitContext, request: ReplayRequest): Promise<ReplayResult> {
  return context.exclusive(async () => {
    await asyncFailpoint('git.replay.before');
    const result = await doAgain(
      () => replayNow(context, request),
      ({ outcome }) => outcome === 'failed',
    );
    await asyncFailpoint('git.replay.after');
    return result;
  });
}

async function replayNow(context: GitContext, request: ReplayRequest): Promise<ReplayResult> {
  const { branchName, slug, target } = request;
  const head = assertOid(request.head);
  const path = await worktreeOf(context, request);
  const gitDir = path === null ? null : linkedGitDir(context, path);
  const tree = path === null || gitDir === null ? null : { path, gitDir };
  const own = tree === null ? context : inWorktree(context, { ...tree, slug });
  if (tree !== null) {
    const recovery = await recoverMove(own);
    if (recovery.outcome === 'stopped') return { outcome: 'blocked', message: recovery.message };
  }
  const [tip, made, onto] = await Promise.all([
    tipOf(context, branchRef(branchName)),
    tipOf(context, pins.replayed(slug)),
    tipOf(context, branchRef(target)),
  ]);
  // The answer to an earlier try was lost.
  if (tip !== head)
    return tip !== null && tip === made ? { outcome: 'replayed', head: tip } : { outcome: 'moved', head: tip };
  if (onto === null)
    return blocked(`The target branch ${target} does not exist; land on another with "cm-tui retarget BRANCH".`);
  const obstacle =
    (await usedElsewhere(context, branchName, tree?.path)) ?? (await notClean(context, branchName, tree));
  if (obstacle !== null) return blocked(obstacle);
  const brought = await broughtCommits(context, { ...request.lineage, branchName, target, head }, onto);
  const update = request.update === true && brought.returning.length === 0;
  if (update ? await isAncestor(context, onto, head) : brought.returning.length === 0) return { outcome: 'not-needed' };
  const sign = await wantsSignature(context);
  const replayed = await replayCommits(context, { own: brought.own, head, onto, sign });
  if (replayed.outcome === 'made') return move(context, { own, request, to: replayed.head, tree });
  const merged = update ? await mergedWith(context, { head, onto, target, sign }) : null;
  return merged === null ? refusal(replayed) : move(context, { own, request, to: merged, tree });
}

/** The branch with the target merged into it; null: they conflict. */
async function mergedWith(
  context: GitContext,
  {
    head,
    onto,
    target,
    sign,
  }: { readonly head: Oid; readonly onto: Oid; readonly target: string; readonly sign: boolean },
): Promise<Oid | null> {
  const merge = await trialMerge(context, head, onto);
  if (merge.outcome === 'unknown') throw new GitFailure(merge.message, 3);
  if (merge.outcome === 'conflict') return null;
  const message = commitMessage(`Merge ${target}`, {});
  const made = await makeCommit(context, { tree: merge.tree, parents: [head, onto], message, sign });
  if ('problem' in made) throw new GitFailure(made.problem, 3);
  return made.oid;
}

type Tree = { readonly path: string; readonly gitDir: string } | null;

/** The run's worktree, wherever it was moved to; null: it is gone. */
async function worktreeOf(context: GitContext, { branchName, lineage }: ReplayRequest): Promise<string | null> {
  const { worktreePath } = lineage;
  if (linkedGitDir(context, worktreePath) !== null) return worktreePath;
  const list = await listWorktrees(context);
  const main = context.place.mainTree;
  return (
    list.find(({ branchName: one, path }) => one === branchName && path !== main && existsSync(path))?.path ?? null
  );
}

/** The branch moves only where nobody else has it checked out or is rebasing it. */
async function usedElsewhere(context: GitContext, branchName: string, own?: string): Promise<string | null> {
  const { inMain, linked, held } = await usageOf(context, branchName);
  if (inMain)
    return `${branchName} is checked out in ${escapePath(context.place.root)}; switch that to another branch first.`;
  const elsewhere = linked.map(({ path }) => ({ path, why: `it is checked out in ${path}` }));
  const other = [...elsewhere, ...held].find(({ path }) => path !== own);
  return other === undefined ? null : `${branchName} is in use: ${escapePath(other.why)}; finish there first.`;
}

async function notClean(context: GitContext, branchName: string, tree: Tree): Promise<string | null> {
  if (tree === null) return null;
  const where = escapePath(tree.path);
  const operation = operationIn(tree.gitDir);
  if (operation !== null) return `A ${operation} is in progress in ${where}; finish or abort it first.`;
  const args = ['status', '--porcelain=v2', '-z', '--branch', '--untracked-files=all', '--no-renames'];
  const { branch, tracked, untracked } = parseStatus(await context.git.text({ cwd: tree.path, args }));
  if (branch !== branchName) {
    const on = branch === null ? 'a detached HEAD' : `the branch ${escapePath(branch)}`;
    return `${where} is on ${on}; switch it to ${branchName} first.`;
  }
  const [first, ...more] = [...tracked, ...untracked];
  if (first === undefined) return null;
  const others = more.length === 0 ? '' : ` (and ${more.length} more)`;
  return `${escapePath(first)}${others} in ${where} is not committed; commit or remove it first.`;
}

/** The old commits are pinned, and the new ones, before anything moves. */
async function move(
  context: GitContext,
  {
    own,
    request,
    to,
    tree,
  }: { readonly own: GitContext; readonly request: ReplayRequest; readonly to: Oid; readonly tree: Tree },
): Promise<ReplayResult> {
  const { branchName, slug, target, head } = request;
  const reason = `cm-tui: replay onto ${target}`;
  const pinned = await updateRefs(
    context,
    [`update ${pins.oldHead(slug, head)} ${head}`, `update ${pins.replayed(slug)} ${to}`],
    reason,
  );
  if (pinned.code !== 0) return { outcome: 'failed', message: `The branch could not be pinned: ${gitReason(pinned)}.` };
  await asyncFailpoint('git.replay.pinned');
  const way: Move = { target: branchName, from: head, to, reason, with: [] };
  const result = tree === null ? await moveRef(own, way) : await advanceCheckout(own, way, tree.path);
  switch (result.outcome) {
    case 'moved': {
      const remarks = [result.remark ?? [], await releaseReplaced(context, Date.now())].flat();
      return { outcome: 'replayed', head: to, ...(remarks.length === 0 ? {} : { remark: remarks.join(' ') }) };
    }
    case 'elsewhere':
      return { outcome: 'moved', head: result.tip };
    case 'blocked':
      return blocked(result.message);
    case 'failed':
      return result;
  }
}

function refusal(replayed: Exclude<ReplayedCommits, { readonly outcome: 'made' }>): ReplayResult {
  const { oid, subject } = replayed;
  if (replayed.outcome === 'conflict') return { outcome: 'conflict', oid, subject, paths: replayed.paths };
  return blocked(
    `The merge ${oid.slice(0, 10)} "${subject}" holds changes of its own, which only you or its agent can redo.`,
  );
}

function blocked(message: string): ReplayResult {
  return { outcome: 'blocked', message };
}
