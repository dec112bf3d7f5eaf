import { ContinuousWorkLoop } from '../coordinator/continuous-work-loop.ts';
import type { ExitCode } from '../domain/errors.ts';
import type { Runtime } from '../runtime/runtime.ts';
import type { OwnedRuntime } from './compose.ts';
import { harmlessJson } from './output.ts';
import type { StartOptions } from './program.ts';

/** How a run without a screen came to its end. */
export interface Departure {
  readonly code: ExitCode;
  readonly reason: string;
}

const signals: readonly (readonly [NodeJS.Signals, ExitCode])[] = [
  ['SIGINT', 130],
  ['SIGTERM', 0],
  ['SIGHUP', 0],
  ['SIGQUIT', 0],
];

/**
 * Runs without a screen: one JSON event per line on stdout, until idle (`--exit-when-idle`) or a signal, which leaves at once; agents go
 * on and the next start adopts them. A second signal ends the program as the system does.
 */
export function runHeadless({ runtime }: OwnedRuntime, options: StartOptions): Promise<Departure> {
  return new Promise(resolve => {
    for (const [signal, code] of signals) process.once(signal, () => resolve({ code, reason: signal }));
    // A reader that went away ends the printing, not the agents.
    process.stdout.on('error', () => resolve({ code: 0, reason: 'stdout was closed' }));
    if (options.exitWhenIdle !== true) return;
    new ContinuousWorkLoop(runtime).onIdle(code => resolve({ code, reason: 'idle' }));
  });
}

/** Prints each fact as one line of JSON, from the first on. */
export function printEvents(runtime: Runtime): void {
  runtime.onFact(({ seq, ts }, { at: _, ...event }) => {
    process.stdout.write(`${harmlessJson({ seq, ts, ...priorityOf(event, runtime), ...event })}\n`);
  });
}

/** Every event about a run names its item, whether the fact itself does or not. */
function priorityOf(event: object, runtime: Runtime): { readonly priorityId?: string } {
  if (!('runId' in event) || 'priorityId' in event) return {};
  const instance = runtime.state().instances.find(candidate => candidate.runId === event.runId);
  return instance === undefined ? {} : { priorityId: instance.priorityId };
}
