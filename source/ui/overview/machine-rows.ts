import { fleetView, type WorkerView } from '../../coordinator/fleet/fleet-view.ts';
import type { State } from '../../coordinator/state/state.ts';
import { contactMs } from '../../domain/fleet/remote-run.ts';
import type { Instance } from '../../domain/instance.ts';
import { sanitizeLine } from '../../domain/text/sanitize.ts';
import type { ListRow, TableColumn } from '../components/table.tsx';
import { type Line, line, span, type Tone } from '../presentation/line.ts';
import { bar } from '../presentation/meters.ts';
import { textWidth } from '../presentation/text.ts';
import { coarseDuration } from '../presentation/time.ts';

/** Columns from which the bars have four cells. */
const roomForBars = 64;
const longestName = 16;
const versionWidth = 10;

/** The columns of the list of machines at a width; the version goes first where there is no room. */
export function machineColumns(width: number, workers: readonly WorkerView[]): readonly TableColumn[] {
  const meter = barCells(width) + 7;
  const name = Math.min(longestName, Math.max(7, ...workers.map(one => textWidth(one.name)))) + 2;
  const slots = Math.max(5, ...workers.map(one => slotsOf(one).length)) + 1;
  const fixed = name + 2 * meter + slots;
  const words = Math.max(7, ...workers.map(one => textWidth(wordsOf(one)))) + 1;
  const hasVersion = width >= fixed + words + versionWidth;
  return [
    { name: 'machine', title: ' machine', width: name },
    { name: 'cpu', title: 'CPU %', width: meter },
    { name: 'memory', title: 'memory %', width: meter },
    { name: 'slots', title: 'slots', width: slots },
    { name: 'contact', title: 'contact', width: Math.max(0, width - fixed - (hasVersion ? versionWidth : 0)) },
    ...(hasVersion ? [{ name: 'version', title: 'version', width: versionWidth }] : []),
  ];
}

function barCells(width: number): number {
  return width >= roomForBars ? 4 : 2;
}

/** One machine: what it uses, how many of its slots are at work, whether it is heard, and its version. */
export function machineRow(worker: WorkerView, width: number, selected: boolean): ListRow {
  return {
    selected,
    cells: {
      machine: line(`${selected ? '▸' : ' '}${sanitizeLine(worker.name, 40)}`),
      cpu: meter(worker.cpuPercent, barCells(width)),
      memory: meter(worker.memoryPercent, barCells(width)),
      slots: line(slotsOf(worker), worker.atWork > 0 ? 'running' : 'dim'),
      contact: line(wordsOf(worker), toneOf(worker)),
      version: line(sanitizeLine(worker.version, 40), 'dim'),
    },
  };
}

/** What is shown of all of them: a look that changes none of it draws nothing. */
export function shownMachines(state: State): unknown {
  return fleetView(state).workers.map(worker => [
    worker.name,
    worker.key,
    inSteps(worker.cpuPercent),
    inSteps(worker.memoryPercent),
    slotsOf(worker),
    wordsOf(worker),
    worker.version,
  ]);
}

/** The machine that a run is on; empty: not known yet. `here`: this one. */
export function machineOfRun(instance: Instance | null): Line {
  if (instance === null) return [];
  const { remote } = instance;
  if (remote === undefined) return line('here', 'dim');
  return line(remote.worker === null ? '…' : sanitizeLine(remote.worker, 40), remote.noContact ? 'warning' : 'plain');
}

/** What is out of the ordinary with a run's machine, in words; empty: nothing. */
export function machineWords({ remote }: Instance, machines: State['machines'] = []): string {
  if (remote === undefined) return '';
  if (remote.late !== undefined) return `late result of ${sanitizeLine(remote.late.worker, 40)} kept`;
  if (remote.noContact !== true) return '';
  const seen = machines.find(one => one.name === remote.worker);
  return seen === undefined || seen.silentMs <= contactMs
    ? 'no contact'
    : `no contact ${coarseDuration(seen.silentMs)}`;
}

/** Line below the lists for the selected machine: what it is at, and which keys act on it. */
export function aboutMachine({ name, pools, runs, silentMs, fingerprint, accepted }: WorkerView): string {
  const serves = pools.length === 0 ? '' : `, serves ${pools.map(pool => sanitizeLine(pool, 40)).join(', ')}`;
  const has = runs.length === 0 ? 'has no runs' : `works on ${runs.map(key => sanitizeLine(key, 40)).join(', ')}`;
  if (!accepted) return `${name}: fingerprint ${fingerprint}${serves}. Compare it with what the worker printed.`;
  if (silentMs <= contactMs) return `${name} ${has}${serves}`;
  const since = Number.isFinite(silentMs) ? `for ${coarseDuration(silentMs)}` : 'since this start';
  return `${name} ${has}; nothing was heard of it ${since}`;
}

function slotsOf({ atWork, slots }: WorkerView): string {
  return `${atWork}/${slots}`;
}

function wordsOf({ word, silentMs }: WorkerView): string {
  const isSilent = word === 'no contact' && Number.isFinite(silentMs);
  return isSilent ? `no contact ${coarseDuration(silentMs)}` : word;
}

function toneOf({ word }: WorkerView): Tone {
  return word === 'ready' ? 'success' : word === 'no contact' ? 'danger' : 'warning';
}

function meter(percent: number | null, cells: number): Line {
  const shown = inSteps(percent);
  const tone = shown === null ? 'warning' : shown >= 80 ? 'danger' : shown >= 50 ? 'warning' : 'success';
  return [span(bar(shown, cells), tone), span(shown === null ? '  ??' : String(shown).padStart(4))];
}

/** In steps of five, so that an idle machine draws no frames. */
function inSteps(percent: number | null): number | null {
  return percent === null ? null : Math.round(Math.min(100, Math.max(0, percent)) / 5) * 5;
}
