import type { State } from '../../coordinator/state/state.ts';
import type { ShownMachine } from '../overview/header.ts';
import { shownMachines } from '../overview/machine-rows.ts';
import { sparkline } from '../presentation/meters.ts';

/** Readings that the widest sparkline of the header shows. */
const shownReadings = 12;

/**
 * True where the overview of `now` would be drawn like that of `before`: only figures of the machine are new, and none that is shown. The
 * plan is made again with every reading, and comes out the same.
 */
export function looksAlike(before: State, now: State, shown: ShownMachine, next: ShownMachine): boolean {
  if (shown !== next) return false;
  const keys = Object.keys(now) as (keyof State)[];
  return keys.every(key => now[key] === before[key] || sameFigures(key, before, now));
}

function sameFigures(key: keyof State, before: State, now: State): boolean {
  if (key === 'resources') return sameMachine(before, now);
  return key === 'machines' ? sameMachines(before, now) : samePlan(key, before, now);
}

/** Every look at other machines brings new figures; few of them are shown. */
function sameMachines(before: State, now: State): boolean {
  return JSON.stringify(shownMachines(before)) === JSON.stringify(shownMachines(now));
}

function sameMachine({ resources: before }: State, { resources: now }: State): boolean {
  return (
    before.capacity === now.capacity &&
    before.explanation === now.explanation &&
    before.band === now.band &&
    sparkline(before.cpuHistory, shownReadings) === sparkline(now.cpuHistory, shownReadings) &&
    sparkline(before.memoryHistory, shownReadings) === sparkline(now.memoryHistory, shownReadings)
  );
}

function samePlan(key: keyof State, before: State, now: State): boolean {
  if (key !== 'plan') return false;
  const [old, fresh] = [before.plan.ready, now.plan.ready];
  return old.length === fresh.length && old.every((id, index) => id === fresh[index]);
}
