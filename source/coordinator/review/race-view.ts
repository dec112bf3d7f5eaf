import type { Instance } from '../../domain/instance.ts';
import { raceOf } from '../../domain/race/race.ts';
import { noUsage } from '../../domain/usage.ts';
import type { State } from '../state/state.ts';
import { checksOf } from './checks-view.ts';

/** What a reviewer compares of the runs of one item side by side, in the order of their start; empty: the run is alone. */
export function raceView(state: State, instance: Instance, now: number) {
  const own = new Set(instance.files.map(({ path }) => path));
  return raceOf(state.instances, instance).map(run => ({
    slug: run.slug,
    runId: run.runId,
    agent: run.agent,
    /** It is the one that is reviewed. */
    shown: run.runId === instance.runId,
    state: run.state,
    reason: run.reason,
    commits: run.commits,
    files: run.files.length,
    insertions: run.files.reduce((sum, file) => sum + file.insertions, 0),
    deletions: run.files.reduce((sum, file) => sum + file.deletions, 0),
    /** Files that both it and the reviewed run change. */
    common: run.files.filter(({ path }) => own.has(path)).length,
    checks: checksOf(state, run).outcome,
    violations: run.merge.violations.length,
    usage: run.usage ?? noUsage,
    durationMs: run.startTime === null ? null : (run.endTime ?? now) - run.startTime,
  }));
}

export type RaceView = ReturnType<typeof raceView>;
