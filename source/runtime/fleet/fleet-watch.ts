import type { Effect } from '../../coordinator/state/effects.ts';
import type { Message, Timeless } from '../../coordinator/state/messages.ts';
import type { State } from '../../coordinator/state/state.ts';
import { messageOf } from '../../domain/errors.ts';
import type { ClockPort } from '../../ports/clock.ts';
import type { FleetPort, FleetReport } from '../../ports/fleet/fleet.ts';
import type { RuntimeDeps } from '../deps.ts';

interface Host {
  readonly state: () => State;
  readonly post: (message: Timeless) => void;
  /** Facts of what was posted are on disk. */
  readonly isWritten: () => boolean;
  readonly warn: (sentence: string) => void;
}

type Word = Extract<Effect, { readonly type: 'fleet.tell' | 'fleet.forget' }>;

const lookMs = 3000;
const writtenMs = 20;

/** Null: all agents run here, or somebody else owns the repository. */
export function watchFleet({ fleet, clock, journal }: RuntimeDeps, host: Host): FleetWatch | null {
  return fleet === undefined || journal === null ? null : new FleetWatch(fleet, clock, host);
}

/** Hears other machines: their reports as they come, and a look at all of them every few seconds. */
export class FleetWatch {
  readonly #fleet: FleetPort;
  readonly #clock: ClockPort;
  readonly #host: Host;
  #stopListening: () => void = () => undefined;
  #cancel: () => void = () => undefined;
  #stopped = false;
  #trouble = '';

  constructor(fleet: FleetPort, clock: ClockPort, host: Host) {
    this.#fleet = fleet;
    this.#clock = clock;
    this.#host = host;
  }

  start(): void {
    this.#stopListening = this.#fleet.listen(report => this.#hear(report));
    void this.#look();
  }

  /** Said once; what does not arrive is said again after the next look. */
  say(word: Word): void {
    const said =
      word.type === 'fleet.tell'
        ? this.#fleet.tell(word.worker, word.word)
        : this.#fleet.forget(word.runId, word.epoch, word.worker);
    void said.catch(() => undefined);
  }

  stop(): void {
    this.#stopped = true;
    this.#cancel();
    this.#stopListening();
    void this.#fleet.close().catch(() => undefined);
  }

  /** Resolves once what follows from it is on disk, so that its sender may forget it. */
  async #hear(report: FleetReport): Promise<void> {
    if (this.#stopped) throw new Error('nobody listens any more');
    const message: Omit<Extract<Message, { type: 'fleet-report' }>, 'at' | 'entropy'> = {
      type: 'fleet-report',
      report,
    };
    const run = this.#host.state().instances.find(one => one.runId === report.runId);
    if (run !== undefined && report.said.what === 'ended') this.#fleet.keepLog(run.slug, report.said.tail);
    this.#host.post(message);
    while (!this.#host.isWritten()) {
      if (this.#stopped) throw new Error('nobody listens any more');
      await new Promise<void>(resolve => this.#clock.setTimer(writtenMs, resolve));
    }
  }

  async #look(): Promise<void> {
    const { instances } = this.#host.state();
    try {
      const seen = await this.#fleet.observe();
      if (this.#stopped) return;
      this.#trouble = '';
      this.#host.post({ type: 'fleet-observed', seen, asOf: instances });
    } catch (error) {
      this.#warnOnce(messageOf(error));
    }
    if (!this.#stopped) this.#cancel = this.#clock.setTimer(lookMs, () => void this.#look());
  }

  #warnOnce(trouble: string): void {
    if (this.#stopped || trouble === this.#trouble) return;
    this.#trouble = trouble;
    this.#host.warn(`Other machines cannot be asked: ${trouble}`);
  }
}
