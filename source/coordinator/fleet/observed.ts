import type { FleetObservation, Refused } from '../../ports/fleet/fleet.ts';
import { sanitizeReason } from '../state/sentences.ts';
import type { State } from '../state/state.ts';
import type { Transition } from '../transition.ts';
import { refusedThere } from './answers.ts';
import { giveUp } from './lost.ts';
import { bringHome, cancelThere, offer } from './offer.ts';
import { type FleetAction, reconcileFleet } from './reconcile.ts';
import { placeWith } from './reports.ts';

/** Compares what was seen of other machines with what is known, and does what is missing. */
export function fleetObserved(transition: Transition, seen: FleetObservation, asOf: State['instances']): void {
  transition.change({ machines: seen.workers });
  for (const one of seen.refused) refusedWords(transition, one);
  for (const action of reconcileFleet(transition.state, seen, asOf)) carryOut(transition, action);
}

/** A person hears of it once. */
function refusedWords(transition: Transition, { why, worker }: Refused): void {
  const from = worker === null ? 'somebody' : `"${worker}"`;
  const text = sanitizeReason(`dropped what ${from} sent through the engine: ${refusals[why]}`);
  if (!transition.state.notices.some(one => one.text === text)) transition.notice('warning', text);
}

const refusals: Readonly<Record<Refused['why'], string>> = {
  forged: 'its signature is wrong',
  malformed: 'it has no known form; perhaps another version runs there',
  replayed: 'it was heard before',
};

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
    case 'foreign-claim':
      // Its place in the depot is taken by somebody who may not have it: the next one is free.
      return refusedThere(transition, instance, action.worker, 'its claim is not signed by a worker that you accepted');
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
