import { commitLeftRequest } from '../coordinator/starting/commit-left.ts';
import type { Oid } from '../domain/ids.ts';
import type { Instance } from '../domain/instance.ts';
import type { BranchesPort, CommitLeftResult, DiscardResult } from '../ports/branches.ts';
import type { CleanProbe, CleanResult } from '../ports/git.ts';
import type { RuntimeDeps } from './deps.ts';

function namesOf({ runId, slug, branchName, worktreePath, target, head, merge, setupFiles = {} }: Instance) {
  return { runId, slug, branchName, worktreePath, target, head, landed: merge.landed, setupFiles };
}

/** What removing a run's worktree and branch would lose, and what forbids it: processes that outlived it too. */
export async function probeRemoval(deps: RuntimeDeps, instance: Instance): Promise<CleanProbe> {
  const [probe, obstacle] = await Promise.all([deps.git.probeClean(namesOf(instance)), livesOn(deps, instance)]);
  if (obstacle === null) return probe;
  const { obstacles, binding = [] } = probe;
  return { ...probe, obstacles: [...obstacles, obstacle], binding: [...binding, obstacle] };
}

/** Removes worktree and branch of what has provably landed, unless something of the run is still alive. */
export async function removeRun(
  deps: RuntimeDeps,
  instance: Instance,
  confirmedLoss: readonly string[],
): Promise<CleanResult> {
  const obstacle = await livesOn(deps, instance);
  if (obstacle !== null) return { outcome: 'kept', reasons: [obstacle] };
  return deps.git.clean({ ...namesOf(instance), confirmedLoss });
}

/** Removes worktree and branch whatever they hold, unless something of the run is still alive. */
export async function removeUnlanded(
  deps: RuntimeDeps,
  branches: BranchesPort,
  instance: Instance,
): Promise<DiscardResult> {
  const obstacle = await livesOn(deps, instance);
  if (obstacle !== null) return { outcome: 'kept', reasons: [obstacle] };
  const { landed: _, ...names } = namesOf(instance);
  return branches.discardRun(names);
}

/** Commits what a run left, unless something of it may still be writing there. */
export async function commitUnlessAlive(
  deps: RuntimeDeps,
  branches: BranchesPort,
  instance: Instance,
  head: Oid,
): Promise<CommitLeftResult> {
  const obstacle = await livesOn(deps, instance);
  return obstacle === null
    ? branches.commitLeft(commitLeftRequest(instance, head))
    : { outcome: 'failed', message: obstacle };
}

/** A process may work in a worktree without having it as its folder. Unknown forbids to touch it as well. */
async function livesOn({ processes }: RuntimeDeps, { runId, key }: Instance): Promise<string | null> {
  const count = await processes.leftovers(runId).catch(() => null);
  if (count === null) return `It is unknown whether processes of ${key} are still alive.`;
  if (count === 0) return null;
  return count === 1
    ? `A process of ${key} is still alive. Stop it first.`
    : `${count} processes of ${key} are still alive. Stop them first.`;
}
