/** What runs on a pool's machines may rely on. */
export interface PoolSettings {
  /** Words that an item can need: `pg`, `gpu`. */
  readonly labels?: readonly string[];
  /** Bytes for each run. */
  readonly memory?: number;
}

/** Agents on other machines. Without an `engine` there are none, and nothing of it is loaded. */
export interface FleetSettings {
  /** `redis://`, `rediss://` or `postgres://`; null: agents run here only. */
  readonly engine: string | null;
  /** The bare repository that commits travel through; null: `<state>/depot.git`. */
  readonly depot: string | null;
  readonly pools: Readonly<Record<string, PoolSettings>>;
  /** Whether agents run here as well. */
  readonly local: boolean;
  /** Seconds without a sign of a worker after which its runs count as lost. */
  readonly lostAfter: number;
  /** How often an item whose run was lost is begun again by itself. */
  readonly retryLost: number;
  /** How much of a run's output comes back at its end. */
  readonly log: 'tail' | 'full';
  /** Accepts an engine on another machine without TLS. */
  readonly insecure: boolean;
}

export const defaultFleetSettings: FleetSettings = {
  engine: null,
  depot: null,
  pools: { default: {} },
  local: true,
  lostAfter: 300,
  retryLost: 1,
  log: 'tail',
  insecure: false,
};
