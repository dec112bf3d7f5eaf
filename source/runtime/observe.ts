import type { Observation } from '../coordinator/state/messages.ts';
import type { State } from '../coordinator/state/state.ts';
import { messageOf } from '../domain/errors.ts';
import type { Oid, RunId } from '../domain/ids.ts';
import { hasLanded, type Instance, isAlive, waitsToLand } from '../domain/instance.ts';
import type { FoundLanding } from '../domain/queue/landed-as.ts';
import { isBesideRun } from '../domain/review/reading.ts';
import { landsOn } from '../domain/stack/standing.ts';
import type { GitPort } from '../ports/git.ts';
import type { RunStatus } from '../ports/processes.ts';
import type { RuntimeDeps } from './deps.ts';

/** Ended runs whose processes are looked for: the latest ones. */
const leftoverLimit = 6;
const ancestryLimit = 10_000;

/** Whether one commit is an ancestor of another never changes. */
const ancestry = new WeakMap<GitPort, Map<string, boolean>>();

/** What a look has to find out: whose processes to probe, and which commits may be on the target. */
export interface Questions {
  readonly probes: readonly Instance[];
  /** Commits whose landing was recorded, or may have happened without its answer having come. */
  readonly landings: readonly { readonly runId: RunId; readonly commit: Oid }[];
  /** Commits of the target that branches which wait for a person are built on. */
  readonly bases: readonly { readonly runId: RunId; readonly commit: Oid }[];
  /** Heads whose work somebody else may have landed, however that was done. */
  readonly heads: readonly LandedQuestion[];
}

/** `isOwn`: the run is known to have made commits of its own. */
interface LandedQuestion {
  readonly runId: RunId;
  readonly commit: Oid;
  readonly isOwn: boolean;
}

/** The questions that this state raises. */
export function questionsOf({ instances, target }: Pick<State, 'instances' | 'target'>): Questions {
  const ours = instances.filter(instance => instance.target === target);
  // Whoever lands by hand what stands on another branch lands it on the target.
  const onOurs = instances.filter(instance => landsOn(instance) === target);
  return {
    probes: instances.filter(one => one.remote === undefined && (isAlive(one.state) || neverStarted(one))),
    landings: ours.flatMap(instance => named(instance.runId, landingOf(instance))),
    bases: ours.flatMap(instance => named(instance.runId, isHeldUp(instance) ? instance.base : null)),
    heads: onOurs.flatMap(instance => (mayBeMerged(instance) ? questionOf(instance) : [])),
  };
}

function questionOf({ runId, head, commits }: Instance): readonly LandedQuestion[] {
  return head === null ? [] : [{ runId, commit: head, isOwn: commits > 0 }];
}

function named(runId: RunId, commit: Oid | null) {
  return commit === null ? [] : [{ runId, commit }];
}

/** One look at git and at the processes of every run that may have some; what cannot be read stays unknown. */
export async function observeWorld(deps: RuntimeDeps, state: State): Promise<Observation> {
  const { instances, targetTip } = state;
  const { probes, landings, bases, heads } = questionsOf(state);
  const alive = instances.filter(one => isAlive(one.state) && one.base !== null && one.remote === undefined);
  const folders = alive.map(instance => instance.worktreePath);
  const git = await deps.git.observe(deps.target, state.settings.branchPrefix, folders);
  const runs: Record<RunId, RunStatus> = {};
  for (const instance of probes) runs[instance.runId] = await probe(deps, instance);
  const onTarget = async (questions: Questions['landings']) => {
    const answers: Record<RunId, boolean | null> = {};
    for (const { runId, commit } of questions) answers[runId] = await isAncestor(deps.git, commit, git.targetTip);
    return answers;
  };
  const landed = await onTarget(landings);
  const grounded = await onTarget(bases);
  // Whoever amends a landing, or rewrites what is before it, leaves its work on the target all the same.
  const moved = instances.filter(({ state, runId }) => state === 'merged' && landed[runId] === false);
  const merged = await landedBy(deps.git, [...heads, ...moved.flatMap(questionOf)], git.targetTip);
  // What a pull request was merged as counts, also where it was changed in the merge.
  const merges = instances.flatMap(({ runId, pr }) => named(runId, pr?.mergedAs ?? null));
  for (const [runId, there] of Object.entries(await onTarget(merges))) {
    const oid = merges.find(one => one.runId === runId)?.commit;
    if (there === true && oid !== undefined && runId in merged) merged[runId] = { oid, style: 'pr' };
  }
  // The first observation is waited for; what outlived its run can come with the next.
  const leftovers = state.reconciled ? await leftoversOf(deps, instances) : {};
  const unknownRuns = state.reconciled ? await unknownRunsOf(deps, instances) : null;
  return { runs, git, landed, merged, grounded, leftovers, unknownRuns, asOf: { instances, targetTip } };
}

