import { hasLanded, type Instance, isAlive } from '../domain/instance.ts';
import { queueWait } from './queue-place.ts';
import type { State } from './state.ts';

/** Waiting for these alone ends by itself, so it is not idleness while something is planned. */
const passing = new Set(['capacity', 'cooldown']);

/** Nothing runs, is being landed, or is ready; nothing but a person can change that (the contract, §8 `--exit-when-idle`). */
export function isIdle(state: State): boolean {
  if (!state.ready || Object.keys(state.inFlight).length > 0) return false;
  if (state.instances.some(instance => isAlive(instance.state) || instance.state === 'completed')) return false;
  if (state.queuePaused === null && state.instances.some(instance => hasItsTurn(state, instance))) return false;
  if (state.mode === 'manual' || state.paused) return true;
  if (state.plan.ready.length > 0) return false;
  return !state.plan.waiting.some(
    ({ reasons }) => reasons.length > 0 && reasons.every(reason => passing.has(reason.code)),
  );
}

/** It is being landed, or will be by itself. */
function hasItsTurn(state: State, instance: Instance): boolean {
  if (instance.state === 'checking' || instance.state === 'landing') return true;
  return instance.state === 'queued' && queueWait(state, instance) === null;
}

/** The exit code of a run that came to rest: 0 all landed, 1 something failed or waits. */
export function standing(state: State): 0 | 1 {
  const latest = new Map(state.instances.map(instance => [instance.priorityId, instance]));
  const unfinished = [...latest.values()].some(instance => !hasLanded(instance.state) && instance.state !== 'rejected');
  // What the ROADMAP does not plan waits for nobody.
  const planned = state.plan.waiting.some(({ reasons }) => reasons.some(({ code }) => code !== 'status'));
  const waiting = planned || state.plan.ready.length > 0;
  return unfinished || waiting || state.pendingStatus.length > 0 ? 1 : 0;
}
