/** A race: runs of one item side by side, by several agents, of which at most one lands. */
import { continuesByItself, type Instance, isAlive, stillLanded, waitsToLand } from '../instance.ts';

/** The other runs of its race, in the order in which they were requested. */
export function rivalsOf(
  instances: readonly Instance[],
  { runId, race }: Pick<Instance, 'runId' | 'race'>,
): readonly Instance[] {
  return race === undefined ? [] : instances.filter(one => one.race === race && one.runId !== runId);
}

/** All runs of its race, itself included; empty: it is alone. */
export function raceOf(instances: readonly Instance[], { race }: Pick<Instance, 'race'>): readonly Instance[] {
  return race === undefined ? [] : instances.filter(one => one.race === race);
}

export function areRivals(one: Instance, other: Instance): boolean {
  return one.race !== undefined && one.race === other.race && one.runId !== other.runId;
}

/** Approved, and not landed yet. */
export function isApproved({ state }: Pick<Instance, 'state'>): boolean {
  return state === 'queued' || state === 'checking' || state === 'landing';
}

/** The rival because of which a run must not land: it has landed, or is about to. Null: none. */
export function rivalAhead(instances: readonly Instance[], instance: Instance): Instance | null {
  const rivals = rivalsOf(instances, instance);
  return rivals.find(stillLanded) ?? rivals.find(one => isApproved(one) || isHeldBack(one)) ?? null;
}

/** Approved, and something is in the way: it gets its turn again by itself. */
function isHeldBack({ state, merge }: Instance): boolean {
  return state === 'blocked' && merge.approvedHead !== null;
}

/** A rival may still turn out to be the better one: a person chooses, no policy. */
export function isContested(instances: readonly Instance[], instance: Instance): boolean {
  return rivalsOf(instances, instance).some(
    one =>
      stillLanded(one) ||
      isAlive(one.state) ||
      waitsToLand(one.state) ||
      needsPerson(one) ||
      continuesByItself(one.state),
  );
}

function needsPerson({ state }: Instance): boolean {
  return state === 'needs-attention' || state === 'asks';
}

/**
 * Of two runs of one race, does the first say more about where their item stands? What has landed does, then what is on its way, at work or
 * ready for review, then what needs a person; of equals the later one.
 */
export function leads(one: Instance, other: Instance): boolean {
  return rank(one) >= rank(other);
}

function rank(one: Instance): number {
  const { state } = one;
  if (stillLanded(one)) return 8;
  if (one.takenBack !== undefined) return 7;
  if (isApproved(one)) return 6;
  if (state === 'awaiting-approval') return 5;
  if (waitsToLand(state)) return 4;
  if (isAlive(state) || continuesByItself(state)) return 3;
  if (needsPerson(one)) return 2;
  return state === 'rejected' || state === 'cancelled' ? 0 : 1;
}
