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
  const { runId, remote } = instance;
  if (fleet === undefined) throw new CmError('This coordinator has no contact with other machines.');
  if (remote === undefined) throw new CmError(`${instance.key} does not run on another machine.`);
  const { epoch, pool, worker } = remote;
  switch (effect.type) {
    case 'fleet.dispatch':
      await fleet.dispatch(await dispatchOf(deps, instance, remote, state));
      return { type: 'dispatched', runId, epoch, problem: null };
    case 'fleet.cancel':
      return { type: 'fleet-cancelled', runId, epoch, result: await fleet.cancel(runId, epoch, pool, worker) };
    case 'fleet.home':
      return effect.late === true ? bringLate(fleet, instance, remote) : bringOwn(fleet, instance, remote);
  }
}

/** Only what its worker has signed for is taken. */
async function bringOwn(fleet: FleetPort, { runId, slug, branchName }: Instance, remote: RemoteRun): Promise<Outcome> {
  const { epoch, base, ended } = remote;
  const made = ended?.head ?? null;
  const head = made === null ? null : await fleet.bringHome({ runId, epoch, slug, head: made });
  const taken = !(await fleet.createBranch(branchName, head ?? base));
  return { type: 'came-home', runId, epoch, head, taken };
}

async function bringLate(fleet: FleetPort, { runId, slug }: Instance, { late }: RemoteRun): Promise<Outcome> {
  if (late === undefined) return { type: 'came-home', runId, epoch: -1, head: null, taken: false };
  const { epoch, head: made, worker } = late;
  const head = await fleet.bringHome({ runId, epoch, slug, head: made, late: true });
  if (head !== null) await fleet.forget(runId, epoch, worker);
  return { type: 'came-home', runId, epoch: -1, head, taken: false };
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
