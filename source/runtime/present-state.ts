import type { OutsideReport, RadarReading, Timeless } from '../coordinator/state/messages.ts';
import type { Notice, State } from '../coordinator/state/state.ts';
import type { RunId } from '../domain/ids.ts';
import type { Instance } from '../domain/instance.ts';
import type { RunStatus } from '../ports/processes.ts';

/** Throws where there is no such run: whoever asks has its id from the state. */
export function requireRun({ instances }: State, runId: RunId): Instance {
  const instance = instances.find(candidate => candidate.runId === runId);
  if (instance === undefined) throw new Error(`unknown run ${runId}`);
  return instance;
}

/** Shows a notice that cannot stand in the journal, once. */
export function withUnrecorded(state: State, notice: Notice): State {
  return state.notices.at(-1)?.text === notice.text ? state : { ...state, notices: [...state.notices, notice] };
}

/** What those who watch over runs have to say. */
export function tellers(post: (message: Timeless) => void) {
  return {
    ended: (runId: RunId, status: RunStatus) => post({ type: 'process-ended', runId, status }),
    tellRadar: (reading: RadarReading) => post({ type: 'radar-read', ...reading }),
    tellOutside: (runId: RunId, report: OutsideReport) => post({ type: 'outside-seen', runId, report }),
  };
}
