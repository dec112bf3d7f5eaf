import type { State } from '../../coordinator/state/state.ts';
import { warmFolderOf } from '../../domain/text/names.ts';
import type { RuntimeDeps } from '../deps.ts';

/**
 * Keeps worktrees ready before runs need them, as the setting `warm` says: at the start, after each that was taken, and where the setting has
 * changed. Only while none is being made for a run, which never waits for it.
 */
export class WarmPool {
  readonly #deps: RuntimeDeps;
  readonly #state: () => State;
  #last = '';
  #busy = false;
  #stopped = false;

  constructor(deps: RuntimeDeps, state: () => State) {
    this.#deps = deps;
    this.#state = state;
  }

  stateChanged(): void {
    const state = this.#state();
    const { work, journal } = this.#deps;
    if (work?.keepWarm === undefined || journal === null || this.#busy || !this.#mayGoOn()) return;
    const { repository, target, settings, instances } = state;
    if (!state.reconciled || repository === null || target === null) return;
    const count = settings.warm;
    const folder = warmFolderOf(repository, settings);
    // A base is known once a run has its worktree.
    const now = `${count} ${folder} ${instances.filter(({ base }) => base !== null).length}`;
    if (now === this.#last) return;
    this.#last = now;
    this.#busy = true;
    // What could not be made is made when a run needs it.
    void work
      .keepWarm({ count, folder, target, mayGoOn: () => this.#mayGoOn() })
      .catch(() => undefined)
      .finally(() => {
        this.#busy = false;
        this.stateChanged();
      });
  }

  stop(): void {
    this.#stopped = true;
  }

  #mayGoOn(): boolean {
    const making = Object.values(this.#state().inFlight).some(({ kind }) => kind === 'git.createWorktree');
    return !this.#stopped && !making;
  }
}
