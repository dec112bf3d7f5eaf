import type { CoordinatorHandle } from '../state/handle.ts';
import { exitStatus, isIdle } from '../state/idle.ts';

/** The loop that spawns what is ready, as a thin face over the state's mode. */
export class ContinuousWorkLoop {
  readonly #handle: Pick<CoordinatorHandle, 'state' | 'subscribe'>;

  constructor(handle: Pick<CoordinatorHandle, 'state' | 'subscribe'>) {
    this.#handle = handle;
  }

  /**
   * Calls back once when nothing runs, waits for the machine or is ready: 0 when all has landed, 1 when something failed or waits for a
   * person. Returns the unsubscribe function.
   */
  onIdle(callback: (exitCode: 0 | 1) => void): () => void {
    const look = () => {
      const state = this.#handle.state();
      if (!isIdle(state)) return;
      unsubscribe();
      callback(exitStatus(state));
    };
    const unsubscribe = this.#handle.subscribe(look);
    queueMicrotask(look);
    return unsubscribe;
  }
}
