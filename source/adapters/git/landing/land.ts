import type { Oid } from '../../../domain/ids.ts';
import type { BranchesPort, UndoResult } from '../../../ports/branches.ts';
import type { GitPort, LandRequest, LandResult } from '../../../ports/git.ts';
import { asyncFailpoint } from '../../failpoint.ts';
import { doAgain } from '../calls/answers.ts';
import { recoverLanding } from '../checkout/recover.ts';
import { releaseReplaced } from '../checkout/rescue.ts';
import { headOfMain } from '../checkout/user-tree.ts';
import { type GitContext, isAncestor, readRefs, tipOf } from '../context.ts';
import { assertOid, branchRef, pins } from '../plumbing/refs.ts';
import { commitMessage, makeCommit } from '../plumbing/write-commit.ts';
import { bringSubmodules } from '../submodules/bring.ts';
import { isDirtyWhereHeld, whereHeld } from '../target/holder.ts';
import { moveBranch } from './advance-branch.ts';
import { hasAllObjects, wholeOn } from './completeness.ts';
import { runHook } from './hooks.ts';
import { wantsSignature } from './signature.ts';
import { treeWithStatus } from './status-line.ts';

/**
 * Moves the target from `base` to `candidate`. If that has already landed, the answer is `landed`; a landing that was killed half-way is
 * repaired first.
 */
export async function land(context: GitContext, request: LandRequest): Promise<LandResult> {
  return context.exclusive(async () => {
    await asyncFailpoint('git.land.before');
    const result = await doAgain(() => landNow(context, request), hasFailed);
    await asyncFailpoint('git.land.after');
    return result;
  });
}

async function landNow(context: GitContext, request: LandRequest): Promise<LandResult> {
  const { target, base, candidate, slug } = request;
  const recovery = await recoverLanding(context);
  if (recovery.outcome === 'stopped') return { outcome: 'blocked', message: recovery.message, paths: recovery.paths };
  const tip = await tipOf(context, branchRef(target));
  if (tip !== assertOid(base)) return landedOrMoved(context, request, tip);
  const brought = await wholeOn(context, assertOid(candidate), base);
  // Somebody has collected a part of the candidate as garbage: another one has to be built, as if the target had moved.
  if (brought === 'missing') return { outcome: 'target-moved', tip, rewound: false };
  if (brought === 'elsewhere')
    return { outcome: 'failed', message: `The candidate ${candidate} was not built on ${base}; build it again.` };
  const others = request.with ?? [];
  for (const approved of [request.approved ?? [], ...others.map(one => one.approved)].flat()) {
    const { branchName } = approved;
    const head = await tipOf(context, branchRef(branchName));
    if (head !== approved.head) return { outcome: 'head-moved', head, branchName };
  }
  for (const { candidate: other } of others) {
    const isBetween =
      (await isAncestor(context, base, assertOid(other))) && (await isAncestor(context, other, candidate));
    if (!isBetween) return { outcome: 'failed', message: `The candidate ${candidate} does not hold ${other}.` };
  }
  const result = await moveBranch(context, {
    target,
    from: base,
    to: candidate,
    reason: `cm-tui: land ${slug}`,
    with: [{ slug, candidate }, ...others].map(one => `update ${pins.landed(one.slug)} ${one.candidate}`),
  });
  if (result.outcome === 'elsewhere') return landedOrMoved(context, request, result.tip);
  if (result.outcome !== 'moved') return result;
  const remarks = [
    result.remark ?? [],
    await bringSubmodules(context, { from: base, to: candidate, slug }),
    await releaseReplaced(context, Date.now()),
    (await afterMerge(context, target)) ?? [],
  ].flat();
  return remarks.length === 0 ? { outcome: 'landed' } : { outcome: 'landed', remark: remarks.join(' ') };
}

/** The user's `post-merge` runs where they have the target checked out, as after a merge of their own; what it says holds nothing up. */
async function afterMerge(context: GitContext, target: string): Promise<string | null> {
  if (context.landingHooks.length === 0) return null;
  const held = await whereHeld(context, target);
  const { mainTree } = held.place;
  if (mainTree === null || (await headOfMain(held)) !== target) return null;
  return runHook(held, 'post-merge', { cwd: mainTree, args: ['0'] });
}

