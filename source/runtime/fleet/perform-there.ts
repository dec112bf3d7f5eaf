import type { Effect } from '../../coordinator/state/effects.ts';
import type { Outcome } from '../../coordinator/state/messages.ts';
import { allItems } from '../../coordinator/state/planning.ts';
import type { State } from '../../coordinator/state/state.ts';
import { CmError } from '../../domain/errors.ts';
import type { RemoteRun } from '../../domain/fleet/remote-run.ts';
import type { Instance } from '../../domain/instance.ts';
import type { Dispatch, FleetPort } from '../../ports/fleet/fleet.ts';
import type { RuntimeDeps } from '../deps.ts';

type There = Extract<Effect, { readonly type: 'fleet.dispatch' | 'fleet.cancel' | 'fleet.home' }>;

/** Performs what concerns another machine. A thrown error becomes a `failed` outcome at the caller. */
export async function performThere(
  deps: RuntimeDeps,
  effect: There,
  instance: Instance,
  state: State,
): Promise<Outcome> {
  const { fleet } = deps;
  const { runId, remote, slug, branchName } = instance;
  if (fleet === undefined) throw new CmError('This coordinator has no contact with other machines.');
  if (remote === undefined) throw new CmError(`${instance.key} does not run on another machine.`);
  const { epoch, pool, worker } = remote;
  switch (effect.type) {
    case 'fleet.dispatch':
      await fleet.dispatch(await dispatchOf(deps, instance, remote, state));
      return { type: 'dispatched', runId, epoch, problem: null };
    case 'fleet.cancel':
      return { type: 'fleet-cancelled', runId, epoch, result: await fleet.cancel(runId, epoch, pool, worker) };
    case 'fleet.home': {
      const wanted = effect.late === true ? (remote.late?.epoch ?? epoch) : epoch;
      const late = effect.late === true ? { late: true as const } : {};
      const head = await fleet.bringHome({ runId, epoch: wanted, slug, ...late });
      if (effect.late === true) {
        if (remote.late !== undefined) await fleet.forget(runId, wanted, remote.late.worker);
        return { type: 'came-home', runId, epoch: -1, head, taken: false };
      }
      return {
        type: 'came-home',
        runId,
        epoch,
        head,
        taken: !(await branchAt(fleet, branchName, head ?? remote.base)),
      };
    }
  }
}

function branchAt(fleet: FleetPort, branchName: string, head: string): Promise<boolean> {
  return fleet.createBranch(branchName, head);
}

async function dispatchOf(
  { launcher, settings }: RuntimeDeps,
  instance: Instance,
  { epoch, pool, base }: RemoteRun,
  state: State,
): Promise<Dispatch> {
  const { runId, slug, branchName, priorityId, key, title, agent } = instance;
  const item = allItems(state).find(one => one.id === priorityId);
  return {
    runId,
    epoch,
    pool,
    base,
    slug,
    branchName,
    item: priorityId,
    key,
    title,
    agent,
    prompt: await launcher.prompt(instance, item),
    setup: settings.setup,
    limits: {
      agentTimeout: settings.agentTimeout,
      noOutputTimeout: settings.noOutputTimeout,
      resultGraceSeconds: settings.resultGraceSeconds,
    },
    committer: state.repository?.committer ?? null,
  };
}
