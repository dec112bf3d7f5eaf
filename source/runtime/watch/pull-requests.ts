import type { State } from '../../coordinator/state/state.ts';
import type { RunId } from '../../domain/ids.ts';
import { hasLanded } from '../../domain/instance.ts';
import { type PullRequest, samePullRequest } from '../../domain/queue/pull-request.ts';
import type { RuntimeDeps } from '../deps.ts';

interface Host {
  readonly state: () => State;
  readonly post: (message: { readonly type: 'pr-read'; readonly runId: RunId; readonly pr: PullRequest }) => void;
}

/** Wait before the forge is asked again, as far as `pollSeconds` is not shorter: it doubles while nothing changes, and starts over with each change. */
const firstMs = 10_000;
const longestMs = 5 * 60_000;

/** Reads open pull requests back, one after the other, as long as there are any. Whoever waits for a landing does not wait for the forge. */
export class PullRequestWatch {
  readonly #deps: RuntimeDeps;
  readonly #host: Host;
  #delayMs: number;
  #known = '';
  #cancel: (() => void) | null = null;
  #stopped = false;

  constructor(deps: RuntimeDeps, host: Host) {
    this.#deps = deps;
    this.#host = host;
    this.#delayMs = this.#firstMs();
  }

  /** Begins once there is something to ask for; a new pull request is asked for soon. */
  stateChanged(): void {
    const open = this.#open();
    const known = open.map(({ runId, pr }) => `${runId} ${pr.number} ${pr.head}`).join(',');
    if (known === this.#known) return;
    this.#known = known;
    this.#delayMs = this.#firstMs();
    this.#cancel?.();
    this.#cancel = null;
    if (open.length > 0) this.#later();
  }

  stop(): void {
    this.#stopped = true;
    this.#cancel?.();
  }

  /** Asks for all of them once. */
  async read(): Promise<void> {
    const { forge } = this.#deps;
    if (forge === undefined) return;
    for (const { runId, pr } of this.#open()) {
      const now = await forge.read(pr.number).catch(() => null);
      if (this.#stopped) return;
      if (now === null || samePullRequest(now, pr)) continue;
      this.#delayMs = this.#firstMs();
      this.#host.post({ type: 'pr-read', runId, pr: now });
    }
  }

  #firstMs(): number {
    return Math.min(firstMs, Math.max(1, this.#host.state().settings.pollSeconds) * 1000);
  }

  #later(): void {
    this.#cancel = this.#deps.clock.setTimer(this.#delayMs, () => {
      this.#delayMs = Math.min(this.#delayMs * 2, longestMs);
      void this.read().finally(() => {
        if (!this.#stopped && this.#open().length > 0) this.#later();
      });
    });
  }

  #open() {
    return this.#host
      .state()
      .instances.flatMap(({ runId, pr, state }) => (pr?.state === 'open' && !hasLanded(state) ? [{ runId, pr }] : []));
  }
}
