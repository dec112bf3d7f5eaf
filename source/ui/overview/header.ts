import { fleetView } from '../../coordinator/fleet/fleet-view.ts';
import { restEstimate } from '../../coordinator/state/eta.ts';
import type { RunSignals } from '../../coordinator/state/handle.ts';
import { counts, speedup } from '../../coordinator/state/selectors.ts';
import type { State } from '../../coordinator/state/state.ts';
import type { RunId } from '../../domain/ids.ts';
import { countOf } from '../../domain/text/count.ts';
import { sanitizeLine } from '../../domain/text/sanitize.ts';
import { totalUsage, withLiveUsage } from '../../domain/usage.ts';
import { fitLine, type Line, lineWidth, span, spread, type Tone } from '../presentation/line.ts';
import { bar, sparkline, steady } from '../presentation/meters.ts';
import { truncate } from '../presentation/text.ts';
import { moment, roughly } from '../presentation/time.ts';
import { money } from '../presentation/usage.ts';

/** The percentages currently shown; they follow the machine in visible steps only. */
export interface ShownMachine {
  readonly cpu: number | null;
  readonly memory: number | null;
  readonly freeDisk: number | null;
}

export const nothingShown: ShownMachine = { cpu: null, memory: null, freeDisk: null };

/** The next percentages to show; the same object while none of them moved enough. */
export function showMachine(state: State, shown: ShownMachine): ShownMachine {
  const { cpuPercent, memoryPercent, diskPercent } = state.resources;
  const next = {
    cpu: steady(cpuPercent, shown.cpu),
    memory: steady(memoryPercent, shown.memory),
    freeDisk: steady(diskPercent === null ? null : 100 - diskPercent, shown.freeDisk),
  };
  const same = next.cpu === shown.cpu && next.memory === shown.memory && next.freeDisk === shown.freeDisk;
  return same ? shown : next;
}

function modeOf(state: State, viewer: boolean): Line {
  const mode = state.mode === 'auto' ? span('● auto', 'success') : span('○ manual', 'dim');
  const more: Line = [
    ...(state.onlyGroup == null ? [] : [span(`  ▸ only ${sanitizeLine(state.onlyGroup, 30)}`, 'warning')]),
    ...(state.paused ? [span('  ‖ spawns paused', 'warning')] : []),
    ...(state.queuePaused === null ? [] : [span('  ‖ landing paused', 'warning')]),
    ...(viewer ? [span('  viewer', 'hint')] : []),
  ];
  return [mode, ...more];
}

/** What the header shows beside the state. */
export interface HeaderContext {
  /** True for a read-only viewer: another coordinator acts. */
  readonly viewer: boolean;
  /** Name of the repository until it has been read. */
  readonly name: string;
  /** Undefined if current agent usage is unknown. */
  readonly signals?: Readonly<Record<RunId, RunSignals>>;
}

/** What the runs since the last start have cost; null if unknown. */
function spent(state: State, signals: Readonly<Record<RunId, RunSignals>>): number | null {
  const live = state.instances.map(one => withLiveUsage(one, signals[one.runId]?.usage ?? null));
  const { costUsd } = totalUsage(live, state.startedAt);
  return costUsd === null || costUsd <= 0 ? null : costUsd;
}

interface Forecast {
  readonly etaMs: number | null;
  /** 0: nothing has landed. */
  readonly factor: number;
}

/** Both values read every item and barely change sooner than this, so they are not computed for every key. */
const forecastMs = 10_000;
let lastForecast: { readonly state: State; readonly step: number; readonly forecast: Forecast } | null = null;

function forecastOf(state: State, now: number): Forecast {
  const step = Math.floor(now / forecastMs);
  if (lastForecast?.state === state && lastForecast.step === step) return lastForecast.forecast;
  const forecast = { etaMs: restEstimate(state, now), factor: speedup(state, now).factor };
  lastForecast = { state, step, forecast };
  return forecast;
}

/** A part of the first row in full and in its shortest form. `rank` 0 never goes; higher ranks go sooner when there is no room. */
interface HeaderPart {
  readonly full: Line;
  readonly short: Line;
  readonly rank: number;
}

