import type { ProcessIdentity, RunId } from '../../domain/ids.ts';
import type { RunStatus } from '../../ports/processes.ts';
import type { RuntimeDeps } from '../deps.ts';

/** How a process beside the runs ended: by itself, after its time limit, or because nobody waits for it any more. */
export type AwaitedEnd = RunStatus | 'too-late' | 'stopped';

/** A process under the shim that is waited for. */
export interface Awaited {
  /** By which it is stopped. */
  readonly key: string;
  readonly id: RunId;
  readonly name: string;
  readonly process: ProcessIdentity;
  /** Monotonic time from which its limit counts. */
  readonly startedUp: number;
  /** Seconds, 0 for none. */
  readonly limit: number;
}

/** What is of no use to anybody any more: SIGTERM at once, SIGKILL after this. */
export const strayGraceMs = [0, 2000] as const;
/** What took too long may say where it was. */
const lateGraceMs = [1000, 2000] as const;

/** Waits for processes that outlive us: checks, and agents that only read. When cm-tui quits, they continue and nobody watches them. */
export class EndWaiter {
  readonly #deps: Pick<RuntimeDeps, 'clock' | 'processes'>;
  readonly #stops = new Map<string, () => void>();
  readonly #watches = new Set<() => void>();

  constructor(deps: Pick<RuntimeDeps, 'clock' | 'processes'>) {
    this.#deps = deps;
  }

  wait({ key, id, name, process, startedUp, limit }: Awaited): Promise<AwaitedEnd> {
    const { clock, processes } = this.#deps;
    return new Promise(resolve => {
      let ending: 'too-late' | 'stopped' | null = null;
      const done = (end: AwaitedEnd) => {
        stopWatching();
        cancelTimer();
        this.#watches.delete(leave);
        if (this.#stops.get(key) === stop) this.#stops.delete(key);
        resolve(ending ?? end);
      };
      const endThen = (why: 'too-late' | 'stopped', graceMs: readonly [number, number]) => {
        ending = why;
        void processes.killTree(id, name, process, { graceMs }).finally(() => done(why));
      };
      const stopWatching = processes.watch(id, name, process, done);
      const left = startedUp + limit * 1000 - clock.monotonic();
      const cancelTimer =
        limit === 0 ? () => undefined : clock.setTimer(Math.max(1, left), () => endThen('too-late', lateGraceMs));
      const leave = () => {
        stopWatching();
        cancelTimer();
      };
      this.#watches.add(leave);
      const stop = (): void => endThen('stopped', strayGraceMs);
      this.#stops.set(key, stop);
    });
  }

  /** Ends it; true where it was waited for. */
  stop(key: string): boolean {
    const stop = this.#stops.get(key);
    stop?.();
    return stop !== undefined;
  }

  close(): void {
    for (const stopWatching of this.#watches) stopWatching();
    this.#watches.clear();
  }
}
