import type { State } from '../../coordinator/state/state.ts';
import type { RunId } from '../../domain/ids.ts';
import type { EndCause, Instance } from '../../domain/instance.ts';
import type { ClockPort } from '../../ports/clock.ts';
import type { LogsPort } from '../../ports/logs.ts';

interface Host {
  readonly state: () => State;
  readonly reached: (runId: RunId, cause: EndCause, seconds: number) => void;
  /** The runs that have been silent for as long as `holdSilent` says, whenever they are others than before. */
  readonly silent: (runIds: readonly RunId[]) => void;
  /** Looks at the plan again: a cooldown is over. */
  readonly wake: () => void;
  /** True where nobody expects the run to print or end by itself: a person works in it. */
  readonly interactive: (instance: Instance) => boolean;
}

/** What was last seen of a run's log. */
interface Heard {
  /** Time of the last byte, by the wall clock of its file. */
  readonly stamp: number | null;
  /** Monotonic time at which that was seen. */
  readonly up: number;
}

/** A run that is silent is looked at again so soon: it may print at any time. */
const againMs = 2000;

interface Due {
  readonly up: number;
  readonly cause: EndCause;
  readonly seconds: number;
}

/**
 * The limits of running agents and the ends of cooldowns, with one timer for whichever is next. Everything counts on the monotonic clock: a
 * wall clock that jumps ends nothing, and a restart of cm-tui restarts nothing, since starts and results are journaled with their monotonic
 * times. Only silence is measured again from the age of the log.
 */
export class Limits {
  readonly #clock: ClockPort;
  readonly #logs: LogsPort;
  readonly #host: Host;
  readonly #heard = new Map<RunId, Heard>();
  /** Monotonic time at which a run was last seen to work on, after its result perhaps. */
  readonly #worked = new Map<RunId, number>();
  #cancel: (() => void) | null = null;
  #dueAt = Number.POSITIVE_INFINITY;
  #stopped = false;

  constructor(clock: ClockPort, logs: LogsPort, host: Host) {
    this.#clock = clock;
    this.#logs = logs;
    this.#host = host;
  }

  /** The run does something: a result it reported before was not its last word. */
  worked(runId: RunId): void {
    this.#worked.set(runId, this.#clock.monotonic());
  }

  /** Tells every limit that is over and sets the timer for the next. To be called whenever the state has changed. */
  look(): void {
    if (this.#stopped) return;
    const up = this.#clock.monotonic();
    let next = Math.min(this.#cooldownEnds(up), this.#lookForSilence(up));
    for (const instance of this.#host.state().instances) {
      if (instance.state !== 'running' || instance.remote !== undefined) continue;
      const due = this.#next(instance, up);
      if (due === null) continue;
      if (due.up <= up) this.#host.reached(instance.runId, due.cause, due.seconds);
      else next = Math.min(next, due.up);
    }
    this.#setTimer(next, up);
  }

  stop(): void {
    this.#stopped = true;
    this.#cancel?.();
  }

  /** Says which runs are silent. Returns the monotonic time at which that is to be looked at again. */
  #lookForSilence(up: number): number {
    const { instances, settings, silent = [] } = this.#host.state();
    const holdMs = settings.holdSilent * 1000;
    let next = Number.POSITIVE_INFINITY;
    const found = instances.flatMap(instance => {
      if (holdMs === 0 || instance.state !== 'running' || instance.remote !== undefined) return [];
      if ((instance.asks?.open.length ?? 0) > 0 || this.#host.interactive(instance)) return [];
      const due = this.#lastOutput(instance, up) + holdMs;
      next = Math.min(next, due > up ? due : up + againMs);
      return due > up ? [] : [instance.runId];
    });
    if (found.length !== silent.length || found.some(runId => !silent.includes(runId))) this.#host.silent(found);
    return next;
  }

  /** The limit of a run that is over first. */
  #next(instance: Instance, up: number): Due | null {
    const { agentTimeout, noOutputTimeout, resultGraceSeconds } = this.#host.state().settings;
    const { runId, result } = instance;
    const dues: Due[] = [];
    const add = (cause: EndCause, from: number, seconds: number) => {
      if (seconds > 0) dues.push({ cause, seconds, up: from + seconds * 1000 });
    };
    if (result !== undefined) {
      add('result', Math.max(result.up, this.#worked.get(runId) ?? 0), resultGraceSeconds);
    }
    add('time', this.#startOf(instance, up), agentTimeout);
    // An agent that asks a person is not silent.
    const asks = (instance.asks?.open.length ?? 0) > 0;
    if (noOutputTimeout > 0 && !asks && !this.#host.interactive(instance)) {
      add('silence', this.#lastOutput(instance, up), noOutputTimeout);
    }
    return dues.length === 0 ? null : dues.reduce((first, due) => (due.up < first.up ? due : first));
  }

  /** Monotonic time of its start; where that was not journaled, as far as the wall clock tells. */
  #startOf({ startedUp, startTime }: Instance, up: number): number {
    return startedUp ?? up - Math.max(0, this.#clock.now() - (startTime ?? this.#clock.now()));
  }

  #lastOutput(instance: Instance, up: number): number {
    const stamp = this.#logs.lastOutput(instance.runId);
    const known = this.#heard.get(instance.runId);
    const start = this.#startOf(instance, up);
    if (known !== undefined && known.stamp === stamp) return Math.max(known.up, start);
    const age = stamp === null ? Number.POSITIVE_INFINITY : Math.max(0, this.#clock.now() - stamp);
    // Neither before its start (the log may be that of an earlier part of the run) nor before what was seen last.
    const heard = Math.max(up - age, known?.up ?? start, start);
    this.#heard.set(instance.runId, { stamp, up: heard });
    return heard;
  }

  /** Cooldowns use the wall clock, as the agents report them; the plan compares them with it. */
  #cooldownEnds(up: number): number {
    const now = this.#clock.now();
    const { cooldowns, instances } = this.#host.state();
    const waits = instances.flatMap(({ state, waits }) =>
      state === 'waiting' && waits !== undefined ? [waits.until] : [],
    );
    const ends = [...Object.values(cooldowns), ...waits].filter(until => until > now);
    return ends.length === 0 ? Number.POSITIVE_INFINITY : up + Math.min(...ends) - now;
  }

  #setTimer(next: number, up: number): void {
    if (next === this.#dueAt) return;
    this.#cancel?.();
    this.#dueAt = next;
    this.#cancel = Number.isFinite(next) ? this.#clock.setTimer(Math.max(1, next - up), () => this.#fire()) : null;
  }

  #fire(): void {
    this.#dueAt = Number.POSITIVE_INFINITY;
    this.#cancel = null;
    this.#host.wake();
    this.look();
  }
}