/** Parts of this rank and above go before words get shorter. */
const dispensable = 6;

/**
 * First row: where we are, what is running, how much faster it is. On a narrow screen words get shorter, then the least important
 * parts go.
 */
export function headerLine(state: State, place: HeaderContext, now: number, width: number): Line {
  const roomy = width >= 100;
  const parts = headerParts(state, place, now, roomy ? 2 : 1);
  const { factor } = forecastOf(state, now);
  const faster: Line = factor >= 1.05 ? [span(`×${factor.toFixed(1)} faster `, 'success')] : [];
  const rows = formsOf(parts).flatMap(form =>
    roomy ? [spaced(form, '   '), spaced(form, '  ')] : [spaced(form, '  ')],
  );
  const fitting = rows.find(row => lineWidth(row) + lineWidth(faster) + 1 <= width);
  return fitting === undefined ? fitLine(rows.at(-1) ?? [], width) : spread(fitting, faster, width);
}

function spaced(parts: readonly Line[], gap: string): Line {
  const row = parts.flatMap((part, index) => (index === 0 ? part : [span(gap), ...part]));
  return row[0]?.text.startsWith(' ') === true ? row : [span(' '), ...row];
}

/** The row from the fullest to the barest form: without dispensable parts, then in short words, then without one rank after the other. */
function formsOf(parts: readonly HeaderPart[]): readonly (readonly Line[])[] {
  const ranks = [...new Set(parts.map(part => part.rank))].toSorted((a, b) => b - a);
  const upTo = (most: number): readonly HeaderPart[] => parts.filter(part => part.rank <= most);
  return [
    ...[...ranks.filter(rank => rank > dispensable), dispensable, dispensable - 1].map(most =>
      upTo(most).map(part => part.full),
    ),
    ...[dispensable, ...ranks.filter(rank => rank < dispensable)].map(most => upTo(most).map(part => part.short)),
  ];
}

/** `↓3 ↑2`: what only the remote has, and what only the target has. */
function besideRemote({ upstream }: State): Line {
  if (upstream === undefined || upstream === null) return [];
  const { ahead, behind } = upstream;
  const words = [...(behind > 0 ? [`↓${behind}`] : []), ...(ahead > 0 ? [`↑${ahead}`] : [])].join(' ');
  return words === '' ? [] : [span(words, behind > 0 ? 'warning' : 'dim')];
}

