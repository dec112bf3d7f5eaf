import type { RunId } from '../../domain/ids.ts';
import { type Instance, isAlive } from '../../domain/instance.ts';
import { escapePath } from '../../domain/text/sanitize.ts';
import type { GitObservation, WorktreeObservation } from '../../ports/git.ts';
import type { Observation } from '../state/messages.ts';
import { astrayReason } from '../state/sentences.ts';
import type { State } from '../state/state.ts';

type Tell = { readonly type: 'tell'; readonly runId: RunId | null; readonly text: string };
type Astray = { readonly type: 'stop-astray'; readonly runId: RunId; readonly reason: string };

/** The run's worktree as git lists it: by its place, or by the lock that names the run where a link led elsewhere. */
export function ownWorktree(
  { runId, worktreePath }: Instance,
  worktrees: readonly WorktreeObservation[],
): WorktreeObservation | undefined {
  return worktrees.find(
    ({ path, lockedReason }) => path === worktreePath || lockedReason?.endsWith(` ${runId}`) === true,
  );
}

/** What is wrong with a run's worktree: a run that works in it is stopped, for the others a person is notified. */
export function worktreeAction(instance: Instance, git: GitObservation): Tell | Astray | null {
  const { runId, key, branchName, state } = instance;
  const { worktrees, branches, missing = [] } = git;
  if (worktrees === null || branches === null || instance.base === null || instance.remote !== undefined) return null;
  const path = escapePath(instance.worktreePath);
  const entry = ownWorktree(instance, worktrees);
  // Where it was removed by git itself, or its record was pruned, it is not listed any more.
  const isGone = entry === undefined ? missing.includes(instance.worktreePath) : !entry.exists;
  if (isGone && isAlive(state)) {
    return { type: 'stop-astray', runId, reason: astrayReason };
  }
  // Without the branch there is nothing to report beyond the judgement.
  if (branches[branchName] === undefined) return null;
  const tell = (text: string): Tell => ({ type: 'tell', runId, text: `${key}: ${text}` });
  const twin = worktrees.find(other => other.branchName === branchName && other !== entry && other.exists);
  if (twin !== undefined) return tell(`its branch ${branchName} is checked out in ${escapePath(twin.path)}`);
  if (entry?.exists === false)
    return tell(`its worktree ${path} is gone (if it was moved, "git worktree repair" there); ${branchName} is kept`);
  if (entry !== undefined) return null;
  return tell(`git no longer lists its worktree ${path} ("git worktree repair" where it is); ${branchName} is kept`);
}

/** Worktrees, branches and run folders that have our names and belong to no run: shown, never touched. */
export function findStrangers(state: State, { git, unknownRuns }: Observation): readonly Tell[] {
  const { branchPrefix } = state.settings;
  const paths = new Set(state.instances.map(instance => instance.worktreePath));
  const branches = new Set(state.instances.map(instance => instance.branchName));
  const worktrees = (git.worktrees ?? []).filter(
    ({ path, branchName }) =>
      branchName?.startsWith(branchPrefix) === true &&
      branchName !== state.target &&
      !branches.has(branchName) &&
      !paths.has(path) &&
      path !== state.repository?.root,
  );
  return [
    ...worktrees.map(({ path, branchName }) => ({
      type: 'tell' as const,
      runId: null,
      text: `found the worktree ${escapePath(path)} on ${branchName}, which belongs to no run; it is kept`,
    })),
    ...(unknownRuns ?? []).map(name => ({
      type: 'tell' as const,
      runId: null,
      text: `found the run folder ${escapePath(name)}, which belongs to no run; it is kept`,
    })),
  ];
}
