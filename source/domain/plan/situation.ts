import { type Spending, spendingOf } from '../cost/caps.ts';
import type { Instance } from '../instance.ts';
import type { Item } from '../item.ts';
import { baseRuns } from '../stack/stack-base.ts';
import { Conflicts, WorkIndex } from './conflicts.ts';
import { type Cycles, findCycles } from './cycles.ts';
import { createLedger, type Ledger } from './ledger.ts';
import type { PlanInput } from './types.ts';

/** An instance whose scope is taken, as the rules look at it. */
export interface ScopeHolder extends Pick<Instance, 'scope' | 'agentType'> {
  readonly instance: Instance;
  /** The id of its item; null when the ROADMAP no longer has it. */
  readonly itemId: string | null;
  /** Its place among all that hold a scope. */
  readonly order: number;
}

/** What the plan is read from: the input with everything looked up that more than one item asks for. */
export interface Situation {
  readonly input: PlanInput;
  readonly ledger: Ledger;
  readonly cycles: Cycles;
  readonly conflicts: Conflicts;
  readonly holders: WorkIndex<ScopeHolder>;
  /** What was spent of the limits on cost. */
  readonly spending: Spending;
  /** Does any agent program rest after a rate limit? */
  readonly resting: boolean;
}

export function assess(input: PlanInput): Situation {
  const { instances, cooldowns, now } = input;
  const ledger = createLedger(input.items, instances);
  const conflicts = new Conflicts(input);
  const holders = ledger.holders.map((instance, order): ScopeHolder => {
    const { scope, agentType } = instance;
    return { scope, agentType, instance, itemId: ledger.itemOf(instance)?.id ?? null, order };
  });
  return {
    input,
    ledger,
    cycles: findCycles(ledger),
    conflicts,
    holders: new WorkIndex(conflicts, holders),
    spending: spendingOf(input, ledger),
    resting: Object.values(cooldowns).some(until => until > now),
  };
}

/** Does an instance that runs or waits to land keep this item from running? With `which`: one of those for which that holds. */
export function isHeld(
  item: Item,
  situation: Situation,
  which: (holder: ScopeHolder) => boolean = () => true,
): boolean {
  // What it is built on cannot collide with it.
  const below = situation.input.settings.stack ? baseRuns(item, situation) : [];
  return situation.holders.some(
    item,
    holder => holder.itemId !== item.id && !below.includes(holder.instance) && which(holder),
  );
}
