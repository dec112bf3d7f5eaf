import { checkSlots, checksHash } from '../../domain/checks.ts';
import type { Instance, Oid, RunId } from '../../domain/instance.ts';
import type { CheckRun } from '../../domain/queue/merge-entry.ts';
import type { EventOf } from '../state/events.ts';
import type { State } from '../state/state.ts';
import type { Transition } from '../transition.ts';

/**
 * Starts the checks of a candidate, or goes on waiting for the very run of them that was under way when we were cut off: what is
 * started again under the same number is found by the runtime, alive or ended, and not run twice.
 */
export function startChecks(transition: Transition, runId: RunId, candidate: Oid): void {
  const check = nextCheck(transition, runId, candidate);
  const goesOn =
    transition.instance(runId)?.merge.check?.number === check.number && transition.busy('speculate.check', runId);
  transition.record({ type: 'checks-started', runId, candidate, check });
  // Begun ahead of its turn, they are under way already.
  if (!goesOn) transition.start({ type: 'checks.run', runId, candidate });
}

/** The same for a branch whose turn has not come: it stays in its place while it is checked. */
export function startChecksAhead(transition: Transition, runId: RunId, candidate: Oid): void {
  const check = nextCheck(transition, runId, candidate);
  transition.record({ type: 'checks-started', runId, candidate, check, ahead: true });
  transition.start({ type: 'speculate.check', runId, candidate });
}

/** True where the checks of this candidate have ended, as they are in the settings now. */
export function isKnownResult(transition: Transition, { merge: { checks } }: Instance, candidate: Oid): boolean {
  return checks?.candidate === candidate && checks.commandHash === checksHash(transition.state.settings);
}

function nextCheck(
  transition: Transition,
  runId: RunId,
  candidate: Oid,
): Pick<CheckRun, 'commandHash' | 'number' | 'slot'> {
  const last = transition.instance(runId)?.merge.check;
  const commandHash = checksHash(transition.state.settings);
  const same = last !== undefined && !last.ended && last.candidate === candidate && last.commandHash === commandHash;
  if (same) return { commandHash, number: last.number, slot: last.slot };
  return { commandHash, number: (last?.number ?? 0) + 1, slot: freeSlot(transition.state, runId) };
}

/** A place in which no other branch's checks are at work; there is one, since only one other branch may be checked. */
function freeSlot({ instances }: State, runId: RunId): number {
  const taken = instances.flatMap(({ runId: other, merge: { check } }) =>
    other === runId || check === undefined || check.ended ? [] : [check.slot],
  );
  const slots = Array.from({ length: checkSlots }, (_, slot) => slot);
  return slots.find(slot => !taken.includes(slot)) ?? 0;
}

/** Ends the checks that nobody waits for any more since `before`. Their outcome, when it comes, is dropped. */
export function stopUnwanted(transition: Transition, before: State): void {
  if (transition.state.instances === before.instances) return;
  for (const { runId, merge } of transition.state.instances) {
    const underWay = transition.busy('checks.run', runId) || transition.busy('speculate.check', runId);
    if (merge.check?.ended !== true || !underWay) continue;
    const earlier = before.instances.find(instance => instance.runId === runId)?.merge.check;
    if (earlier?.number === merge.check.number && !earlier.ended) transition.emit({ type: 'checks.stop', runId });
  }
}

/** How an instance stands after a fact about its checks. */
export function checked(
  instance: Instance,
  event: EventOf<'checks-started' | 'check-running' | 'checks-finished'>,
): Instance {
  const { check } = instance.merge;
  switch (event.type) {
    case 'checks-started': {
      const checking = event.ahead === true ? instance : ({ ...instance, state: 'checking', reason: null } as const);
      return event.check === undefined ? checking : withCheck(checking, begun(event.candidate, event.check, check));
    }
    case 'check-running':
      if (check?.number !== event.number) return instance;
      return withCheck(instance, { ...check, process: event.process, startedUp: event.up });
    case 'checks-finished': {
      const known = { ...instance, merge: { ...instance.merge, checks: event.result } };
      const its = check !== undefined && check.candidate === event.result.candidate;
      return its ? withCheck(known, { ...check, ended: true }) : known;
    }
  }
}

/** Begun anew under its old number it is the run that is known already. */
function begun(
  candidate: Oid,
  check: Pick<CheckRun, 'commandHash' | 'number' | 'slot'>,
  last: CheckRun | undefined,
): CheckRun {
  const same = last?.number === check.number && last.candidate === candidate;
  const { process, startedUp } = same ? last : { process: null, startedUp: null };
  return { ...check, candidate, process, startedUp, ended: false };
}

/** Checks of a candidate that is given up, or of a branch that lost its turn, have ended as far as we are concerned. */
export function withoutStaleCheck(before: Instance, after: Instance): Instance {
  const { check, candidate } = after.merge;
  if (check === undefined || check.ended) return after;
  const lostTurn = before.state === 'checking' && after.state !== 'checking';
  const wanted = (after.state === 'checking' || after.state === 'queued') && candidate?.oid === check.candidate;
  return wanted && !lostTurn ? after : withCheck(after, { ...check, ended: true });
}

function withCheck(instance: Instance, check: CheckRun): Instance {
  return { ...instance, merge: { ...instance.merge, check } };
}
