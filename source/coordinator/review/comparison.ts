import { continuesByItself, type Instance, isAlive, stillLanded } from '../../domain/instance.ts';
import { isApproved, raceOf } from '../../domain/race/race.ts';
import type { State } from '../state/state.ts';
import { isUnderReview } from './under-review.ts';

type Known = Pick<State, 'instances' | 'settings'>;

/** The runs of a race that a person chooses from, once all have ended; empty: there is nothing to compare, or no longer. */
export function comparedRuns({ instances }: Pick<State, 'instances'>, instance: Instance): readonly Instance[] {
  const race = raceOf(instances, instance);
  const isOpen = race.some(
    one => isAlive(one.state) || one.state === 'completed' || continuesByItself(one.state) || isApproved(one),
  );
  if (race.length < 2 || isOpen || race.some(stillLanded)) return [];
  const chosenFrom = race.filter(one => isUnderReview(one) && one.removed === undefined);
  return chosenFrom.length < 2 ? [] : chosenFrom;
}

/** Which runs, at which commits. */
export function comparisonOf(runs: readonly Instance[]): string {
  return runs.map(({ runId, head }) => `${runId}@${head}`).join(' ');
}

/** The comparison that has to be made still; the first run of the race keeps it. Null: none. */
export function dueComparison(
  state: Known,
  instance: Instance,
): { readonly agent: string; readonly head: string; readonly of: string } | null {
  const { raceJudge: agent } = state.settings;
  if (agent === null || instance.race === undefined || raceOf(state.instances, instance)[0] !== instance) return null;
  const runs = comparedRuns(state, instance);
  const head = runs[0]?.base ?? null;
  if (head === null) return null;
  const of = comparisonOf(runs);
  const last = instance.readings?.judge;
  const isRead = last?.of === of && last.until === undefined && last.outcome !== 'dropped';
  return isRead ? null : { agent, head, of };
}
