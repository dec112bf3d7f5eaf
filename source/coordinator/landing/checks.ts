import { checkSlots, checksHash } from '../../domain/checks.ts';
import type { Oid, RunId } from '../../domain/ids.ts';
import type { Instance } from '../../domain/instance.ts';
import type { CheckRun } from '../../domain/queue/merge-entry.ts';
import type { State } from '../state/state.ts';
import type { Transition } from '../transition.ts';

/**
 * Starts the checks of a candidate, or keeps waiting for the run of them that was in progress when cm-tui was interrupted: what is started
 * again under the same number is found by the runtime, alive or ended, and does not run twice.
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
    if (merge.check?.ended !== true) continue;
    if (!transition.busy('checks.run', runId) && !transition.busy('speculate.check', runId)) continue;
    const earlier = before.instances.find(instance => instance.runId === runId)?.merge.check;
    if (earlier?.number === merge.check.number && !earlier.ended) transition.emit({ type: 'checks.stop', runId });
  }
}
