import type { RunId } from './ids.ts';
import type { Item } from './item.ts';
import { describeCycle, findCycles } from './plan/cycles.ts';
import { groupItems } from './plan/groups.ts';
import { createLedger } from './plan/ledger.ts';
import { commonReasons, loopReasons, reason, type Situation, safetyReasons } from './plan/reasons.ts';
import { type Contender, select } from './plan/selection.ts';
import type { PlanInput } from './plan/types.ts';
import type { Plan, WaitReason } from './plan-types.ts';

export type { PlanInput } from './plan/types.ts';

/** Decides what may run now and says of everything else why not (docs/contract.md). Pure. */
export function computePlan(input: PlanInput): Plan {
  const situation = assess(input);
  const common = commonReasons(situation);
  const listed = input.items.filter(item => isListed(item, situation));
  const own = new Map(listed.map(item => [item.id, ownReasons(item, situation)]));
  const contenders: Contender[] = listed
    .map(item => ({ item, reasons: own.get(item.id) ?? [] }))
    .filter(({ reasons }) => reasons.every(({ code }) => code === 'overlap' || code === 'unknown-scope'));
  const open = common.length > 0 || input.paused;
  const { chosen, passedOver } = open ? nothing : select(contenders, situation);
  const ready = new Set(chosen.map(item => item.id));
  return {
    ready: [...ready],
    waiting: listed
      .filter(item => !ready.has(item.id))
      .map(({ id }) => ({ id, reasons: withCommon(passedOver.get(id) ?? own.get(id) ?? [], common) })),
    groups: groupItems(situation),
    problems: planProblems(situation),
  };
}

/**
 * What stands against spawning one item, named by id, key or alias. With `explicit` a person asks for it by name: pauses, earlier
 * attempts, duplicates and rate limits are then no obstacle, while safety and capacity still are. `ignoring` leaves out instances that
 * the spawn replaces. Empty: it may run.
 */
export function spawnObstacles(
  input: PlanInput,
  itemId: string,
  options: { readonly explicit: boolean; readonly ignoring?: readonly RunId[] },
): readonly WaitReason[] {
  const ignoring = options.ignoring ?? [];
  const instances = input.instances.filter(instance => !ignoring.includes(instance.runId));
  const situation = assess({ ...input, instances });
  const item = situation.ledger.find(itemId);
  if (item === null) return [reason('status', `${itemId} is not in the ROADMAP`)];
  const own = options.explicit ? safetyReasons(item, situation) : ownReasons(item, situation);
  return withCommon(own, commonReasons(situation));
}

/** Every reason why an item does not run now, items included that the plan does not list (complete, landed). Empty: it is ready. */
export function explainItem(input: PlanInput, itemId: string): readonly WaitReason[] {
  const item = createLedger(input.items, input.instances).find(itemId);
  const plan = computePlan(input);
  if (item !== null && plan.ready.includes(item.id)) return [];
  return plan.waiting.find(({ id }) => id === item?.id)?.reasons ?? spawnObstacles(input, itemId, { explicit: false });
}

const nothing = { chosen: [], passedOver: new Map<string, readonly WaitReason[]>() };

function assess(input: PlanInput): Situation {
  const ledger = createLedger(input.items, input.instances);
  return { input, ledger, cycles: findCycles(ledger) };
}

/** Whatever the ROADMAP does not call complete and has not landed, and whatever has an instance at work. */
function isListed(item: Item, { ledger }: Situation): boolean {
  const { active, last, landed } = ledger.record(item);
  if (active !== null) return true;
  return item.status !== 'complete' && (landed === null || landed !== last);
}

function ownReasons(item: Item, situation: Situation): readonly WaitReason[] {
  const safety = safetyReasons(item, situation);
  if (safety.some(({ code }) => code === 'singleton' || code === 'status')) return safety;
  if (situation.ledger.record(item).active !== null) return [reason('singleton', `${item.id} already runs`)];
  return [...safety, ...loopReasons(item, situation)];
}

/** Repository, disk and capacity say nothing new about an item that runs already. */
function withCommon(own: readonly WaitReason[], common: readonly WaitReason[]): readonly WaitReason[] {
  return own.some(({ code }) => code === 'singleton' || code === 'status') ? own : [...own, ...common];
}

function planProblems({ input, ledger, cycles }: Situation): Plan['problems'] {
  const problems = [...input.problems];
  const has = (code: string, line: number) => problems.some(problem => problem.code === code && problem.line === line);
  for (const cycle of cycles.values()) {
    const [first] = cycle;
    const message = `${describeCycle(cycle)}: these items wait for each other, so none of them can run`;
    if (first !== undefined && !has('cycle', first.line)) problems.push({ code: 'cycle', line: first.line, message });
  }
  for (const item of ledger.items) {
    if (!item.duplicate || has('duplicate', item.line)) continue;
    const message = `${item.key} stands more than once in the ROADMAP; it is spawned only when named by line: ${item.id}`;
    problems.push({ code: 'duplicate', line: item.line, message });
  }
  return problems;
}
