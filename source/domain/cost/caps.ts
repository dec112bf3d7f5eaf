import type { Instance } from '../instance.ts';
import type { Ledger } from '../plan/ledger.ts';
import type { PlanInput } from '../plan/types.ts';
import type { CostCap, CostCaps } from '../settings.ts';
import { totalUsage } from '../usage.ts';

/** The limits that a setting stands for: a plain amount is one for the runs of a start. */
export function costCapsOf(cap: CostCap): CostCaps {
  return typeof cap === 'number' ? { start: cap } : (cap ?? {});
}

/** What was spent of each limit, in US dollars; only what a limit asks for is added up. */
export interface Spending {
  /** Why no item starts; null: nothing against it. */
  readonly common: string | null;
  /** What the runs of an item have cost, by its id; empty without a limit for it. */
  readonly byItem: ReadonlyMap<string, number>;
  readonly itemCap: number | null;
}

const nothing: Spending = { common: null, byItem: new Map(), itemCap: null };

export function spendingOf({ settings, instances, startedAt, now }: PlanInput, ledger: Ledger): Spending {
  const { start, day, item } = costCapsOf(settings.costCapUsd);
  if (start === undefined && day === undefined && item === undefined) return nothing;
  return {
    common:
      over('the runs since the start have', 'start', totalUsage(instances, startedAt ?? 0).costUsd, start) ??
      over("today's runs have", 'day', totalUsage(instances, midnight(now)).costUsd, day),
    byItem: item === undefined ? nothing.byItem : costsByItem(instances, ledger),
    itemCap: item ?? null,
  };
}

/** Why an item does not start because of what it has cost; null: nothing against it. */
export function costSentence(itemId: string, { common, byItem, itemCap }: Spending): string | null {
  return common ?? over('its runs have', 'item', byItem.get(itemId) ?? null, itemCap ?? undefined);
}

function over(whose: string, which: keyof CostCaps, spent: number | null, cap: number | undefined): string | null {
  if (cap === undefined || spent === null || spent < cap) return null;
  return `${whose} cost $${spent.toFixed(2)} of $${cap.toFixed(2)} (costCapUsd, ${which})`;
}

function costsByItem(instances: readonly Instance[], ledger: Ledger): ReadonlyMap<string, number> {
  const costs = new Map<string, number>();
  for (const instance of instances) {
    const id = ledger.itemOf(instance)?.id;
    const cost = (instance.usage?.costUsd ?? 0) + (instance.readings?.usage?.costUsd ?? 0);
    if (id !== undefined && cost > 0) costs.set(id, (costs.get(id) ?? 0) + cost);
  }
  return costs;
}

/** Of the day as the person counts it. */
function midnight(now: number): number {
  return new Date(now).setHours(0, 0, 0, 0);
}
