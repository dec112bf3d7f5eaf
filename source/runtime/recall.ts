import { paneInstances } from '../coordinator/state/selectors.ts';
import type { State } from '../coordinator/state/state.ts';
import { isAlive } from '../domain/instance.ts';
import type { Launcher, TrackedLogs } from './deps.ts';

/** Two pages of panes at most: the logs of more are read when they are opened. */
const most = 18;

/**
 * Reads the ends of the logs of runs that have ended and still have a pane: after a restart it shows what its agent last said. What such
 * a log tells beside its lines has been journaled long ago.
 */
export function recallLogs(logs: TrackedLogs, launcher: Pick<Launcher, 'createReader'>, state: State): void {
  const ended = paneInstances(state).filter(one => one.startTime !== null && !isAlive(one.state));
  for (const { runId, slug, agent, state } of ended.slice(0, most)) {
    // What has just ended is read by whoever judges it.
    if (state === 'completed' || logs.tail(runId).length > 0) continue;
    logs.track(
      runId,
      slug,
      () => launcher.createReader(agent),
      () => undefined,
      { fromStart: false, ended: true },
    );
  }
}
