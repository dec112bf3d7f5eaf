import type { CoordinatorHandle, DiffOptions, RunSignals } from '../../coordinator/state/handle.ts';
import type { State } from '../../coordinator/state/state.ts';
import type { RunId } from '../../domain/ids.ts';
import type { ReviewMaterial } from '../../domain/review/material.ts';
import type { Command, CommandAnswer } from '../../ports/commands.ts';
import type { CleanProbe } from '../../ports/git.ts';
import type { LogsPort } from '../../ports/logs.ts';
import type { TreeUsage } from '../../ports/processes.ts';

/** A coordinator that can be replaced by another under the same screen; listeners follow the new one. */
export class SwitchableHandle implements CoordinatorHandle {
  readonly logs: LogsPort;
  readonly #listeners = new Set<() => void>();
  readonly #logListeners = new Set<() => void>();
  #present: CoordinatorHandle;
  #stop: () => void;

  constructor(first: CoordinatorHandle) {
    this.#present = first;
    this.#stop = this.#listen(first);
    this.logs = {
      tail: runId => this.#present.logs.tail(runId),
      lastOutput: runId => this.#present.logs.lastOutput(runId),
      open: (runId, stream) => this.#present.logs.open(runId, stream),
      subscribe: listener => {
        this.#logListeners.add(listener);
        return () => this.#logListeners.delete(listener);
      },
    };
  }

  change(next: CoordinatorHandle): void {
    if (next === this.#present) return;
    this.#stop();
    this.#present = next;
    this.#stop = this.#listen(next);
    notify(this.#listeners);
    notify(this.#logListeners);
  }

  get role(): CoordinatorHandle['role'] {
    return this.#present.role;
  }

  state(): State {
    return this.#present.state();
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  send(command: Command): Promise<CommandAnswer> {
    return this.#present.send(command);
  }

  diff(runId: RunId, options?: DiffOptions): Promise<string> {
    return this.#present.diff(runId, options);
  }

  review(runId: RunId): Promise<ReviewMaterial> {
    return this.#present.review(runId);
  }

  probeClean(): Promise<readonly CleanProbe[]> {
    return this.#present.probeClean();
  }

  usage(): Readonly<Record<RunId, TreeUsage>> {
    return this.#present.usage();
  }

  signals(): Readonly<Record<RunId, RunSignals>> {
    return this.#present.signals?.() ?? {};
  }

  #listen(handle: CoordinatorHandle): () => void {
    const stops = [
      handle.subscribe(() => notify(this.#listeners)),
      handle.logs.subscribe(() => notify(this.#logListeners)),
    ];
    return () => {
      for (const stop of stops) stop();
    };
  }
}

function notify(listeners: ReadonlySet<() => void>): void {
  for (const listener of listeners) listener();
}
