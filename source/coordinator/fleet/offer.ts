import type { RunId } from '../../domain/ids.ts';
import type { Instance } from '../../domain/instance.ts';
import type { Transition } from '../transition.ts';

/** Offers a run to a pool; its intent is on disk before anybody can take it. */
export function dispatchTo(transition: Transition, runId: RunId, pool: string): void {
  const instance = transition.instance(runId);
  const base = instance?.remote?.base ?? transition.state.targetTip;
  if (instance === undefined || base === null) return;
  const epoch = (instance.remote?.epoch ?? 0) + 1;
  transition.record({ type: 'run-dispatched', runId, epoch, pool, base });
  offer(transition, runId);
}

/** The same offer again, as it was journaled: the claim keeps it single. */
export function offer(transition: Transition, runId: RunId): void {
  if (!transition.busy('fleet.dispatch', runId)) transition.start({ type: 'fleet.dispatch', runId });
}

/** Its worker is asked to end it, or nobody can take it any more. */
export function cancelThere(transition: Transition, { runId }: Instance): void {
  if (!transition.busy('fleet.cancel', runId)) transition.start({ type: 'fleet.cancel', runId });
}

/** Its commits are wanted here, from wherever they are. */
export function bringHome(transition: Transition, runId: RunId, late = false): void {
  if (transition.busy('fleet.home', runId)) return;
  transition.start({ type: 'fleet.home', runId, ...(late ? { late: true as const } : {}) });
}
