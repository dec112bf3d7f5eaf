import type { Instance } from '../../../source/domain/instance.ts';
import type { Item } from '../../../source/domain/item.ts';
import { computePlan, type PlanInput } from '../../../source/domain/plan.ts';
import { emptyMergeEntry } from '../../../source/domain/queue/merge-entry.ts';
import { makeInstance, planInput, quietMachine } from './planning.ts';

export interface SimulatedRun {
  readonly item: Item;
  readonly start: number;
  readonly end: number;
  readonly landed: number;
}

const hour = 3_600_000;

interface SimulationOptions {
  /** Instances that may run at once. */
  readonly capacity: number;
  /** Hours between the end of a run and its landing, during which it waits in the queue. */
  readonly landing?: number;
  /** What a run really takes; the estimate unless told otherwise. */
  readonly duration?: (item: Item) => number;
  readonly changes?: Partial<PlanInput>;
}

/**
 * Runs all items by the plan alone, on a clock of events: whenever something has ended or landed, what is ready is started. Ends when
 * nothing moves any more.
 */
export function simulate(items: readonly Item[], options: SimulationOptions) {
  const { capacity, landing = 0, duration = item => item.estimateHours ?? 1, changes = {} } = options;
  const runs: SimulatedRun[] = [];
  let now = 0;
  for (;;) {
    const instances = runs.map(run => instanceAt(run, now));
    const input = planInput(items, {
      instances,
      now: now * hour,
      resources: { ...quietMachine, capacity },
      settings: { ...planInput([]).settings, maxParallel: capacity },
      ...changes,
    });
    for (const id of computePlan(input).ready) {
      const item = items.find(one => one.id === id);
      if (item === undefined) throw new Error(`the plan names an item that does not exist: ${id}`);
      const end = now + duration(item);
      runs.push({ item, start: now, end, landed: end + landing });
    }
    const next = Math.min(...runs.flatMap(run => [run.end, run.landed]).filter(time => time > now));
    if (next === Number.POSITIVE_INFINITY) return { runs, makespan: Math.max(0, ...runs.map(run => run.landed)) };
    now = next;
  }
}

function instanceAt({ item, start, end, landed }: SimulatedRun, now: number): Instance {
  const state = now >= landed ? 'merged' : now >= end ? 'checking' : 'running';
  const landedAt = now >= landed ? landed * hour : null;
  const merge = { ...emptyMergeEntry, landedAt };
  return makeInstance(item, { state, merge, requestedAt: start * hour, startTime: start * hour });
}
