import type { Observation } from '../coordinator/messages.ts';
import type { State } from '../coordinator/state.ts';
import { isAlive, type RunId } from '../domain/instance.ts';
import type { RunStatus } from '../ports/processes.ts';
import type { RuntimeDeps } from './deps.ts';

/** One look at git and at the processes of every run that might be alive; what cannot be read stays unknown. */
export async function observe(deps: RuntimeDeps, state: State): Promise<Observation> {
  const git = await deps.git.observe(deps.target, deps.settings.branchPrefix);
  const runs: Record<RunId, RunStatus> = {};
  const landed: Record<RunId, boolean | null> = {};
  for (const instance of state.instances) {
    const { runId, slug, merge } = instance;
    if (isAlive(instance.state)) {
      runs[runId] = await deps.processes.probe(runId, slug, instance.process).catch((error: unknown) => ({
        status: 'unknown' as const,
        message: error instanceof Error ? error.message : String(error),
      }));
    }
    const commit = instance.state === 'merged' ? merge.landed : (merge.candidate?.oid ?? null);
    if (commit !== null && ['queued', 'landing', 'merged'].includes(instance.state)) {
      landed[runId] =
        git.targetTip === null ? null : await deps.git.isAncestor(commit, git.targetTip).catch(() => null);
    }
  }
  return { runs, git, landed };
}
