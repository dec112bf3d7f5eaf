import { existsSync } from 'node:fs';
import type { Oid } from '../../../domain/ids.ts';
import { escapePath } from '../../../domain/text/sanitize.ts';
import type { BranchesPort, DiscardResult, RestoreResult } from '../../../ports/branches.ts';
import { doAgain, gitReason } from '../calls/answers.ts';
import { saveWork } from '../checkout/save-work.ts';
import { type GitContext, readRefs } from '../context.ts';
import { linkedGitDir, listedPath, listWorktrees } from '../plumbing/branch-usage.ts';
import { missingAmong } from '../plumbing/read-blobs.ts';
import { assertOid, branchRef, lockReason, pins, stampOf } from '../plumbing/refs.ts';
import { updateRefs } from '../refs/update-refs.ts';
import { probeClean, removeWorktree } from './clean.ts';

type DiscardRequest = Parameters<BranchesPort['discardRun']>[0];
type RestoreRequest = Parameters<BranchesPort['restoreRun']>[0];

/**
 * Removes worktree and branch of a run whatever they hold. Its head, and a commit of what is not committed there, are pinned before; what
 * git ignores is gone. Can be repeated after a crash at any step.
 */
export function discardRun(context: GitContext, request: DiscardRequest): Promise<DiscardResult> {
  const pinned: Pinned = {};
  return context.exclusive(() =>
    doAgain(
      () => discardNow(context, request, pinned),
      ({ outcome }) => outcome === 'failed',
    ),
  );
}

/** What a try has pinned of the uncommitted files: one that failed after that leaves half a worktree, or none, to look at. */
interface Pinned {
  saved?: Oid | null;
}

async function discardNow(context: GitContext, request: DiscardRequest, pinned: Pinned): Promise<DiscardResult> {
  const { slug, branchName } = request;
  const { binding = [] } = await probeClean(context, { ...request, landed: null });
  if (binding.length > 0) return { outcome: 'kept', reasons: binding };
  const path = listedPath(request.worktreePath);
  const branch = branchRef(branchName);
  const tip = (await readRefs(context, [branch])).get(branch)?.oid ?? request.head;
  const entry = (await listWorktrees(context)).find(one => one.path === path);
  const isThere = existsSync(path) && linkedGitDir(context, path) !== null;
  const saved = pinned.saved ?? (isThere && pinned.saved === undefined ? await saveWork(context, path) : null);
  const kept = [...new Set([saved, tip, entry?.head ?? null])].filter(oid => oid !== null);
  if (kept.length > 0) {
    const stamp = stampOf(Date.now());
    const updates = kept.map(oid => `update ${pins.discarded(stamp, oid)} ${oid}`);
    const output = await updateRefs(context, updates, `cm-tui: discard ${slug}`);
    if (output.code !== 0) return failed(`Could not pin what ${branchName} holds: ${gitReason(output)}.`);
  }
  pinned.saved = saved;
  const problem = entry === undefined ? null : await removeWorktree(context, path, true);
  if (problem !== null) return failed(problem);
  if (tip !== null && (await readRefs(context, [branch])).has(branch)) {
    const output = await updateRefs(context, [`delete ${branch} ${tip}`], `cm-tui: discard ${slug}`);
    if (output.code !== 0) return failed(`Could not delete the branch ${branchName}: ${gitReason(output)}.`);
  }
  return { outcome: 'removed', head: tip, saved };
}

/** Brings a run's branch and worktree back, with what was not committed there. A branch that is there is never moved. */
export function restoreRun(context: GitContext, request: RestoreRequest): Promise<RestoreResult> {
  return context.exclusive(() =>
    doAgain(
      () => restoreNow(context, request),
      ({ outcome }) => outcome === 'failed',
    ),
  );
}

async function restoreNow(context: GitContext, request: RestoreRequest): Promise<RestoreResult> {
  const { runId, slug, branchName, saved } = request;
  const head = assertOid(request.head);
  const path = listedPath(request.worktreePath);
  const wanted = saved === null ? [head] : [head, assertOid(saved)];
  if ((await missingAmong(context, wanted)).length > 0)
    return failed(`The commits of ${branchName} are no longer in the repository; git gc has removed them.`);
  const branch = branchRef(branchName);
  const there = (await readRefs(context, [branch])).get(branch)?.oid;
  if (there === undefined) {
    const output = await updateRefs(context, [`create ${branch} ${head}`], `cm-tui: restore ${slug}`);
    if (output.code !== 0) return failed(`Could not create the branch ${branchName}: ${gitReason(output)}.`);
  }
  const elsewhere = (await listWorktrees(context)).find(({ branchName: name }) => name === branchName);
  if (elsewhere !== undefined && existsSync(elsewhere.path)) return { outcome: 'restored', head: there ?? head };
  if (existsSync(path)) return failed(`${escapePath(path)} is in the way; move it and try again.`);
  const lock = ['--lock', '--reason', lockReason(runId)];
  const args = ['worktree', 'add', '--force', ...lock, '--', path, branchName];
  const output = await context.git.runLocked({ cwd: context.home, args, durable: true });
  if (output.code !== 0) return failed(`Could not create the worktree ${escapePath(path)}: ${gitReason(output)}.`);
  return (await bringBack(context, path, saved)) ?? { outcome: 'restored', head: there ?? head };
}

/** The files that were not committed, which are not committed again. */
async function bringBack(context: GitContext, path: string, saved: Oid | null): Promise<RestoreResult | null> {
  if (saved === null) return null;
  const args = ['restore', `--source=${saved}`, '--worktree', '--', '.'];
  const output = await context.git.run({ cwd: path, args });
  return output.code === 0
    ? null
    : failed(`Could not restore what was not committed (${saved}): ${gitReason(output)}.`);
}

function failed(message: string): { readonly outcome: 'failed'; readonly message: string } {
  return { outcome: 'failed', message };
}
