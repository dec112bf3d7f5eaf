import type { RunSignals } from '../../coordinator/state/handle.ts';
import type { State } from '../../coordinator/state/state.ts';
import type { RunId } from '../../domain/ids.ts';
import { type Instance, type InstanceState, isAlive } from '../../domain/instance.ts';
import type { ClockPort } from '../../ports/clock.ts';
import type { DiskPort } from '../../ports/machine.ts';

/** The first look comes when the start is long over. */
const firstMs = 5000;
const everyMs = 30_000;
/** A worktree in which somebody works is measured again after this long; any other only when its state has changed. */
const againMs = 600_000;
/** After a measurement there are none for this many times as long as it took: it never takes more than half a percent of the time. */
const restPerWork = 200;

const nothingHeard: RunSignals = { activity: null, lastOutput: null, usage: null };

interface Measured {
  readonly state: InstanceState;
  readonly at: number;
  /** Null: unknown. */
  readonly bytes: number | null;
}

/** Measures what the worktrees take on disk: seldom, one after the other, and only when somebody could have changed it. */
export class DiskWatch {
  readonly #disk: DiskPort;
  readonly #clock: ClockPort;
  readonly #state: () => State;
  readonly #measured = new Map<RunId, Measured>();
  readonly #leaving = new AbortController();
  #cancel: () => void = () => undefined;

  constructor(disk: DiskPort, clock: ClockPort, state: () => State) {
    this.#disk = disk;
    this.#clock = clock;
    this.#state = state;
  }

  start(): void {
    this.#later(firstMs);
  }

  stop(): void {
    this.#leaving.abort();
    this.#cancel();
  }

  /** What is known of the runs, with what their worktrees took at the last look. */
  addTo(signals: Readonly<Record<RunId, RunSignals>>): Readonly<Record<RunId, RunSignals>> {
    const all: Record<RunId, RunSignals> = { ...signals };
    for (const [runId, { bytes }] of this.#measured)
      if (bytes !== null) all[runId] = { ...(signals[runId] ?? nothingHeard), diskBytes: bytes };
    return all;
  }

  async #look(): Promise<void> {
    const existing = this.#state().instances.filter(hasWorktree);
    const there = new Set(existing.map(one => one.runId));
    for (const runId of this.#measured.keys()) if (!there.has(runId)) this.#measured.delete(runId);
    const began = this.#clock.monotonic();
    let looked = false;
    for (const { runId, state, worktreePath } of existing.filter(one => this.#isDue(one))) {
      const bytes = await this.#disk.folderBytes(worktreePath, this.#leaving.signal).catch(() => null);
      if (this.#leaving.signal.aborted) return;
      this.#measured.set(runId, { state, at: this.#clock.monotonic(), bytes });
      looked = true;
    }
    const took = looked ? this.#clock.monotonic() - began : 0;
    this.#later(Math.max(everyMs, took * restPerWork));
  }

  #isDue({ runId, state }: Instance): boolean {
    const last = this.#measured.get(runId);
    if (last === undefined || last.state !== state) return true;
    return isAlive(state) && this.#clock.monotonic() - last.at >= againMs;
  }

  #later(delayMs: number): void {
    this.#cancel = this.#clock.setTimer(delayMs, () => void this.#look());
  }
}

/** A worktree that is being made is measured once somebody works in it. */
function hasWorktree({ state, remote }: Instance): boolean {
  return remote === undefined && state !== 'pending' && state !== 'preparing' && state !== 'cleaned';
}
