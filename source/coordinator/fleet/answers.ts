import { refusalLimit } from '../../domain/fleet/remote-run.ts';
import type { RunId } from '../../domain/ids.ts';
import type { Instance } from '../../domain/instance.ts';
import type { CancelResult } from '../../ports/fleet/fleet.ts';
import { judge } from '../runs/lifecycle.ts';
import { sanitizeReason } from '../state/sentences.ts';
import type { Transition } from '../transition.ts';
import { dispatchTo } from './offer.ts';
import { choosePool } from './room.ts';

/** One notice for as long as it cannot be offered; it is offered again with a later look. */
export function dispatchAnswered(transition: Transition, runId: RunId, problem: string | null): void {
  const instance = transition.instance(runId);
  if (instance === undefined || problem === null) return;
  const text = sanitizeReason(`${instance.key} could not be offered to another machine: ${problem}`);
  if (!transition.state.notices.some(one => one.text === text)) transition.notice('warning', text, runId);
}

/** A worker gave it back before its agent began: it is offered again, under the next number. */
export function refusedThere(transition: Transition, instance: Instance, worker: string, why: string): void {
  const { runId, priorityId, remote } = instance;
  if (remote === undefined) return;
  transition.record({ type: 'run-refused', runId, epoch: remote.epoch, worker, why: sanitizeReason(why) });
  if (instance.state === 'stopping') return cancelled(transition, instance);
  const refusals = transition.instance(runId)?.remote?.refusals ?? [];
  if (refusals.length >= refusalLimit) {
    const reason = sanitizeReason(`given back ${refusals.length} times, last by ${refusals.at(-1)}`);
    return transition.record({ type: 'instance-failed', runId, priorityId, reason });
  }
  dispatchTo(transition, runId, choosePool(transition.state) ?? remote.pool);
}

export function cancelAnswered(transition: Transition, runId: RunId, epoch: number, result: CancelResult): void {
  const instance = transition.instance(runId);
  if (instance?.state !== 'stopping' || instance.endTime !== null || instance.remote?.epoch !== epoch) return;
  if (result === 'nobody-has-it') cancelled(transition, instance);
}

/** Nobody works on it, so there is nothing to bring home. */
function cancelled(transition: Transition, { runId, priorityId, reason, head, commits, files }: Instance): void {
  const work = { head, commits, files, violations: [] };
  transition.record({ type: 'instance-judged', runId, priorityId, state: 'cancelled', reason, ...work });
}

/** Its commits are here: from now on it is a run like any other. */
export function cameHome(
  transition: Transition,
  runId: RunId,
  epoch: number,
  { head, taken }: { readonly head: string | null; readonly taken: boolean },
): void {
  const instance = transition.instance(runId);
  const { remote, state, endTime } = instance ?? {};
  if (instance === undefined || remote === undefined || remote.epoch !== epoch) return;
  if (endTime === null || (state !== 'completed' && state !== 'stopping') || remote.home === true) return;
  const made = remote.ended?.head ?? null;
  if (head === null && made !== null) {
    const text = sanitizeReason(
      `${instance.key}: the depot does not hold ${made.slice(0, 10)}, which ${remote.worker ?? 'its worker'} says it made; it is looked for again`,
    );
    if (!transition.state.notices.some(one => one.text === text)) transition.notice('warning', text, runId);
    return;
  }
  transition.record({ type: 'run-came-home', runId, head, ...(taken ? { taken } : {}) });
  if (remote.worker !== null) transition.emit({ type: 'fleet.forget', runId, epoch, worker: remote.worker });
  judge(transition, runId);
}
