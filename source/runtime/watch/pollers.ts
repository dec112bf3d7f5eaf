import type { Timeless } from '../../coordinator/state/messages.ts';
import { waitsForCapacity } from '../../coordinator/state/planning.ts';
import type { State } from '../../coordinator/state/state.ts';
import type { RunId } from '../../domain/ids.ts';
import { isAlive } from '../../domain/instance.ts';
import type { TreeUsage } from '../../ports/processes.ts';
import type { RuntimeDeps } from '../deps.ts';
import { WarmPool } from '../worktrees/warm-pool.ts';
import { PullRequestWatch } from './pull-requests.ts';
import { UpstreamWatch } from './upstream-watch.ts';

interface Host {
  readonly state: () => State;
  readonly post: (message: Timeless) => void;
  readonly reconcile: () => Promise<void>;
  readonly warn: (sentence: string) => void;
}

/** The second reading of the machine, which measures it, follows the first, an estimate, this soon. */
const machineFirstMs = 500;
/** Time between readings of the machine: while it holds something back, while something runs, while nothing does. */
const machineHeldMs = 1000;
const machineBusyMs = 2000;
const machineIdleMs = 5000;
/** Longest wait for the first reading. */
const patienceMs = 200;
const sourcesMs = 3000;
/** Files that have not changed for this long are whole. */
const atRestMs = 60;
const usageMs = 4000;
/** The network can wait until the first agents have started. */
const fetchMs = 500;

/** Everything that is looked at now and then: machine, ROADMAP, target, processes. */
export class Pollers {
  usage: Readonly<Record<RunId, TreeUsage>> = {};
  readonly #deps: RuntimeDeps;
  readonly #host: Host;
  readonly #cancels = new Map<string, () => void>();
  /** Resolves once the machine has been read for the first time, or could not be: a disk that hangs is not waited for. */
  readonly firstReading: Promise<void>;
  readonly upstream: UpstreamWatch;
  readonly #pullRequests: PullRequestWatch;
  readonly #warm: WarmPool;
  #firstRead: () => void = () => undefined;
  #machineReadings = 0;
  #stamp = '';
  #stopped = false;

  constructor(deps: RuntimeDeps, host: Host) {
    this.#deps = deps;
    this.#host = host;
    this.upstream = new UpstreamWatch(deps, host);
    this.#pullRequests = new PullRequestWatch(deps, host);
    this.#warm = new WarmPool(deps, host.state);
    this.firstReading = new Promise(resolve => {
      this.#firstRead = resolve;
    });
  }

  /** A reader, who starts nothing, is content with the first reading. */
  startMachine(): void {
    this.#later('first reading', patienceMs, this.#firstRead);
    if (this.#deps.journal === null) return void this.#readMachine().catch(() => undefined);
    this.#every(
      'machine',
      () => this.#readMachine(),
      () => this.#machineMs(),
    );
  }

  start(stamp: string): void {
    this.#stamp = stamp;
    this.#later('sources', sourcesMs, () =>
      this.#every(
        'sources',
        () => this.#checkSources(),
        () => sourcesMs,
      ),
    );
    const stop = this.#deps.sources.watch?.(() => void this.#checkSources().catch(() => undefined));
    if (stop !== undefined) this.#cancels.set('source files', stop);
    this.#later('usage', 500, () =>
      this.#every(
        'usage',
        () => this.#readUsage(),
        () => usageMs,
      ),
    );
    this.#later('fetch', fetchMs, () => void this.upstream.fetch());
    const reconcileMs = () => Math.max(1, this.#host.state().settings.pollSeconds) * 1000;
    this.#later('reconcile', reconcileMs(), () => this.#every('reconcile', this.#host.reconcile, reconcileMs));
    this.#cancels.set(
      'target',
      this.#deps.watchTarget(() => this.readTarget()),
    );
  }

  stateChanged(): void {
    this.upstream.stateChanged();
    if (this.#deps.journal !== null) this.#pullRequests.stateChanged();
    this.#warm.stateChanged();
  }

  stop(): void {
    this.#stopped = true;
    this.#pullRequests.stop();
    this.#warm.stop();
    for (const cancel of this.#cancels.values()) cancel();
    this.#cancels.clear();
  }

  readSources(): void {
    void this.#checkSources();
  }

  /** `fetch`: the remote is asked first. */
  readTarget(fetch = false): void {
    if (fetch) return void this.upstream.fetch(true).then(() => this.readTarget());
    const { git, target } = this.#deps;
    if (target === null) return;
    void git
      .targetTip(target)
      .then(async tip => {
        const before = this.#host.state().targetTip;
        if (this.#stopped || tip === before) return;
        this.#host.post({ type: 'target-moved', tip });
        // It did not just go forward: what waits may be built on what was removed.
        const isRewound = before !== null && tip !== null && !(await git.isAncestor(before, tip));
        if (isRewound && !this.#stopped) await this.#host.reconcile();
      })
      .catch(() => undefined);
  }

  async #readMachine(): Promise<void> {
    this.#machineReadings++;
    try {
      const reading = await this.#deps.machine.read();
      if (!this.#stopped) this.#host.post({ type: 'machine-read', reading });
    } finally {
      this.#cancels.get('first reading')?.();
      this.#firstRead();
    }
  }

  async #checkSources(): Promise<void> {
    let sources = await this.#deps.sources.read();
    if (this.#stopped || sources.stamp === this.#stamp) return;
    // What has just changed may be half written, by git or an editor: half a ROADMAP lacks items that others wait for.
    for (let before = ''; before !== sources.stamp; ) {
      before = sources.stamp;
      await new Promise<void>(resolve => this.#deps.clock.setTimer(atRestMs, resolve));
      if (this.#stopped) return;
      sources = await this.#deps.sources.read();
    }
    if (sources.stamp === this.#stamp) return;
    this.#stamp = sources.stamp;
    this.#host.post({ type: 'sources-read', sources });
  }

  async #readUsage(): Promise<void> {
    const alive = this.#host.state().instances.filter(one => isAlive(one.state) && one.remote === undefined);
    if (alive.length === 0 && Object.keys(this.usage).length === 0) return;
    this.usage = await this.#deps.processes.usage(alive.map(instance => instance.runId));
  }

  #machineMs(): number {
    if (this.#machineReadings === 1) return machineFirstMs;
    const state = this.#host.state();
    const { instances, mode } = state;
    if (mode === 'auto' && waitsForCapacity(state)) return machineHeldMs;
    return mode === 'auto' || instances.some(instance => isAlive(instance.state)) ? machineBusyMs : machineIdleMs;
  }

  /** Runs now and again after each end; a failed look is simply looked at again. */
  #every(name: string, look: () => Promise<void>, delay: () => number): void {
    const again = () => {
      if (!this.#stopped) this.#later(name, delay(), () => this.#every(name, look, delay));
    };
    void look().then(again, again);
  }

  #later(name: string, delayMs: number, callback: () => void): void {
    this.#cancels.set(name, this.#deps.clock.setTimer(delayMs, callback));
  }
}
