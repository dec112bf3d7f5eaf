import type { Oid } from '../../domain/ids.ts';
import type { Instance } from '../../domain/instance.ts';
import type { Candidate } from '../../domain/queue/merge-entry.ts';
import type { PrepareResult } from '../../ports/git.ts';
import { isKnownResult, startChecksAhead } from '../landing/checks.ts';
import { landingStyleOf } from '../landing/way.ts';
import type { State } from '../state/state.ts';
import type { Transition } from '../transition.ts';

/**
 * Checks what is ready for review before its approval, one branch at a time and only while nothing is being landed, so that whoever
 * reviews it sees the verdict. The commit that is checked never lands: on approval another one is built as ever, and the verdict counts
 * for it only if it holds the very same tree. A failure decides nothing.
 */
export function checkEarly(transition: Transition): void {
  const { targetTip, settings, instances } = transition.state;
  if (!settings.checkEarly || targetTip === null || isLandingSomething(transition)) return;
  for (const instance of instances) {
    const { runId, head, merge } = instance;
    if (head === null || !isReadyForReview(transition.state, instance) || transition.busy('git.predict', runId))
      continue;
    const { candidate } = merge;
    if (candidate?.early === true && candidate.base === targetTip && candidate.head === head) {
      if (isKnownResult(transition, instance, candidate)) continue;
      return startChecksAhead(transition, runId, candidate);
    }
    const tried = `${targetTip} ${head}`;
    if (transition.state.earlyTried?.[runId] === tried) continue;
    transition.change({ earlyTried: { ...transition.state.earlyTried, [runId]: tried } });
    transition.start({ type: 'speculate.prepare', runId, head, onto: targetTip });
    return;
  }
}

function isReadyForReview({ target }: State, instance: Instance): boolean {
  return instance.state === 'awaiting-approval' && instance.target === target && instance.merge.prediction === 'clean';
}

function isLandingSomething(transition: Transition): boolean {
  const isOnItsWay = transition.state.instances.some(({ state }) => state === 'checking' || state === 'landing');
  return isOnItsWay || transition.busy('git.prepare');
}

/** The candidate that git has built for a head. */
export function candidateOf(
  { state }: Transition,
  instance: Instance,
  head: Oid,
  result: Extract<PrepareResult, { readonly outcome: 'prepared' }>,
): Candidate {
  const { candidate: oid, base, statusWritten, tree } = result;
  const style = landingStyleOf(state, instance);
  return { oid, base, head, statusWritten, style, ...(tree === undefined ? {} : { tree }) };
}
