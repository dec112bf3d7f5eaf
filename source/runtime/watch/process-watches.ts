import type { RunId } from '../../domain/ids.ts';
import type { Instance } from '../../domain/instance.ts';
import type { ProcessesPort, RunStatus } from '../../ports/processes.ts';

/** Waits for the processes of runs to end, each of them once. */
export class ProcessWatches {
  readonly #processes: ProcessesPort;
  readonly #ended: (runId: RunId, status: RunStatus) => void;
  readonly #stops = new Map<RunId, () => void>();

  constructor(processes: ProcessesPort, ended: (runId: RunId, status: RunStatus) => void) {
    this.#processes = processes;
    this.#ended = ended;
  }

  watch({ runId, slug }: Instance, process: NonNullable<Instance['process']>): void {
    this.#stops.get(runId)?.();
    const stop = this.#processes.watch(runId, slug, process, status => {
      this.#stops.delete(runId);
      this.#ended(runId, status);
    });
    this.#stops.set(runId, stop);
  }

  stop(): void {
    for (const stop of this.#stops.values()) stop();
  }
}
