import { type Instance, stillLanded } from '../instance.ts';
import type { Item } from '../item.ts';
import { catalogOf } from '../plan/catalog.ts';
import { leads, raceOf } from '../race/race.ts';
import { findItems } from '../roadmap/resolve.ts';
import type { Violation } from './merge-entry.ts';

/** What the dependencies of an item mean for the landing of its branch. */
export interface DependencyStatus {
  /** Keys of items that have not landed yet but still may. */
  readonly waitsFor: readonly string[];
  /** Dependencies that will not land by themselves any more: a person has to say whether it may land without them. */
  readonly gone: readonly Violation[];
}

const nothing: DependencyStatus = { waitsFor: [], gone: [] };

/** How a run ended after which its item lands only if a person runs it again. */
const given: Readonly<Partial<Record<Instance['state'], string>>> = {
  cancelled: 'was cancelled',
  rejected: 'was rejected',
  failed: 'failed',
  'no-work': 'ended without a commit',
  asks: 'asks something',
};

/**
 * The state of the items that `instance`'s own item depends on: a run starts only after they have landed, but a landing can be reverted,
 * and the ROADMAP can change meanwhile.
 */
export function dependencyStatus(
  instance: Instance,
  items: readonly Item[],
  instances: readonly Instance[],
): DependencyStatus {
  const { find } = catalogOf(items);
  const own = find(instance.priorityId);
  if (own?.id !== instance.priorityId || own.dependsOn.length === 0) return nothing;
  const waitsFor: string[] = [];
  const gone: Violation[] = [];
  for (const id of own.dependsOn) {
    const item = find(id) ?? findItems(items, id)[0];
    if (item === undefined || item.id === own.id) continue;
    const runs = instances.filter(other => other.priorityId === item.id);
    if (item.status === 'complete' || runs.some(stillLanded)) continue;
    const latest = runs.at(-1);
    const last =
      latest === undefined ? undefined : raceOf(runs, latest).reduce((a, b) => (leads(b, a) ? b : a), latest);
    const end = last?.takenBack === undefined ? given[last?.state ?? 'pending'] : 'was reverted';
    if (end === undefined) waitsFor.push(item.key);
    else gone.push({ code: 'dependency', path: item.id, message: `depends on ${item.key}, which ${end}` });
  }
  return { waitsFor, gone };
}
