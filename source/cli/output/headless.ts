import { ContinuousWorkLoop } from '../../coordinator/api/continuous-work-loop.ts';
import { gitIsSilent, nothingToRead, unfinished } from '../../coordinator/state/idle.ts';
import type { ExitCode } from '../../domain/errors.ts';
import { isAlive } from '../../domain/instance.ts';
import { sanitizeLine } from '../../domain/text/sanitize.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import type { StartOptions } from '../options.ts';
import type { OwnedRuntime } from '../session/compose.ts';
import { terminalSafeJson, writeError } from './output.ts';
import { silentGit } from './silent-git.ts';

/** How a run without a screen ended. */
export interface ExitReason {
  readonly code: ExitCode;
  readonly reason: string;
}

const signals: readonly NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'];
/** At most this many sentences say what is left; "cm-tui status" and "cm-tui plan" know the rest. */
const leftOverLimit = 12;

/**
 * Resolves when a run without a screen gets a signal to end. Agents continue and the next start adopts them. A second signal ends the
 * program as the system does. With `--exit-when-idle` an early end is reported as 130; otherwise SIGTERM is the normal way to end (0).
 */
export function waitForSignal(options: StartOptions): Promise<ExitReason> {
  const cutShort = options.exitWhenIdle === true ? 130 : 0;
  return new Promise(resolve => {
    for (const signal of signals) {
      process.once(signal, () => resolve({ code: signal === 'SIGINT' ? 130 : cutShort, reason: signal }));
    }
    ignoreFurtherHangups();
    // A reader that went away ends the printing, not the agents.
    process.stdout.on('error', () => resolve({ code: cutShort, reason: 'stdout was closed' }));
  });
}

/** A closed terminal sends more than one signal, and the second must not end the program before its last words are written. */
export function ignoreFurtherHangups(): void {
  process.on('SIGHUP', () => undefined);
}

/** Resolves when everything is idle, if asked for (`--exit-when-idle`), and says on stderr what is left. */
export function waitForIdle({ runtime }: OwnedRuntime, options: StartOptions): Promise<ExitReason> {
  return new Promise(resolve => {
    if (options.exitWhenIdle !== true) return;
    runtime.subscribe(() => {
      const { instances, gitSilent = 0 } = runtime.state();
      if (!gitIsSilent({ gitSilent }) || instances.some(({ state, process }) => process !== null && isAlive(state)))
        return;
      writeError(silentGit);
      resolve({ code: 3, reason: 'git does not answer' });
    });
    new ContinuousWorkLoop(runtime).onIdle(code => {
      const left = unfinished(runtime.state());
      for (const sentence of left.slice(0, leftOverLimit)) writeError(sentence);
      if (left.length > leftOverLimit)
        writeError(`${left.length - leftOverLimit} more. Run "cm-tui status" to list them.`);
      const { problems } = runtime.state().roadmap;
      const missed = problems.filter(({ code }) => code === 'near-miss').length;
      if (missed > 0)
        writeError(
          `${missed} ${missed === 1 ? 'heading looks' : 'headings look'} like an item but cannot be read. Run "cm-tui roadmap" to list them.`,
        );
      const nothing = nothingToRead(runtime.state());
      if (nothing !== null) writeError(sanitizeLine(nothing, 600));
      resolve({ code: nothing === null ? code : 2, reason: 'idle' });
    });
  });
}

/** Prints each fact as one line of JSON, from the first one on. */
export function printEvents(runtime: Runtime): void {
  runtime.onFact(({ seq, ts }, { at: _, ...event }) => {
    process.stdout.write(`${terminalSafeJson({ seq, ts, ...priorityOf(event, runtime), ...event })}\n`);
  });
}

/** Every event about a run names its item, even if the fact itself does not. */
function priorityOf(event: object, runtime: Runtime): { readonly priorityId?: string } {
  if (!('runId' in event) || 'priorityId' in event) return {};
  const instance = runtime.state().instances.find(candidate => candidate.runId === event.runId);
  return instance === undefined ? {} : { priorityId: instance.priorityId };
}
