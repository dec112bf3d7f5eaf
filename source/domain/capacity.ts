import type { Settings } from './settings.ts';

/** How many runs the machine can handle, and what is known of it. */
export interface ResourceStatus {
  readonly cpuPercent: number | null;
  readonly memoryPercent: number | null;
  readonly diskPercent: number | null;
  readonly freeDiskBytes: number | null;
  /** Smoothed values that the table looks at. */
  readonly smoothedCpu: number | null;
  readonly smoothedMemory: number | null;
  /** Runs that may be alive at once; 1 while the readings are unknown, since one run is always allowed. */
  readonly capacity: number;
  /** What the figures are: none yet, an estimate from the load average, or measured. */
  readonly source: 'none' | 'estimate' | 'measured';
  /** Band of the table, 0 = best, 3 = worst; null while unknown. Kept for hysteresis. */
  readonly band: 0 | 1 | 2 | 3 | null;
  /** Why the capacity is what it is, e.g. `below 50 %`, `CPU 72 %`, `unknown: …`. */
  readonly explanation: string;
  /** Last values for the sparkline, oldest first, at most 60. */
  readonly cpuHistory: readonly number[];
  readonly memoryHistory: readonly number[];
}

type Limits = Pick<Settings, 'maxParallel' | 'maxCpuPercent' | 'maxMemoryPercent'>;
type Band = NonNullable<ResourceStatus['band']>;

/** One reading of the machine; null is a part that could not be read. */
export interface Reading {
  readonly cpuPercent: number | null;
  readonly memoryPercent: number | null;
  readonly diskPercent: number | null;
  readonly freeDiskBytes: number | null;
  /** CPU is an estimate from the load average; missing: it was measured. */
  readonly estimated?: boolean;
}

const justStarted = 'agents just started';
const historyLength = 60;
/** How many readings make an average that can decide about a start. */
const provisionalReadings = 3;
/** Weight of a new reading; the rest is what was known before. */
const smoothing = 0.5;
/** A better band is entered only this many points below its edge, so that a value that trembles on an edge changes nothing. */
const hysteresis = 5;

export const initialResources: ResourceStatus = {
  cpuPercent: null,
  memoryPercent: null,
  diskPercent: null,
  freeDiskBytes: null,
  smoothedCpu: null,
  smoothedMemory: null,
  capacity: 1,
  source: 'none',
  band: null,
  explanation: 'waiting for the first CPU and memory reading',
  cpuHistory: [],
  memoryHistory: [],
};

/**
 * The next status from a new reading (docs/contract.md): smoothed, the worse of CPU and memory, with hysteresis. A reading that failed
 * makes the capacity unknown, so that one run is allowed; it never touches what runs. The first measurement replaces an estimate.
 * `justStarted` instances have not shown their load yet: while there are any, the capacity does not rise. The first readings are exempt:
 * they correct a first look at a machine that was still busy with something else, and four agents started at one moment must not wait for
 * each other because of it.
 */
export function nextResources(
  last: ResourceStatus,
  { estimated = false, ...reading }: Reading,
  limits: Limits,
  context: { readonly justStarted: number },
): ResourceStatus {
  const previous = last.source === 'estimate' ? initialResources : last;
  const { cpuPercent, memoryPercent } = reading;
  const observed = {
    ...reading,
    source: estimated ? ('estimate' as const) : ('measured' as const),
    cpuHistory: remember(previous.cpuHistory, cpuPercent),
    memoryHistory: remember(previous.memoryHistory, memoryPercent),
  };
  if (cpuPercent === null || memoryPercent === null) {
    const what = cpuPercent === null ? (memoryPercent === null ? 'CPU and memory' : 'CPU') : 'memory';
    return {
      ...previous,
      ...observed,
      capacity: 1,
      explanation: `${what} cannot be read`,
    };
  }
  const smoothedCpu = smooth(previous.smoothedCpu, cpuPercent);
  const smoothedMemory = smooth(previous.smoothedMemory, memoryPercent);
  const worst = worstBand(smoothedCpu, smoothedMemory, limits, previous.band);
  const settled = previous.cpuHistory.length >= provisionalReadings;
  const held = context.justStarted > 0 && settled && previous.band !== null && worst < previous.band;
  const band = held && previous.band !== null ? previous.band : worst;
  return {
    ...observed,
    smoothedCpu,
    smoothedMemory,
    band,
    capacity: capacityOf(band, limits.maxParallel),
    explanation: held ? justStarted : explain(band, smoothedCpu, smoothedMemory, limits),
  };
}

