import { ContinuousWorkLoop } from '../coordinator/continuous-work-loop.ts';
import type { ExitCode } from '../domain/errors.ts';
import type { Runtime } from '../runtime/runtime.ts';
import type { OwnedRuntime } from './compose.ts';
import type { StartOptions } from './program.ts';

/**
 * Runs without a screen: one JSON event per line on stdout, until idle (`--exit-when-idle`) or a signal. SIGINT and SIGTERM leave at once;
 * agents go on and the next start adopts them.
 */
export function runHeadless({ runtime, close }: OwnedRuntime, options: StartOptions): Promise<ExitCode> {
  return new Promise(resolve => {
    let left = false;
    const leave = (code: ExitCode, reason: string) => {
      if (left) return;
      left = true;
      close(reason);
      resolve(code);
    };
    process.once('SIGINT', () => leave(130, 'SIGINT'));
    process.once('SIGTERM', () => leave(0, 'SIGTERM'));
    process.once('SIGHUP', () => leave(0, 'SIGHUP'));
    // A reader that went away ends the printing, not the agents.
    process.stdout.on('error', () => leave(0, 'stdout was closed'));
    if (options.exitWhenIdle !== true) return;
    new ContinuousWorkLoop(runtime).onIdle(code => leave(code, 'idle'));
  });
}

/** Prints each fact as one line of JSON, from the first on. */
export function printEvents(runtime: Runtime): void {
  runtime.onFact(({ seq, ts }, { at: _, ...event }) => {
    process.stdout.write(`${JSON.stringify({ seq, ts, ...priorityOf(event, runtime), ...event })}\n`);
  });
}

/** Every event about a run names its item, whether the fact itself does or not. */
function priorityOf(event: object, runtime: Runtime): { readonly priorityId?: string } {
  if (!('runId' in event) || 'priorityId' in event) return {};
  const instance = runtime.state().instances.find(candidate => candidate.runId === event.runId);
  return instance === undefined ? {} : { priorityId: instance.priorityId };
}