async function landedOrMoved(context: GitContext, request: LandRequest, tip: Oid | null): Promise<LandResult> {
  if (tip === null) return { outcome: 'target-moved', tip, rewound: true };
  if (await isAncestor(context, request.candidate, tip)) return { outcome: 'landed' };
  return { outcome: 'target-moved', tip, rewound: !(await isAncestor(context, request.base, tip)) };
}

/** Writes a status line in a commit of its own, by the same means as a landing. False: not possible now, nothing was changed. */
export async function writeStatus(
  context: GitContext,
  request: Parameters<GitPort['writeStatus']>[0],
): Promise<boolean> {
  return context.exclusive(async () => {
    await asyncFailpoint('git.status.before');
    const written = await doAgain(
      () => writeStatusNow(context, request),
      () => false,
    );
    await asyncFailpoint('git.status.after');
    return written;
  });
}

async function writeStatusNow(context: GitContext, request: Parameters<GitPort['writeStatus']>[0]): Promise<boolean> {
  if ((await recoverLanding(context)).outcome === 'stopped') return false;
  const ref = branchRef(request.target);
  const [refs, dirty] = await Promise.all([
    readRefs(context, [ref]),
    isDirtyWhereHeld(context, request.target, request.status.path),
  ]);
  const tip = refs.get(ref);
  if (tip === undefined || dirty) return false;
  const marked = await treeWithStatus(context, tip.tree, request.status);
  if (marked === null) return false;
  if (marked === tip.tree) return true;
  const message = commitMessage(`Set ${request.status.itemKey} to ${request.status.to ?? 'complete'}`, {});
  const sign = await wantsSignature(context);
  const commit = await makeCommit(context, { tree: marked, parents: [tip.oid], message, sign });
  if ('problem' in commit || !(await hasAllObjects(context, commit.oid, [tip.oid]))) return false;
  const reason = `cm-tui: status of ${request.status.itemKey}`;
  const result = await moveBranch(context, { target: request.target, from: tip.oid, to: commit.oid, reason, with: [] });
  return result.outcome === 'moved';
}

type UndoRequest = Parameters<BranchesPort['undoLanding']>[0];

/** The target goes back to what it was before `landed`, which has to be its tip still. The landed commit stays pinned. */
export async function undoLanding(context: GitContext, request: UndoRequest): Promise<UndoResult> {
  return context.exclusive(() => doAgain(() => undoNow(context, request), hasFailed));
}

async function undoNow(context: GitContext, request: UndoRequest): Promise<UndoResult> {
  const recovery = await recoverLanding(context);
  if (recovery.outcome === 'stopped') return { outcome: 'blocked', message: recovery.message, paths: recovery.paths };
  const { landed, base } = request;
  if (landed === base || !(await isAncestor(context, assertOid(base), assertOid(landed)))) {
    return { outcome: 'failed', message: `${request.landed} was not built on ${request.base}.` };
  }
  const holders = await branchesWith(context, request.landed, request.branches);
  if (holders.length > 0) return { outcome: 'built-on', branches: holders };
  return moveBranch(context, {
    target: request.target,
    from: request.landed,
    to: request.base,
    reason: `cm-tui: undo ${request.slug}`,
    with: [`delete ${pins.landed(request.slug)}`, `update ${pins.candidate(request.slug)} ${request.landed}`],
  });
}

/** A failure leaves nothing behind that prevents another attempt. */
function hasFailed({ outcome }: LandResult | UndoResult): boolean {
  return outcome === 'failed';
}

/** Those of the branches from which a commit is reached. */
async function branchesWith(context: GitContext, commit: Oid, branches: readonly string[]): Promise<readonly string[]> {
  if (branches.length === 0) return [];
  const args = ['for-each-ref', `--contains=${commit}`, '--format=%(refname:lstrip=2)', ...branches.map(branchRef)];
  const text = await context.git.text({ cwd: context.home, args });
  return text.split('\n').filter(name => name !== '');
}