/** The same reading under other limits; what is not known stays so. */
export function underLimits(status: ResourceStatus, limits: Limits): ResourceStatus {
  const { cpuPercent, memoryPercent, smoothedCpu, smoothedMemory } = status;
  if (cpuPercent === null || memoryPercent === null || smoothedCpu === null || smoothedMemory === null) return status;
  const band = worstBand(smoothedCpu, smoothedMemory, limits, status.band);
  const explanation = explain(band, smoothedCpu, smoothedMemory, limits);
  return { ...status, band, capacity: capacityOf(band, limits.maxParallel), explanation };
}

/** Instances per band: 4, 3, 2, 1 for a limit of 4, in proportion for others, never below 1. */
export function capacityOf(band: Band, maxParallel: number): number {
  return Math.max(1, Math.round((maxParallel * (4 - band)) / 4));
}

function worstBand(cpu: number, memory: number, limits: Limits, previous: Band | null): Band {
  const byCpu = bandOf(cpu, limits.maxCpuPercent, previous);
  const byMemory = bandOf(memory, limits.maxMemoryPercent, previous);
  return bands[Math.max(byCpu, byMemory)] ?? 3;
}

const bands: readonly Band[] = [0, 1, 2, 3];

/** Upper edges of the bands: 50, 70 and the user's limit (80 unless set). */
function edgesOf(limit: number): readonly [number, number, number] {
  return [Math.min(50, limit), Math.min(70, limit), limit];
}

function bandOf(value: number, limit: number, previous: Band | null): Band {
  const [first, second, third] = edgesOf(limit);
  const slack = (band: Band) => (previous !== null && previous > band ? hysteresis : 0);
  if (value < first - slack(0)) return 0;
  if (value < second - slack(1)) return 1;
  if (value < third - slack(2)) return 2;
  return 3;
}

/** What keeps one more run from starting, fit for a question: `CPU is at 92 %`. */
export function describePressure(resources: ResourceStatus, limits: Limits, running: number): string {
  const { smoothedCpu, smoothedMemory, band, explanation } = resources;
  if (running >= limits.maxParallel) return `${running} of ${limits.maxParallel} running (maxParallel)`;
  if (band === null || smoothedCpu === null || smoothedMemory === null || explanation === justStarted)
    return `${explanation.charAt(0).toUpperCase()}${explanation.slice(1)}`;
  return cpuDecides(smoothedCpu, smoothedMemory, limits)
    ? `CPU is at ${Math.round(smoothedCpu)} %`
    : `Memory is at ${Math.round(smoothedMemory)} %`;
}

function explain(band: Band, cpu: number, memory: number, limits: Limits): string {
  const [first] = edgesOf(Math.min(limits.maxCpuPercent, limits.maxMemoryPercent));
  if (band === 0) return `below ${first} %`;
  return cpuDecides(cpu, memory, limits) ? `CPU ${Math.round(cpu)} %` : `memory ${Math.round(memory)} %`;
}

/** The one that stands closer to its limit decides. */
function cpuDecides(cpu: number, memory: number, limits: Limits): boolean {
  return cpu / limits.maxCpuPercent >= memory / limits.maxMemoryPercent;
}

function smooth(before: number | null, now: number): number {
  return before === null ? now : before + smoothing * (now - before);
}

function remember(history: readonly number[], value: number | null): readonly number[] {
  return value === null ? history : [...history, value].slice(-historyLength);
}
