import { contactMs, dispatchId } from '../../domain/fleet/remote-run.ts';
import type { RunId } from '../../domain/ids.ts';
import { type Instance, isAlive } from '../../domain/instance.ts';
import type { FleetObservation } from '../../ports/fleet/fleet.ts';
import type { State } from '../state/state.ts';

/** What a look at other machines asks for. */
export type FleetAction =
  | { readonly type: 'offer-again' | 'lost-contact' | 'back' | 'give-up' | 'cancel-again'; readonly runId: RunId }
  | { readonly type: 'bring-home' | 'bring-late' | 'forget'; readonly runId: RunId }
  | { readonly type: 'placed' | 'foreign-claim'; readonly runId: RunId; readonly worker: string }
  | { readonly type: 'tell'; readonly worker: string; readonly word: 'welcome' | 'drain' | 'leave' };

/**
 * Compares what the journal knows of runs on other machines with one look at them, in this order: reports that wait, the claim in the depot,
 * what workers say, the engine's job. Pure, and idempotent. What could not be looked at gives no action: nobody is dead because nobody
 * answers. No decision compares the clocks of two machines; silence is measured here, and only while we listen.
 */
export function reconcileFleet(state: State, seen: FleetObservation, asOf: State['instances']): readonly FleetAction[] {
  const before = new Set(asOf);
  const busy = new Set(Object.values(state.inFlight).map(({ runId }) => runId));
  const runs = state.instances.filter(one => one.remote !== undefined && before.has(one) && !busy.has(one.runId));
  return [...words(state, seen), ...runs.flatMap(one => actionsOf(state, one, seen))];
}

function actionsOf(state: State, instance: Instance, seen: FleetObservation): readonly FleetAction[] {
  const { runId, remote, endTime } = instance;
  if (remote === undefined) return [];
  const late = remote.late !== undefined && held(seen, remote.late.worker, dispatchId(runId, remote.late.epoch));
  const lateAction = late ? [{ type: 'bring-late', runId } as const] : [];
  if (endTime !== null && (instance.state === 'completed' || instance.state === 'stopping') && remote.home !== true)
    return [{ type: 'bring-home', runId }];
  // What is over is forgotten by its worker, however often that has to be said.
  if (!isAlive(instance.state) || remote.home === true) {
    const kept = remote.home === true && remote.worker !== null && held(seen, remote.worker, idOf(instance));
    return kept ? [...lateAction, { type: 'forget', runId }] : lateAction;
  }
  if (seen.unread === null || seen.unread.includes(runId)) return [];
  if (remote.worker === null) return unplaced(state, instance, seen);
  return placed(state, instance, seen);
}

/** Nobody is known to have it: the depot says whether anybody has. */
function unplaced({ fleet }: State, instance: Instance, { claims, jobs }: FleetObservation): readonly FleetAction[] {
  const { runId, state } = instance;
  const id = idOf(instance);
  if (claims === null) return [];
  const claim = claims[id];
  // Whoever has pushed its result says so in a report.
  if (claim?.worker === '') return [];
  const isProven = claim !== undefined && claim.key !== null && fleet?.accepted[claim.worker] === claim.key;
  if (isProven) return [{ type: 'placed', runId, worker: claim.worker }];
  if (state === 'stopping') return [{ type: 'cancel-again', runId }];
  if (claim !== undefined) return [{ type: 'foreign-claim', runId, worker: claim.worker }];
  if (jobs === null || jobs.includes(id)) return [];
  return [{ type: 'offer-again', runId }];
}

function placed(state: State, instance: Instance, seen: FleetObservation): readonly FleetAction[] {
  const { runId, remote } = instance;
  const { listeningMs, heard } = seen;
  if (listeningMs === null || remote === undefined) return [];
  const silentMs = Math.min(heard[idOf(instance)] ?? Number.POSITIVE_INFINITY, listeningMs);
  if (silentMs >= state.settings.fleet.lostAfter * 1000) return [{ type: 'give-up', runId }];
  const again = instance.state === 'stopping' ? [{ type: 'cancel-again', runId } as const] : [];
  if (silentMs > contactMs) return remote.noContact === true ? [] : [{ type: 'lost-contact', runId }];
  const isHeard = heard[idOf(instance)] !== undefined;
  return remote.noContact === true && isHeard ? [{ type: 'back', runId }, ...again] : again;
}

/** What workers should know and do not seem to. */
function words({ fleet }: State, { workers }: FleetObservation): readonly FleetAction[] {
  return workers.flatMap(({ name: worker, key, welcome, draining, silentMs }): readonly FleetAction[] => {
    if (silentMs > contactMs) return [];
    const isAccepted = fleet?.accepted[worker] === key;
    if (!isAccepted) return welcome ? [{ type: 'tell', worker, word: 'leave' }] : [];
    if (!welcome) return [{ type: 'tell', worker, word: 'welcome' }];
    return fleet?.drained.includes(worker) === true && !draining ? [{ type: 'tell', worker, word: 'drain' }] : [];
  });
}

function held({ workers }: FleetObservation, worker: string, id: string): boolean {
  return workers.some(({ name, running }) => name === worker && running.includes(id));
}

function idOf({ runId, remote }: Instance): string {
  return dispatchId(runId, remote?.epoch ?? 0);
}
