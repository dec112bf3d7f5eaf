import type { Outcome } from '../../coordinator/state/messages.ts';
import type { State } from '../../coordinator/state/state.ts';
import type { Instance } from '../../domain/instance.ts';
import type { Lineage } from '../../ports/git.ts';
import type { RuntimeDeps } from '../deps.ts';

/** What a program said of its own work. */
export type OwnVerdict = { readonly ok: boolean; readonly message: string; readonly asks?: true };

/** Wait before git is asked once more what a run has left. */
const judgeAgainMs = 1000;

/** Asks git what a run has left, after its program's own verdict. */
export async function judgeBranch(
  deps: RuntimeDeps,
  state: State,
  instance: Instance,
  verdictOf: (instance: Instance) => Promise<OwnVerdict | null>,
): Promise<Outcome> {
  const { runId, branchName, target, setupFiles = {} } = instance;
  const result = await verdictOf(instance);
  const request = { branchName, target, setupFiles, ...lineageOf(state, instance) };
  const facts = await deps.git.inspect(request).catch(async () => {
    // A machine that is short of something for a moment does not need a person.
    await new Promise<void>(resolve => deps.clock.setTimer(judgeAgainMs, resolve));
    return deps.git.inspect(request);
  });
  const isEnd = instance.process !== null && (instance.state === 'completed' || instance.state === 'stopping');
  return { type: 'judged', runId, facts, result, strays: isEnd ? await straysOf(deps, instance) : [] };
}

/** Processes that may be the run's though nothing proves it. Not knowing them must not fail the request. */
export async function straysOf({ processes }: RuntimeDeps, { runId, process, worktreePath }: Instance) {
  return processes.strays === undefined ? [] : processes.strays(runId, process, worktreePath).catch(() => null);
}

/** Where its branch came from, and what else is known to have been on its target. */
export function lineageOf({ instances }: State, { runId, target, worktreePath, base }: Instance): Lineage {
  const others = instances.filter(one => one.target === target && one.runId !== runId);
  const former = new Set(others.flatMap(one => [one.base, one.merge.landed].filter(oid => oid !== null)));
  return { worktreePath, base, former: [...former] };
}