function headerParts(state: State, place: HeaderContext, now: number, digits: number): readonly HeaderPart[] {
  const all = counts(state);
  // Two columns at least where there is room, so that nothing moves when a number grows.
  const count = (value: number): string => String(value).padStart(digits);
  const name = sanitizeLine(state.repository?.name ?? place.name, 40);
  const target = sanitizeLine(state.target ?? '', 40);
  const upstream = besideRemote(state);
  const eta = forecastOf(state, now).etaMs;
  const fleet = fleetView(state);
  const { maxParallel, fleet: asked } = state.settings;
  const mostAtOnce = fleet.engine ? (asked.local ? maxParallel : 0) + fleet.slots : maxParallel;
  const cost = spent(state, place.signals ?? {});
  const part = (rank: number, full: Line, short: Line = full): HeaderPart => ({ rank, full, short });
  const figure = (rank: number, value: string, word: string, short: string, tone: Tone): HeaderPart =>
    part(rank, [span(`${value} ${word}`, tone)], [span(`${value.trim()} ${short}`, tone)]);
  const taken = `${fleet.atWork}/${fleet.slots}`;
  const tone = fleet.atWork > 0 ? 'running' : 'dim';
  const machines = fleet.engine
    ? [
        part(
          2,
          [span(`${countOf(fleet.machines, 'machine')} ${taken}`, tone)],
          [span(`${fleet.machines}m ${taken}`, tone)],
        ),
      ]
    : [];
  return [
    part(5, [span(' cm-tui ', 'selected')]),
    part(0, [span(name, 'strong')], [span(truncate(name, 16), 'strong')]),
    ...(target === '' ? [] : [part(6, [span(`⎇ ${target}`)], [span(`⎇ ${truncate(target, 16)}`)])]),
    ...(upstream.length === 0 ? [] : [part(6, upstream)]),
    part(3, modeOf(state, place.viewer)),
    // No figure is true before everything has been read.
    ...(state.ready ? figures() : [part(0, [span('reading …', 'dim')])]),
  ];

  function figures(): readonly HeaderPart[] {
    return [
      ...machines,
      figure(1, `${count(all.running)}/${mostAtOnce}`, 'running', 'run', all.running > 0 ? 'running' : 'dim'),
      figure(3, count(all.ready), 'ready', 'ready', all.ready > 0 ? 'success' : 'dim'),
      figure(1, count(all.toMerge), 'to land', 'to land', all.toMerge > 0 ? 'hint' : 'dim'),
      figure(
        1,
        `${count(all.landed)}/${all.landed + all.planned}`,
        'landed',
        'landed',
        all.landed > 0 ? 'success' : 'dim',
      ),
      ...(all.attention > 0
        ? [
            part(
              0,
              [span(`! ${all.attention} ${all.attention === 1 ? 'needs' : 'need'} you`, 'danger')],
              [span(`! ${all.attention}`, 'danger')],
            ),
          ]
        : []),
      ...(eta === null ? [] : [part(7, [span(`${roughly(eta)} left`, 'dim')])]),
      ...(cost === null ? [] : [part(4, [span(`${money(cost)} spent`, 'dim')], [span(money(cost), 'dim')])]),
    ];
  }
}

function meter(name: string, percent: number | null, history: readonly number[], width: number): Line {
  const tone = percent === null ? 'warning' : percent >= 80 ? 'danger' : percent >= 50 ? 'warning' : 'success';
  const value = percent === null ? ' ??' : String(percent).padStart(3);
  return [
    span(`${name} `, 'dim'),
    span(bar(percent, width), tone),
    span(`${value} % `),
    span(sparkline(history, width), 'dim'),
  ];
}

/** Rate-limited agents and until when: a time of day stays true without redrawing. */
function rateLimitLine({ cooldowns }: State, now: number): Line {
  const limits = Object.entries(cooldowns)
    .filter(([, until]) => until > now)
    .toSorted(([, a], [, b]) => a - b)
    .map(([agent, until]) => `${sanitizeLine(agent, 20)} paused until ${moment(until, now)}`);
  return limits.length === 0 ? [] : [span(`‖ ${limits.join(', ')}`, 'warning')];
}

/** Second row: the machine, rate-limited agents and capacity. Parts that do not fit are left out. */
export function machineLine(state: State, shown: ShownMachine, now: number, width: number): Line {
  const { resources } = state;
  const limits = rateLimitLine(state, now);
  // On a narrow screen, bars and explanations make room for paused agents.
  const tight = limits.length > 0 && width < 100;
  const cells = width >= 140 ? 12 : width >= 100 ? 8 : tight ? 2 : 4;
  const capacity: Line = [
    span(`capacity ${resources.capacity}`, resources.band === null ? 'danger' : 'strong'),
    span(resources.explanation === '' || tight ? '' : ` (${sanitizeLine(resources.explanation, 60)})`, 'dim'),
  ];
  const disk: Line = [span('DISK ', 'dim'), span(shown.freeDisk === null ? '?? % free' : `${shown.freeDisk} % free`)];
  const memory = meter('MEM', shown.memory, resources.memoryHistory, cells);
  const parts: Line[] = [
    [span(' '), ...meter('CPU', shown.cpu, resources.cpuHistory, cells)],
    ...(limits.length === 0 || width >= 80 ? [memory] : []),
    ...(limits.length === 0 ? [] : [limits]),
    capacity,
    disk,
  ];
  let out: Line = [];
  for (const part of parts) {
    const next: Line = out.length === 0 ? part : [...out, span('   '), ...part];
    if (lineWidth(next) > width) continue;
    out = next;
  }
  return out;
}
