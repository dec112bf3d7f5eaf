import type { State } from '../../coordinator/state/state.ts';
import type { Upstream } from '../../ports/remote/upstream.ts';
import type { RuntimeDeps } from '../deps.ts';

interface Host {
  readonly state: () => State;
  readonly post: (message: { readonly type: 'upstream-read'; readonly upstream: Upstream | null }) => void;
  /** Says why the remote could not be asked. */
  readonly warn: (sentence: string) => void;
}

/**
 * Reads where the target stands beside its remote: at the start, and whenever the target has moved. The network is asked once, as the
 * setting `fetch` says, and nobody waits for it.
 */
export class UpstreamWatch {
  readonly #deps: RuntimeDeps;
  readonly #host: Host;
  #tip: string | null = null;

  constructor(deps: RuntimeDeps, host: Host) {
    this.#deps = deps;
    this.#host = host;
  }

  /** What is known without the network; what cannot be read stays unknown. */
  async read(): Promise<void> {
    const { remote, target } = this.#deps;
    if (remote === undefined || target === null) return;
    const upstream = await remote.upstream(target).catch(() => undefined);
    if (upstream !== undefined) this.#host.post({ type: 'upstream-read', upstream });
  }

  /** A reader asks nobody. `merged`: something of ours was merged there, so that the target is to follow where the setting says so. */
  async fetch(merged = false): Promise<void> {
    const { remote, target, journal } = this.#deps;
    const { settings } = this.#host.state();
    if (remote === undefined || target === null || journal === null || settings.fetch === 'off') return;
    const follow = merged && settings.fetch === 'base';
    const problem = await (follow ? remote.bringForward(target) : remote.fetch(target)).catch(() => null);
    if (problem !== null) this.#host.warn(problem);
    await this.read();
  }

  stateChanged(): void {
    const { targetTip } = this.#host.state();
    if (targetTip === this.#tip) return;
    const isFirst = this.#tip === null;
    this.#tip = targetTip;
    if (!isFirst) void this.read();
  }
}
