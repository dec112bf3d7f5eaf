import { buildCheckRunId, checkRunName, slugOfChecks } from '../../../domain/checks.ts';
import type { ProcessIdentity, RunId } from '../../../domain/ids.ts';
import type { Instance } from '../../../domain/instance.ts';
import { readingOfName, readingRunId, readingRunName } from '../../../domain/review/reading.ts';

/** Whose log to print: a run's agent, the checks of its branch (`check-<slug>`), or an agent that reads it (`review.<slug>`). */
export interface LoggedOutput {
  readonly run: Instance;
  readonly beside: Beside | null;
}

interface Beside {
  /** Name of its folder. */
  readonly name: string;
  /** What it is, before the key of the run. */
  readonly what: string;
  /** Whose output it is; null: that of programs of any kind. */
  readonly agent: string | null;
  /** Null: nothing of it is at work. */
  readonly process: { readonly id: RunId; readonly known: ProcessIdentity | null } | null;
}

/** What such a name stands for; null: a run. */
export function companionOf(name: string, { slug, runId, merge, readings }: Instance): Beside | null {
  if (slugOfChecks(name) !== null) {
    const { check } = merge;
    const atWork = check === undefined || check.ended ? null : { id: buildCheckRunId(check), known: check.process };
    return { name: checkRunName(slug), what: 'Output of the checks', agent: null, process: atWork };
  }
  const purpose = readingOfName(name)?.purpose;
  if (purpose === undefined) return null;
  const reading = readings?.[purpose];
  const atWork =
    reading === undefined || reading.ended
      ? null
      : { id: readingRunId(runId, purpose, reading), known: reading.process };
  return {
    name: readingRunName(purpose, slug),
    what: `Output of the ${purpose === 'review' ? 'review' : 'comparison'}`,
    agent: reading?.agent ?? null,
    process: atWork,
  };
}

/** The run that is meant by a name as `logs` takes it. */
export function runNamed(name: string): string {
  return slugOfChecks(name) ?? readingOfName(name)?.slug ?? name;
}
