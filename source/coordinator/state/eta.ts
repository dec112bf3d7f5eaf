import { hasLanded, type Instance, isAlive, waitsToLand } from '../../domain/instance.ts';
import { catalogOf } from '../../domain/plan/catalog.ts';
import { foldGraph } from '../../domain/plan/graph/fold-graph.ts';
import type { ReasonCode } from '../../domain/plan-types.ts';
import { allItems, planDetails } from './planning.ts';
import type { State } from './state.ts';

/** Reasons that pass by themselves as work proceeds; with any other an item does not run without a person. */
const passing: ReadonlySet<ReasonCode> = new Set<ReasonCode>([
  'dependency',
  'overlap',
  'unknown-scope',
  'capacity',
  'cooldown',
]);

/**
 * Milliseconds until the agents will have done what runs and, with the work loop on, what will run by itself; null where nothing is
 * known: nothing to do, no run has finished its work yet, or nothing may start. Every item is taken to last as long as the middle one
 * of those that have been done; neither more than the capacity at once nor a chain of dependencies faster than one after the other.
 */
export function restEstimate(state: State, now: number): number | null {
  const typical = median(state.instances.flatMap(durationOf));
  if (typical === null) return null;
  const left = timesLeft(state, now, typical);
  const lanes = Math.max(state.resources.capacity, state.instances.filter(one => isAlive(one.state)).length);
  if (left.size === 0 || lanes === 0) return null;
  const times = [...left.values()];
  const sum = times.reduce((all, one) => all + one, 0);
  return Math.max(sum / Math.min(lanes, times.length), longestChain(state, left));
}

/** How long an agent took that did its work. */
function durationOf({ state, startTime, endTime }: Instance): readonly number[] {
  const done = hasLanded(state) || waitsToLand(state);
  return done && startTime !== null && endTime !== null ? [endTime - startTime] : [];
}

/** What each item still takes, by its id: those at work, then those that the work loop will start. */
function timesLeft(state: State, now: number, typical: number): ReadonlyMap<string, number> {
  const left = new Map<string, number>();
  // One that takes longer than the others is not about to end.
  for (const { state: at, priorityId, startTime } of state.instances)
    if (isAlive(at)) left.set(priorityId, Math.max(typical / 4, typical - (now - (startTime ?? now))));
  if (state.mode !== 'auto' || state.paused) return left;
  const willRun = [
    ...state.plan.ready,
    ...planDetails(state)
      .waiting()
      .filter(one => one.reasons.every(({ code }) => passing.has(code)))
      .map(({ id }) => id),
  ];
  for (const id of willRun) if (!left.has(id)) left.set(id, typical);
  return left;
}

function longestChain(state: State, left: ReadonlyMap<string, number>): number {
  const { find, dependencies } = catalogOf(allItems(state));
  const ends = foldGraph<string, number>(
    left.keys(),
    id => {
      const item = find(id);
      return item === null ? [] : dependencies(item).flatMap(other => other?.id ?? []);
    },
    (id, behind) => behind.reduce((most, one) => Math.max(most, one), 0) + (left.get(id) ?? 0),
  );
  return [...ends.values()].reduce((most, one) => Math.max(most, one), 0);
}

function median(values: readonly number[]): number | null {
  return values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) / 2)] ?? null;
}
