import { checkSlots, checksHash } from '../../domain/checks.ts';
import type { RunId } from '../../domain/ids.ts';
import type { Instance } from '../../domain/instance.ts';
import { type Candidate, type CheckRun, coversCandidate } from '../../domain/queue/merge-entry.ts';
import type { State } from '../state/state.ts';
import type { Transition } from '../transition.ts';

/**
 * Starts the checks of a candidate, or keeps waiting for the run of them that was in progress when cm-tui was interrupted: what is started
 * again under the same number is found by the runtime, alive or ended, and does not run twice. `below`: runs that are checked with it, since
 * it is built on their candidates.
 */
export function startChecks(
  transition: Transition,
  runId: RunId,
  candidate: Candidate,
  below: readonly RunId[] = [],
): void {
  const { candidate: checked, ...check } = nextCheck(transition, runId, candidate);
  const last = transition.instance(runId)?.merge.check;
  stopEarlier(transition, runId, check.number);
  const goesOn = last?.number === check.number && transition.busy('speculate.check', runId);
  transition.record({
    type: 'checks-started',
    runId,
    candidate: checked,
    check,
    ...(below.length === 0 ? {} : { with: below }),
  });
  // Begun ahead of its turn, they are under way already.
  if (!goesOn) transition.start({ type: 'checks.run', runId, candidate: checked });
}

/** The same for a branch whose turn has not come: it stays in its place while it is checked. */
export function startChecksAhead(transition: Transition, runId: RunId, candidate: Candidate): void {
  const { candidate: checked, ...check } = nextCheck(transition, runId, candidate);
  stopEarlier(transition, runId, check.number);
  transition.record({ type: 'checks-started', runId, candidate: checked, check, ahead: true });
  transition.start({ type: 'speculate.check', runId, candidate: checked });
}

/** Those of another tree, or that were given up, are of no use any more: what they still find is not read as the answer of the next. */
function stopEarlier(transition: Transition, runId: RunId, number: number): void {
  if (transition.instance(runId)?.merge.check?.number === number) return;
  if (!transition.busy('speculate.check', runId) && !transition.busy('checks.run', runId)) return;
  transition.emit({ type: 'checks.stop', runId });
  transition.abandon('speculate.check', runId);
  transition.abandon('checks.run', runId);
}

/** True where the checks of this candidate have ended, as they are in the settings now. */
export function isKnownResult(transition: Transition, { merge: { checks } }: Instance, candidate: Candidate): boolean {
  if (checks === null || !coversCandidate(checks, candidate)) return false;
  return checks.commandHash === checksHash(transition.state.settings);
}

function nextCheck(
  transition: Transition,
  runId: RunId,
  candidate: Candidate,
): Pick<CheckRun, 'candidate' | 'commandHash' | 'number' | 'slot' | 'tree'> {
  const last = transition.instance(runId)?.merge.check;
  const commandHash = checksHash(transition.state.settings);
  const same =
    last !== undefined && !last.ended && coversCandidate(last, candidate) && last.commandHash === commandHash;
  const tree = candidate.tree === undefined ? {} : { tree: candidate.tree };
  // What was begun on another commit with this very tree continues.
  if (same) return { candidate: last.candidate, commandHash, number: last.number, slot: last.slot, ...tree };
  const number = (last?.number ?? 0) + 1;
  return { candidate: candidate.oid, commandHash, number, slot: freeSlot(transition.state, runId), ...tree };
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
