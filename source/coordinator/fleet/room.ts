import { contactMs } from '../../domain/fleet/remote-run.ts';
import { type Instance, isAlive } from '../../domain/instance.ts';
import type { WorkerSeen } from '../../ports/fleet/fleet.ts';
import type { State } from '../state/state.ts';

type Known = Pick<State, 'settings' | 'instances' | 'machines' | 'fleet'>;

/** How many runs other machines can take now, and how many they have. */
export interface FleetRoom {
  /** Whether runs may be started on this machine too. */
  readonly local: boolean;
  readonly free: number;
  readonly atWork: number;
}

/** Undefined: everything runs here. */
export function fleetRoom(state: Known): FleetRoom | undefined {
  const { engine, local } = state.settings.fleet;
  if (engine === null) return undefined;
  const free = readyWorkers(state).reduce((sum, worker) => sum + freeSlots(state, worker), 0) - unplaced(state).length;
  return { local, free: Math.max(0, free), atWork: remoteAtWork(state).length };
}

/** Where the next run goes: the pool with the most room; null: here. A machine of its own comes first. */
export function choosePool(state: Known & Pick<State, 'resources' | 'targetTip'>): string | null {
  const room = fleetRoom(state);
  if (room === undefined || room.free <= 0 || state.targetTip === null) return null;
  const here = state.instances.filter(one => isAlive(one.state) && one.remote === undefined).length;
  if (room.local && here < Math.min(state.settings.maxParallel, state.resources.capacity)) return null;
  const waiting = unplaced(state);
  const pools = [...new Set(readyWorkers(state).flatMap(({ pools: served }) => served))].sort();
  const roomOf = (pool: string) =>
    readyWorkers(state)
      .filter(({ pools: served }) => served.includes(pool))
      .reduce((sum, worker) => sum + freeSlots(state, worker), 0) -
    waiting.filter(one => one.remote?.pool === pool).length;
  return pools.reduce<string | null>((best, pool) => {
    const least = best === null ? 0 : roomOf(best);
    return roomOf(pool) > least ? pool : best;
  }, null);
}

/** Accepted by a person under this key, heard of lately, and taking runs. */
export function isReady({ fleet }: Pick<State, 'fleet'>, worker: WorkerSeen): boolean {
  return (
    fleet?.accepted[worker.name] === worker.key &&
    !fleet.drained.includes(worker.name) &&
    !worker.draining &&
    worker.welcome &&
    worker.silentMs <= contactMs
  );
}

/** Nothing can run before a person does something: not here by the settings, and no machine that takes runs was accepted. */
export function hasNoMachine({ settings, fleet }: Pick<State, 'settings' | 'fleet'>): boolean {
  const { engine, local } = settings.fleet;
  if (engine === null || local) return false;
  return !Object.keys(fleet?.accepted ?? {}).some(name => fleet?.drained.includes(name) !== true);
}

function readyWorkers(state: Known): readonly WorkerSeen[] {
  return (state.machines ?? []).filter(worker => isReady(state, worker));
}

/** What a worker holds by its own word, and what is known to be with it. */
function freeSlots(state: Known, { name, slots, running }: WorkerSeen): number {
  const placed = remoteAtWork(state).filter(({ remote }) => remote?.worker === name).length;
  return Math.max(0, slots - Math.max(placed, running.length));
}

function unplaced(state: Known): readonly Instance[] {
  return remoteAtWork(state).filter(({ remote }) => remote?.worker === null);
}

function remoteAtWork({ instances }: Pick<State, 'instances'>): readonly Instance[] {
  return instances.filter(one => one.remote !== undefined && isAlive(one.state) && one.endTime === null);
}
