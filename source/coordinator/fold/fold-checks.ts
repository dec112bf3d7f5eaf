import type { Oid } from '../../domain/ids.ts';
import type { Instance } from '../../domain/instance.ts';
import { type CheckRun, coversCandidate } from '../../domain/queue/merge-entry.ts';
import type { EventOf } from '../../ports/events.ts';

/** Checks of a candidate that is given up, or of a branch that lost its turn, have ended as far as we are concerned. */
export function withoutStaleCheck(before: Instance, after: Instance): Instance {
  const { check, candidate } = after.merge;
  if (check === undefined || check.ended) return after;
  const lostTurn = before.state === 'checking' && after.state !== 'checking';
  const waits = after.state === 'checking' || after.state === 'queued' || after.state === 'awaiting-approval';
  const wanted = waits && candidate !== null && coversCandidate(check, candidate);
  return wanted && !lostTurn ? after : withCheck(after, { ...check, ended: true });
}

function withCheck(instance: Instance, check: CheckRun): Instance {
  return { ...instance, merge: { ...instance.merge, check } };
}

/** Started again under its old number, it is the check run that is known already. */
function begun(
  candidate: Oid,
  check: Pick<CheckRun, 'commandHash' | 'number' | 'slot' | 'tree'>,
  last: CheckRun | undefined,
): CheckRun {
  const same = last?.number === check.number && last.candidate === candidate;
  const { process, startedUp } = same ? last : { process: null, startedUp: null };
  return { ...check, candidate, process, startedUp, ended: false };
}

/** How an instance stands after a fact about its checks. */
export function checked(
  instance: Instance,
  event: EventOf<'checks-started' | 'check-running' | 'checks-finished'>,
): Instance {
  const { check } = instance.merge;
  switch (event.type) {
    case 'checks-started': {
      const timed = { ...instance, merge: { ...instance.merge, checkSpan: { from: event.at, to: null } } };
      const checking = event.ahead === true ? timed : ({ ...timed, state: 'checking', reason: null } as const);
      return event.check === undefined ? checking : withCheck(checking, begun(event.candidate, event.check, check));
    }
    case 'check-running':
      if (check?.number !== event.number) return instance;
      return withCheck(instance, { ...check, process: event.process, startedUp: event.up });
    case 'checks-finished': {
      const checkSpan = { from: instance.merge.checkSpan?.from ?? event.at, to: event.at };
      const known = { ...instance, merge: { ...instance.merge, checks: event.result, checkSpan } };
      const its = check !== undefined && check.candidate === event.result.candidate;
      return its ? withCheck(known, { ...check, ended: true }) : known;
    }
  }
}
