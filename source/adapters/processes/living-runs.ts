import { basename, dirname, join, sep } from 'node:path';
import type { ProcessIdentity, RunId } from '../../domain/ids.ts';
import type { ProcessTable } from '../system/port.ts';

/** A run of this repository that has a living process, by what the environment of that process says. */
export interface LivingRun {
  readonly runId: RunId;
  readonly slug: string;
  /** The leader of its group, or the first process that was found. */
  readonly process: ProcessIdentity;
  readonly item: {
    readonly priorityId: string;
    readonly key: string;
    readonly title: string;
    readonly branch: string;
    readonly base: string;
  };
}

/**
 * The agents at work for the repository of a state folder, one entry a run, whether or not anything else is left of them. None is seen
 * whose environment the system does not show.
 */
export async function livingRuns(table: ProcessTable, stateDir: string): Promise<readonly LivingRun[]> {
  const found = new Map<RunId, LivingRun>();
  const entries = (await table.list()).filter(({ zombie, pid }) => !zombie && pid > 1 && pid !== process.pid);
  const cookies = await table.cookies(entries.map(({ pid }) => pid));
  for (const { pid, group, startTime } of entries) {
    const cookie = cookies.get(pid) ?? 'unreadable';
    if (cookie === 'unreadable' || cookie.runId === null) continue;
    const run = runOf(await table.environment(pid), stateDir);
    if (run === null || (found.has(run.runId) && group !== pid)) continue;
    found.set(run.runId, { ...run, process: { pid, startTime, bootId: table.bootId() } });
  }
  return [...found.values()];
}

function runOf(environment: ReadonlyMap<string, string> | null, stateDir: string): Omit<LivingRun, 'process'> | null {
  const value = (name: string): string => environment?.get(name) ?? '';
  const runId = value('CM_RUN_ID');
  const folder = dirname(value('CM_PROMPT_FILE'));
  if (!/^[a-z0-9]{16}$/.test(runId) || !folder.startsWith(join(stateDir, 'runs') + sep)) return null;
  const [priorityId, key, branch] = [value('CM_PRIORITY_ID'), value('CM_KEY'), value('CM_BRANCH')];
  if (priorityId === '' || key === '' || branch === '') return null;
  const item = { priorityId, key, title: value('CM_TITLE'), branch, base: value('CM_BASE') };
  return { runId, slug: basename(folder), item };
}
