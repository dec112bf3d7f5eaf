import { contactMs } from '../../domain/fleet/remote-run.ts';
import { isAlive } from '../../domain/instance.ts';
import type { WorkerSeen } from '../../ports/fleet/fleet.ts';
import type { State } from '../state/state.ts';

/** One worker, in words. */
export interface WorkerView extends WorkerSeen {
  readonly accepted: boolean;
  readonly drained: boolean;
  /** Runs that are known to be with it. */
  readonly atWork: number;
  readonly runs: readonly string[];
  /** `ready`, `not accepted yet`, `draining`, `no contact`. */
  readonly word: string;
  /** How long ago it was heard, in words. */
  readonly contact: string;
}

export interface FleetView {
  readonly engine: boolean;
  readonly machines: number;
  readonly slots: number;
  readonly atWork: number;
  readonly workers: readonly WorkerView[];
}

type Known = Pick<State, 'settings' | 'instances' | 'machines' | 'fleet'>;

/** Workers as `cm-tui fleet` and the screen show them; those that were accepted and are silent are among them. */
export function fleetView(state: Known): FleetView {
  const { machines = [], fleet, settings } = state;
  const silent = Object.entries(fleet?.accepted ?? {})
    .filter(([name, key]) => !machines.some(one => one.name === name && one.key === key))
    .map(([name, key]) => unheard(name, key));
  const workers = [...machines, ...silent].map(one => viewOf(state, one));
  const accepted = workers.filter(one => one.accepted);
  return {
    engine: settings.fleet.engine !== null,
    machines: accepted.length,
    slots: accepted.reduce((sum, one) => sum + one.slots, 0),
    atWork: accepted.reduce((sum, one) => sum + one.atWork, 0),
    workers,
  };
}

function viewOf({ fleet, instances }: Known, seen: WorkerSeen): WorkerView {
  const accepted = fleet?.accepted[seen.name] === seen.key;
  const drained = fleet?.drained.includes(seen.name) === true;
  const runs = instances.filter(
    one => accepted && isAlive(one.state) && one.endTime === null && one.remote?.worker === seen.name,
  );
  return {
    ...seen,
    accepted,
    drained,
    atWork: runs.length,
    runs: runs.map(({ key }) => key),
    word: wordOf(seen, accepted, drained),
    contact: contactOf(seen.silentMs),
  };
}

function wordOf({ silentMs, draining }: WorkerSeen, accepted: boolean, drained: boolean): string {
  if (!accepted) return 'not accepted yet';
  if (silentMs > contactMs) return 'no contact';
  return drained || draining ? 'draining' : 'ready';
}

function contactOf(silentMs: number): string {
  if (!Number.isFinite(silentMs)) return 'not heard yet';
  const seconds = Math.round(silentMs / 1000);
  if (seconds < 60) return `${seconds}s`;
  return seconds < 3600 ? `${Math.floor(seconds / 60)}m` : `${Math.floor(seconds / 3600)}h`;
}

function unheard(name: string, key: string): WorkerSeen {
  return {
    name,
    key,
    fingerprint: '',
    pools: [],
    slots: 0,
    running: [],
    draining: false,
    welcome: true,
    version: '',
    cpuPercent: null,
    memoryPercent: null,
    silentMs: Number.POSITIVE_INFINITY,
  };
}
