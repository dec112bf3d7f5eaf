import type { Effect } from '../../coordinator/state/effects.ts';
import type { Timeless } from '../../coordinator/state/messages.ts';
import type { State } from '../../coordinator/state/state.ts';
import { Checks } from '../checks.ts';
import type { RuntimeDeps } from '../deps.ts';
import { ReadingRunner } from './reading-runner.ts';

/** What works on the branches of runs beside their agents: checks, and agents that only read. It outlives us. */
export class Beside {
  readonly checks: Checks;
  readonly readings: ReadingRunner;

  constructor(deps: RuntimeDeps, host: { readonly state: () => State; readonly post: (message: Timeless) => void }) {
    this.checks = new Checks(deps, host);
    this.readings = new ReadingRunner(deps, host);
  }

  /** Ends what nobody waits for any more. */
  stop(effect: Extract<Effect, { readonly type: 'checks.stop' | 'reading.stop' }>): void {
    if (effect.type === 'checks.stop') this.checks.stop(effect.runId);
    else void this.readings.stop(effect).catch(() => undefined);
  }

  /** cm-tui quits: all of it continues, nobody watches. */
  close(): void {
    this.checks.close();
    this.readings.close();
  }
}
