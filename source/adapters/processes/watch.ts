import type { ProcessIdentity, RunId } from '../../domain/ids.ts';
import type { ProcessesPort, RunStatus } from '../../ports/processes.ts';

/** How often runs that are not our children are looked at. A look costs two small reads. */
const pollMs = 500;

interface Watched {
  readonly runId: RunId;
  readonly runName: string;
  readonly identity: ProcessIdentity;
  readonly onEnd: (status: RunStatus) => void;
  /** Its shim is our child: its exit event tells, no poll is needed until then. */
  byEvent: boolean;
  looking: boolean;
}

/** Watches any number of runs with one timer, which runs only while somebody else's child is among them. */
export class Watcher {
  readonly #probe: ProcessesPort['probe'];
  readonly #watched = new Set<Watched>();
  /** Runs whose shim is our child and has not ended. */
  readonly #children = new Set<RunId>();
  #timer: NodeJS.Timeout | null = null;

  constructor(probe: ProcessesPort['probe']) {
    this.#probe = probe;
  }

  childStarted(runId: RunId): void {
    this.#children.add(runId);
  }

  /** The shim has ended. Should its group live on (only the shim was killed), the run is polled from here. */
  childEnded(runId: RunId): void {
    this.#children.delete(runId);
    for (const watched of this.#watched) {
      if (watched.runId !== runId) continue;
      watched.byEvent = false;
      void this.#look(watched);
    }
    this.#setTimer();
  }

  watch(runId: RunId, runName: string, identity: ProcessIdentity, onEnd: (status: RunStatus) => void): () => void {
    const watched: Watched = {
      runId,
      runName,
      identity,
      onEnd,
      byEvent: this.#children.has(runId),
      looking: false,
    };
    this.#watched.add(watched);
    this.#setTimer();
    if (!watched.byEvent) void this.#look(watched);
    return () => this.#forget(watched);
  }

  async #look(watched: Watched): Promise<void> {
    if (watched.looking) return;
    watched.looking = true;
    const status = await this.#probe(watched.runId, watched.runName, watched.identity);
    watched.looking = false;
    // "Unknown" is not an end (docs/contract.md, I6); neither is "not started" for a run whose identity is known.
    if (status.status !== 'exited' && status.status !== 'lost') return;
    if (this.#forget(watched)) watched.onEnd(status);
  }

  /** True if it was still watched. */
  #forget(watched: Watched): boolean {
    const was = this.#watched.delete(watched);
    this.#setTimer();
    return was;
  }

  #setTimer(): void {
    const needed = [...this.#watched].some(watched => !watched.byEvent);
    if (needed && this.#timer === null) {
      this.#timer = setInterval(() => this.#pollAll(), pollMs).unref();
    }
    if (!needed && this.#timer !== null) {
      clearInterval(this.#timer);
      this.#timer = null;
    }
  }

  #pollAll(): void {
    for (const watched of this.#watched) if (!watched.byEvent) void this.#look(watched);
  }
}
