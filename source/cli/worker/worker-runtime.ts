import { join } from 'node:path';
import { workerTarget } from '../../adapters/git/depot/worker-git.ts';
import { createGit, type GitAdapter } from '../../adapters/git/index.ts';
import { adHocItem } from '../../domain/ad-hoc.ts';
import { dispatchId } from '../../domain/fleet/remote-run.ts';
import type { RunId } from '../../domain/ids.ts';
import type { Instance } from '../../domain/instance.ts';
import type { Item } from '../../domain/item.ts';
import { noOwnership } from '../../domain/ownership/ownership.ts';
import { defaultSettings, type Settings } from '../../domain/settings.ts';
import type { Dispatch } from '../../ports/fleet/fleet.ts';
import type { SourcesPort } from '../../ports/sources.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import { openRuntime } from '../session/compose.ts';
import type { Context } from '../session/context.ts';
import { createLauncher } from '../session/launcher.ts';
import type { HeldRuns } from './held-runs.ts';

/** What a worker's own file says of agents. */
export type WorkerSettings = Pick<Settings, 'agents'>;

/**
 * The code that runs agents on a coordinator's machine, over the worker's own bare repository: worktrees, processes, logs, limits, and what
 * is needed to find running agents again. Its items are the dispatches; nothing is ever approved here, so nothing lands.
 */
export interface WorkerRuntime {
  readonly runtime: Runtime;
  readonly git: GitAdapter;
  readonly runsDir: string;
  /** Begins a dispatch whose base the target stands at; or says why not. */
  begin(dispatch: Dispatch): Promise<{ readonly runId: RunId } | { readonly problem: string }>;
  close(): void;
}

const waitMs = 30_000;

export async function openWorkerRuntime(
  folder: string,
  workDir: string,
  held: HeldRuns,
  own: WorkerSettings,
): Promise<WorkerRuntime> {
  const stateDir = join(folder, 'cm-tui');
  // Setup and limits are the coordinator's, and come with each dispatch.
  let settings: Settings = {
    ...defaultSettings,
    ...own,
    worktreeRoot: workDir,
    unknownScope: 'parallel',
    checkEarly: false,
    roadmapStatus: 'off',
    fetch: 'off',
    maxParallel: 64,
  };
  const git = await createGit({ root: folder, runtimeDir: stateDir, target: workerTarget, sign: 'never' });
  const adoptSettings = (next: Settings) => {
    settings = next;
  };
  const context: Context = {
    root: folder,
    commonDir: folder,
    bare: true,
    stateDir,
    get settings() {
      return settings;
    },
    git,
    target: workerTarget,
    readSettings: async () => ({ settings, sources: {}, warnings: [], untrusted: null }),
    adoptSettings,
  };
  const sources = sourcesFrom(held);
  const dispatchOf = (instance: Instance) => held.find(instance.priorityId)?.dispatch;
  const launcher = createLauncher(context, sources, async instance => {
    const dispatch = dispatchOf(instance);
    // The branch has a name of its own here.
    return (dispatch?.prompt ?? '').replaceAll(dispatch?.branchName ?? '\0', instance.branchName);
  });
  const owned = await openRuntime(context, 'manual', undefined, {}, false, deps => {
    const { outside: _o, work: _w, scopes: _s, forge: _f, remote: _r, disk: _d, ...kept } = deps;
    return { ...kept, sources, launcher };
  });
  await owned.begin();
  const { runtime } = owned;

  return {
    runtime,
    git,
    runsDir: join(stateDir, 'runs'),
    async begin(dispatch) {
      const id = dispatchId(dispatch.runId, dispatch.epoch);
      adoptSettings({ ...settings, setup: dispatch.setup, ...dispatch.limits });
      runtime.adoptSettings(settings);
      await runtime.send({ type: 'refresh' });
      await until(runtime, () => runtime.state().roadmap.items.some(item => item.id === id));
      const answer = await runtime.send({ type: 'spawn', id, agent: dispatch.agent, overCapacity: true });
      const [runId] = answer.runIds;
      if (!answer.ok || runId === undefined) return { problem: answer.message };
      await until(runtime, () => hasBegun(runtime, runId));
      const base = runtime.state().instances.find(one => one.runId === runId)?.base;
      if (base !== null && base !== undefined && base !== dispatch.base) return { problem: 'its base moved meanwhile' };
      return { runId };
    },
    close: () => owned.close('the worker ends'),
  };
}

/** Its worktree is there, or there will be none. */
function hasBegun(runtime: Runtime, runId: RunId): boolean {
  const instance = runtime.state().instances.find(one => one.runId === runId);
  return instance === undefined || instance.base !== null || instance.state !== 'preparing';
}

async function until(runtime: Runtime, holds: () => boolean): Promise<void> {
  if (holds()) return;
  await new Promise<void>(resolve => {
    const timer = setTimeout(end, waitMs);
    const stop = runtime.subscribe(() => {
      if (holds()) end();
    });
    function end() {
      clearTimeout(timer);
      stop();
      resolve();
    }
  });
}

/** What is to be done is what was dispatched to this worker. */
function sourcesFrom(held: HeldRuns): SourcesPort {
  const read = () => ({
    roadmap: { path: null, items: held.all.map(({ dispatch }) => itemOf(dispatch)), problems: [] },
    ownership: noOwnership,
    ownershipProblems: [],
    stamp: held.all.map(({ dispatch }) => dispatchId(dispatch.runId, dispatch.epoch)).join(' '),
  });
  return {
    read: async () => read(),
    sectionText: async item => held.find(item.id)?.dispatch.prompt ?? '',
    watch: () => () => undefined,
  };
}

/** The item of a dispatch: its prompt says all, and every dispatch is an item of its own. */
function itemOf({ runId, epoch, key, title, agent, prompt }: Dispatch): Item {
  const item = adHocItem({ title, prompt, files: [], number: 0 });
  return { ...item, id: dispatchId(runId, epoch), key, title, heading: title, agentProgram: agent };
}
