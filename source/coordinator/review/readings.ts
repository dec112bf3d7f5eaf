import type { Instance } from '../../domain/instance.ts';
import { type ReadingPurpose, readingsAtWork } from '../../domain/review/reading.ts';
import type { CommandAnswer } from '../../ports/commands.ts';
import { resumeWith } from '../runs/resume.ts';
import { done } from '../state/answers.ts';
import type { State } from '../state/state.ts';
import type { Transition } from '../transition.ts';
import { comparedRuns, comparisonOf, dueComparison } from './comparison.ts';
import { dueReviewer, readingWait, returningFindings } from './due-review.ts';
import { isUnderReview } from './under-review.ts';

/** The first of the integration worktrees that readings take; those before it are for checks. */
const firstSlot = 8;

/** The effect that performs it. */
export const readingEffect = { review: 'agent.review', judge: 'agent.judge' } as const;

/**
 * Agents that read finished work: what nobody needs any more is stopped, what was at work when cm-tui ended is found again, what is due
 * starts where there is room for it, and what a review found goes back to the run's agent as often as the settings say. None of it holds a
 * person up.
 */
export function readFinished(transition: Transition): void {
  if (!transition.state.ready) return;
  for (const { runId, readings } of transition.state.instances) if (readings !== undefined) followUp(transition, runId);
  if (transition.state.oneShot === true || transition.state.paused) return;
  for (const { runId } of transition.state.instances) {
    const instance = transition.instance(runId);
    if (instance === undefined) continue;
    const reviewer = dueReviewer(transition.state, instance);
    if (reviewer !== null) startReading(transition, instance, 'review', reviewer, { head: instance.head ?? '' });
    const compared = dueComparison(transition.state, instance);
    if (compared !== null) startReading(transition, instance, 'judge', compared.agent, compared);
    returnFindings(transition, instance);
  }
}

function followUp(transition: Transition, runId: string): void {
  const instance = transition.instance(runId);
  if (instance === undefined) return;
  for (const purpose of readingsAtWork(instance)) {
    if (!isWanted(transition.state, instance, purpose)) stopReading(transition, instance, purpose, 'dropped');
    else if (!transition.busy(readingEffect[purpose], runId) && transition.state.oneShot !== true)
      transition.start({ type: readingEffect[purpose], runId });
  }
}

/** It is of use as long as a person may decide about the very commits that it reads. */
function isWanted(state: State, instance: Instance, purpose: ReadingPurpose): boolean {
  const reading = instance.readings?.[purpose];
  if (purpose === 'judge') return reading?.of === comparisonOf(comparedRuns(state, instance));
  return isUnderReview(instance) && reading?.head === instance.head;
}

/** Ends it; what it would have said is not waited for. `stopped`: a person wants that. */
function stopReading(
  transition: Transition,
  { runId, readings }: Instance,
  purpose: ReadingPurpose,
  outcome: 'stopped' | 'dropped',
): void {
  const reading = readings?.[purpose];
  if (reading === undefined || reading.ended) return;
  const words = outcome === 'stopped' ? 'stopped by you' : 'no longer up for review';
  transition.record({
    type: 'reading-finished',
    runId,
    purpose,
    number: reading.number,
    outcome,
    words,
    comments: [],
  });
  transition.abandon(readingEffect[purpose], runId);
  transition.emit({ type: 'reading.stop', runId, purpose, number: reading.number, process: reading.process });
}

/** A person stops the agents that read its work; nothing else changes. Null: none does. */
export function stopReadings(transition: Transition, instance: Instance): CommandAnswer | null {
  const purposes = readingsAtWork(instance);
  for (const purpose of purposes) stopReading(transition, instance, purpose, 'stopped');
  if (purposes.length === 0) return null;
  return done(`Stopping the review of ${instance.key} by an agent. Its work is ready for your review.`, [
    instance.runId,
  ]);
}

function startReading(
  transition: Transition,
  { runId, readings }: Instance,
  purpose: ReadingPurpose,
  agent: string,
  { head, of }: { readonly head: string; readonly of?: string },
): void {
  const last = readings?.[purpose];
  if (last?.ended === false || readingWait(transition.state, transition.at, runId, agent, last) !== null) return;
  const number = (last?.number ?? 0) + 1;
  const slot = freeSlot(transition.state);
  const which = of === undefined ? {} : { of };
  transition.record({ type: 'reading-started', runId, purpose, number, agent, head, slot, ...which });
  transition.start({ type: readingEffect[purpose], runId });
}

function freeSlot({ instances }: State): number {
  const taken = new Set(
    instances.flatMap(one => readingsAtWork(one).map(purpose => one.readings?.[purpose]?.slot ?? firstSlot)),
  );
  let slot = firstSlot;
  while (taken.has(slot)) slot++;
  return slot;
}

/** Sends the run's agent what a review found. */
function returnFindings(transition: Transition, instance: Instance): void {
  const { runId, agent } = instance;
  const comments = returningFindings(transition.state, instance);
  if (comments.length === 0 || readingWait(transition.state, transition.at, runId, agent, undefined) !== null) return;
  const ids = comments.map(({ id }) => id);
  resumeWith(transition, instance, { type: 'resume', id: runId, message: '', comments: ids }, true);
}
