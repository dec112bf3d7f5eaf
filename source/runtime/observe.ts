import type { Observation } from '../coordinator/messages.ts';
import type { State } from '../coordinator/state.ts';
import { type Instance, isAlive, type Oid, type RunId } from '../domain/instance.ts';
import type { GitPort } from '../ports/git.ts';
import type { RunStatus } from '../ports/processes.ts';
import type { RuntimeDeps } from './deps.ts';

/** Ended runs whose processes are looked for: the latest ones. */
const leftoverLimit = 6;
const ancestryLimit = 10_000;

/** Whether one commit is an ancestor of another never changes. */
const ancestry = new WeakMap<GitPort, Map<string, boolean>>();

/** One look at git and at the processes of every run that may have some; what cannot be read stays unknown. */
export async function observe(deps: RuntimeDeps, state: State): Promise<Observation> {
  const { instances, targetTip } = state;
  const git = await deps.git.observe(deps.target, deps.settings.branchPrefix);
  const isOnTarget = (commit: Oid) => (git.targetTip === null ? null : isAncestor(deps.git, commit, git.targetTip));
  const runs: Record<RunId, RunStatus> = {};
  const landed: Record<RunId, boolean | null> = {};
  const merged: Record<RunId, boolean | null> = {};
  for (const instance of instances) {
    const { runId } = instance;
    if (isAlive(instance.state) || neverStarted(instance)) runs[runId] = await probe(deps, instance);
    if (instance.target !== deps.target) continue;
    const commit = landingOf(instance);
    if (commit !== null) landed[runId] = await isOnTarget(commit);
    if (mergesAsNothing(instance)) merged[runId] = await isOnTarget(instance.head);
  }
  // The first look is waited for; what outlived its run can be told with the next.
  const leftovers = state.reconciled ? await leftoversOf(deps, instances) : {};
  return { runs, git, landed, merged, leftovers, asOf: { instances, targetTip } };
}

function probe({ processes }: RuntimeDeps, { runId, slug, process }: Instance): Promise<RunStatus> {
  return processes.probe(runId, slug, process).catch((error: unknown) => ({
    status: 'unknown' as const,
    message: error instanceof Error ? error.message : String(error),
  }));
}

/** Its start was answered with an error, which does not prove that nothing runs. */
function neverStarted({ state, startTime, base }: Instance): boolean {
  return state === 'failed' && startTime === null && base !== null;
}

/** The commit whose landing was recorded, or may have happened without its answer having come. */
function landingOf({ state, merge }: Instance): Oid | null {
  if (state === 'merged') return merge.landed;
  return state === 'cleaned' ? null : (merge.candidate?.oid ?? null);
}

/** Merging it would change nothing: perhaps since somebody has merged it by hand. */
function mergesAsNothing(instance: Instance): instance is Instance & { readonly head: Oid } {
  const { state, head, commits, merge } = instance;
  const waits = state === 'awaiting-approval' || state === 'blocked' || state === 'conflict' || state === 'no-work';
  return waits && head !== null && commits > 0 && merge.prediction === 'empty';
}

async function isAncestor(git: GitPort, commit: Oid, tip: Oid): Promise<boolean | null> {
  const known = ancestry.get(git) ?? new Map<string, boolean>();
  ancestry.set(git, known);
  const key = `${commit} ${tip}`;
  const before = known.get(key);
  if (before !== undefined) return before;
  const answer = await git.isAncestor(commit, tip).catch(() => null);
  if (known.size >= ancestryLimit) known.clear();
  if (answer !== null) known.set(key, answer);
  return answer;
}

async function leftoversOf({ processes }: RuntimeDeps, instances: readonly Instance[]): Promise<Record<RunId, number>> {
  const ended = instances.filter(({ process, state }) => process !== null && !isAlive(state) && state !== 'cleaned');
  const counts: Record<RunId, number> = {};
  for (const { runId } of ended.slice(-leftoverLimit)) {
    const count = await processes.leftovers(runId).catch(() => null);
    if (count !== null) counts[runId] = count;
  }
  return counts;
}