function probe({ processes }: RuntimeDeps, { runId, slug, process }: Instance): Promise<RunStatus> {
  return processes.probe(runId, slug, process).catch((error: unknown) => ({
    status: 'unknown' as const,
    message: messageOf(error),
  }));
}

/** Its start was answered with an error, which does not prove that nothing runs. */
function neverStarted({ state, process, base }: Instance): boolean {
  return state === 'failed' && process === null && base !== null;
}

function landingOf({ state, merge, undoing }: Instance): Oid | null {
  if (state === 'merged' || undoing !== undefined) return merge.landed;
  return state === 'cleaned' || merge.candidate?.early === true ? null : (merge.candidate?.oid ?? null);
}

/** It waits for a person, and no observation has said yet that it would bring anything back. */
function isHeldUp({ state, returning }: Instance): boolean {
  return waitsToLand(state) && state !== 'landing' && returning === undefined;
}

/** It is over and not on its way into the target by us: perhaps somebody else has landed it. */
function mayBeMerged({ state, base, head }: Instance): boolean {
  if (head === base || isAlive(state) || hasLanded(state)) return false;
  return state !== 'completed' && state !== 'checking' && state !== 'landing';
}

/** Whether one commit's work is in another never changes. */
const landings = new WeakMap<GitPort, Map<string, FoundLanding | false>>();

async function landedBy(git: GitPort, questions: readonly LandedQuestion[], tip: Oid | null) {
  const known = landings.get(git) ?? new Map<string, FoundLanding | false>();
  landings.set(git, known);
  const answers: Record<RunId, FoundLanding | false | null> = {};
  for (const { runId, commit, isOwn } of questions) {
    const key = `${commit} ${tip} ${isOwn}`;
    const found = known.get(key) ?? (tip === null ? null : await ask(commit, tip, isOwn));
    if (known.size >= ancestryLimit) known.clear();
    if (found !== null) known.set(key, found);
    answers[runId] = found;
  }
  return answers;

  async function ask(head: Oid, target: Oid, isOwn: boolean): Promise<FoundLanding | false | null> {
    try {
      return (await git.findLanded({ head, tip: target, isOwn })) ?? false;
    } catch {
      return null;
    }
  }
}

async function isAncestor(git: GitPort, commit: Oid, tip: Oid | null): Promise<boolean | null> {
  if (tip === null) return null;
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

/** Run folders that belong to no run; null where they cannot be read. */
async function unknownRunsOf(
  { processes }: RuntimeDeps,
  instances: readonly Instance[],
): Promise<readonly string[] | null> {
  const names = await processes.runNames?.().catch(() => null);
  const slugs = new Set(instances.map(({ slug }) => slug));
  return names?.filter(name => !isBesideRun(name) && !slugs.has(name)) ?? null;
}

/**
 * True where a run was started and nobody watches it. What changed during an observation, as a run whose log has just reported its result, is
 * left out of it: unless it is observed once more, its end would be noticed with the next poll only.
 */
export function hasUnwatchedRuns({ instances, watched, inFlight }: State): boolean {
  const busy = new Set(Object.values(inFlight).map(({ runId }) => runId));
  return instances.some(
    ({ state, process, runId }) =>
      state === 'running' && process !== null && !watched.includes(runId) && !busy.has(runId),
  );
}
