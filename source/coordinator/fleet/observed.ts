import type { FleetObservation } from '../../ports/fleet/fleet.ts';
import type { State } from '../state/state.ts';
import type { Transition } from '../transition.ts';
import { giveUp } from './lost.ts';
import { bringHome, cancelThere, offer } from './offer.ts';
import { type FleetAction, reconcileFleet } from './reconcile.ts';
import { placeWith } from './reports.ts';

/** Compares what was seen of other machines with what is known, and does what is missing. */
export function fleetObserved(transition: Transition, seen: FleetObservation, asOf: State['instances']): void {
  transition.change({ machines: seen.workers });
  for (const action of reconcileFleet(transition.state, seen, asOf)) carryOut(transition, action);
}

function carryOut(transition: Transition, action: FleetAction): void {
  if (action.type === 'tell') return transition.emit({ type: 'fleet.tell', worker: action.worker, word: action.word });
  const { runId } = action;
  const instance = transition.instance(runId);
  const { remote } = instance ?? {};
  if (instance === undefined || remote === undefined) return;
  const worker = remote.worker ?? '';
  switch (action.type) {
    case 'placed':
      return placeWith(transition, instance, action.worker);
    case 'offer-again':
      return offer(transition, runId);
    case 'lost-contact':
      return transition.record({ type: 'contact-lost', runId, worker });
    case 'back':
      return transition.record({ type: 'contact-back', runId, worker });
    case 'give-up':
      return giveUp(transition, instance);
    case 'cancel-again':
      return cancelThere(transition, instance);
    case 'bring-home':
      return bringHome(transition, runId);
    case 'bring-late':
      return bringHome(transition, runId, true);
    case 'forget':
      return transition.emit({ type: 'fleet.forget', runId, epoch: remote.epoch, worker });
  }
}
