import { type Instance, isAlive, stillLanded, waitsToLand } from '../../domain/instance.ts';
import { areRivals, rivalAhead } from '../../domain/race/race.ts';
import { describeState } from '../../domain/state-labels.ts';
import { withoutFullStop } from '../../domain/text/clause.ts';
import type { CommandAnswer } from '../../ports/commands.ts';
import { done, refused } from '../state/answers.ts';
import type { State } from '../state/state.ts';
import type { Transition } from '../transition.ts';

/**
 * Why a rejected branch cannot simply be approved again; null: it can. What stood against it before it was rejected still does, and two
 * branches of one item must not both land.
 */
export function whyStaysRejected(state: Pick<State, 'instances'>, instance: Instance): string | null {
  const { key, rejectedFrom, removed, slug } = instance;
  if (removed !== undefined) return `${key} has no branch any more. Restore it first with "cm-tui restore ${slug}".`;
  const other = otherRun(state, instance);
  if (other !== null)
    return `${key} has a newer run ${other.slug}, which ${describeState(other.state, null)}. Reject or cancel that one first.`;
  const before = rejectedFrom?.state;
  if (before !== undefined && approvable.has(before)) return null;
  const what =
    rejectedFrom === undefined
      ? describeState('rejected', instance.reason)
      : `was rejected; before that it ${describeState(rejectedFrom.state, rejectedFrom.reason)}`;
  return `${key} ${withoutFullStop(what)}. Release it to review it again ("cm-tui queue release ${key}").`;
}

/** A review that ended in a rejection begins again: git is asked again what the branch amounts to. */
export function withdrawRejection(transition: Transition, instance: Instance): CommandAnswer {
  const { key, runId, priorityId } = instance;
  const other = otherRun(transition.state, instance);
  if (other !== null || instance.removed !== undefined)
    return refused(whyStaysRejected(transition.state, instance) ?? '');
  transition.record({ type: 'rejection-withdrawn', runId, priorityId });
  transition.start({ type: 'git.judge', runId });
  return done(`${key} is no longer rejected. Review it again.`, [runId]);
}

/** States in which a branch could be approved before it was rejected. */
const approvable: ReadonlySet<Instance['state']> = new Set([
  'awaiting-approval',
  'queued',
  'checking',
  'blocked',
  'checks-failed',
]);

/**
 * Another run of the same item that runs, waits for a person, or has landed. Runs side by side do not stand in each other's way before one
 * of them is approved.
 */
function otherRun({ instances }: Pick<State, 'instances'>, instance: Instance): Instance | null {
  const { runId, priorityId } = instance;
  const ahead = rivalAhead(instances, instance);
  if (ahead !== null) return ahead;
  const counts = (one: Instance) =>
    isAlive(one.state) || waitsToLand(one.state) || one.state === 'needs-attention' || stillLanded(one);
  return (
    instances.find(
      one => one.priorityId === priorityId && one.runId !== runId && !areRivals(one, instance) && counts(one),
    ) ?? null
  );
}
