import type { Effect } from '../../coordinator/state/effects.ts';
import type { RunSignals } from '../../coordinator/state/handle.ts';
import type { Outcome, OutsideReport, RadarReading } from '../../coordinator/state/messages.ts';
import type { State } from '../../coordinator/state/state.ts';
import type { RunId } from '../../domain/ids.ts';
import type { Instance } from '../../domain/instance.ts';
import type { RuntimeDeps } from '../deps.ts';
import { keepHouse } from '../housekeeping.ts';
import { DiskWatch } from './disk-watch.ts';
import { EscapeWatch } from './escape-watch.ts';
import { Radar } from './radar.ts';

interface Host {
  state(): State;
  tellRadar(reading: RadarReading): void;
  /** Tells what was seen beside a run that is still at work. */
  tellOutside(runId: RunId, report: OutsideReport): void;
  /** Tells the user of something of theirs. */
  warn(sentence: string): void;
}

/**
 * What only the owner of a repository looks at beside the runs themselves: who touches whose lines, what lies outside the worktrees, what
 * they take on disk, and what is old enough to go.
 */
export class OwnerWatch {
  readonly #deps: RuntimeDeps;
  readonly #host: Host;
  readonly #radar: Radar | null;
  readonly #escapes: EscapeWatch | null;
  readonly #disk: DiskWatch | null;
  #stopHousekeeping: () => void = () => undefined;

  constructor(deps: RuntimeDeps, host: Host) {
    this.#deps = deps;
    this.#host = host;
    const state = () => host.state();
    const { work, outside, disk } = deps;
    this.#radar =
      work === undefined ? null : new Radar(deps, work, { state, tell: reading => host.tellRadar(reading) });
    this.#escapes =
      outside === undefined
        ? null
        : new EscapeWatch({ ...deps, outside }, state, (runId, report) => host.tellOutside(runId, report));
    this.#disk = disk === undefined ? null : new DiskWatch(disk, deps.clock, state);
  }

  /** Once the first look at the world is through. */
  start(): void {
    this.#disk?.start();
    this.#escapes?.adopt();
    const { branches, clock } = this.#deps;
    if (branches === undefined) return;
    const target = () => this.#host.state().target;
    const tidy = () => this.#escapes?.tidy();
    this.#stopHousekeeping = keepHouse(clock, { branches, target, tidy, warn: text => this.#host.warn(text) });
  }

  stop(): void {
    this.#radar?.stop();
    this.#disk?.stop();
    this.#escapes?.stop();
    this.#stopHousekeeping();
  }

  stateChanged(): void {
    this.#radar?.wake();
    this.#escapes?.stateChanged();
  }

  /** An effect of this run is about to be performed. Throws where it must not be. */
  async before(effect: Effect, instance: Instance): Promise<void> {
    await this.#escapes?.before(effect, instance);
  }

  /** The outcome with what else was seen when the run ended. */
  async after(outcome: Outcome, instance: Instance): Promise<Outcome> {
    if (outcome.type === 'setup') await this.#escapes?.afterSetup(outcome.runId).catch(() => undefined);
    const isJudged = outcome.type === 'judged';
    if (!isJudged && !(outcome.type === 'failed' && outcome.kind === 'git.judge')) return outcome;
    const outside = (await this.#escapes?.report(instance, isJudged ? outcome.facts : null)) ?? null;
    return outside === null ? outcome : { ...outcome, outside };
  }

  addTo(signals: Readonly<Record<RunId, RunSignals>>): Readonly<Record<RunId, RunSignals>> {
    return this.#disk?.addTo(signals) ?? signals;
  }
}
