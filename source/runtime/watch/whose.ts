import type { State } from '../../coordinator/state/state.ts';
import type { RunId } from '../../domain/ids.ts';
import { type Instance, isAlive, waitsToLand } from '../../domain/instance.ts';
import type { RunNames, UserWork } from '../../domain/user-work/look.ts';

/** Worktrees of ended runs that are looked at beside the user's own: the latest ones. */
const othersLimit = 6;

/** Branches and worktrees that are not the user's own. */
export function namesOfRuns({ instances, target }: State): RunNames {
  return {
    branches: new Set(instances.flatMap(one => [one.branchName, ...exportedBy(one)])),
    targets: new Set([...(target === null ? [] : [target]), ...instances.map(one => one.target)]),
    worktrees: new Set(instances.map(one => one.worktreePath)),
  };
}

/** Every worktree of the user's, and those of runs that wait to land. */
export function treesOf(state: State, work: UserWork, runId: RunId): readonly string[] {
  const ended = state.instances.filter(one => one.runId !== runId && !isAlive(one.state) && waitsToLand(one.state));
  return [...usersTrees(state, work), ...ended.slice(-othersLimit).map(one => one.worktreePath)];
}

/** Existing worktrees of the user's. */
export function usersTrees({ instances }: State, { trees }: UserWork): readonly string[] {
  const ours = new Set(instances.map(one => one.worktreePath));
  return Object.entries(trees).flatMap(([path, { there }]) => (there && !ours.has(path) ? [path] : []));
}

/** Branches that were made for a run at a person's wish. */
function exportedBy({ exported }: Instance): readonly string[] {
  return exported === undefined || exported.commit === null ? [] : [exported.branchName];
}
