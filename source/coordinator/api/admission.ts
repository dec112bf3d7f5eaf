import { buildCheckRunId } from '../../domain/checks.ts';
import type { Instance } from '../../domain/instance.ts';
import { readingPurposes, readingRunId } from '../../domain/review/reading.ts';
import type { Caller } from '../../ports/callers.ts';
import { sanitizeReason } from '../state/sentences.ts';
import type { State } from '../state/state.ts';

/** Why a caller may not give commands, in one sentence; null: it may. Everybody may look. */
export function refusalOf(caller: Caller, { instances }: Pick<State, 'instances'>): string | null {
  switch (caller.kind) {
    case 'person':
      return null;
    case 'run': {
      const key = instances.find(({ runId }) => runId === caller.runId)?.key;
      return runRefusal(key ?? null);
    }
    case 'unknown':
      return `Refused: cm-tui cannot tell who is asking (${sanitizeReason(caller.why)}). Use the cm-tui command, on this machine and as the user who started it.`;
  }
}

/** The refusal for the process of a run that asks for a change. */
export function runRefusal(key: string | null): string {
  const whose = key === null ? 'the run of an agent' : `the run of ${key}`;
  return `Refused: this process belongs to ${whose}, and agents have read-only access (status, plan, logs, diff). Run the command in your own terminal.`;
}

/** The runs that a caller may belong to: agents and the checks of their branches. */
export function runsOf({ instances }: Pick<State, 'instances'>) {
  return {
    leaders: instances.flatMap(instance => {
      const { runId, process } = instance;
      const reading = readingsOf(instance).flatMap(one =>
        one.process === null ? [] : [{ runId: one.id, process: one.process }],
      );
      return process === null ? reading : [{ runId, process }, ...reading];
    }),
    ids: () =>
      instances.flatMap(instance => {
        const { runId, merge } = instance;
        const checks = merge.check === undefined ? [] : [buildCheckRunId(merge.check)];
        return [runId, ...checks, ...readingsOf(instance).map(({ id }) => id)];
      }),
  };
}

function readingsOf({ runId, readings }: Instance) {
  return readingPurposes.flatMap(purpose => {
    const reading = readings?.[purpose];
    return reading === undefined ? [] : [{ id: readingRunId(runId, purpose, reading), process: reading.process }];
  });
}
