/** How many instances the machine can bear, and what is known of it. */
export interface ResourceStatus {
  readonly cpuPercent: number | null;
  readonly memoryPercent: number | null;
  readonly diskPercent: number | null;
  readonly freeDiskBytes: number | null;
  /** Smoothed values that the table looks at. */
  readonly smoothedCpu: number | null;
  readonly smoothedMemory: number | null;
  /** Instances that may run now; 0 while the readings are unknown. */
  readonly capacity: number;
  /** Band of the table, 0 = best, 3 = worst; null while unknown. Kept for hysteresis. */
  readonly band: 0 | 1 | 2 | 3 | null;
  /** Why the capacity is what it is, e.g. `below 50 %`, `CPU 72 %`, `unknown: …`. */
  readonly explanation: string;
  /** Last values for the sparkline, oldest first, at most 60. */
  readonly cpuHistory: readonly number[];
  readonly memoryHistory: readonly number[];
}
