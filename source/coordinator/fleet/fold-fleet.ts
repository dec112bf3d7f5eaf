import type { FleetMembers, RemoteRun } from '../../domain/fleet/remote-run.ts';
import type { Instance } from '../../domain/instance.ts';
import type { FleetEvent, RemoteRunEvent } from '../../ports/fleet/fleet-events.ts';

type MemberEvent = Exclude<FleetEvent, RemoteRunEvent>;

/** A run after a fact about it on another machine. */
export function foldRemote(instance: Instance, event: RemoteRunEvent): Instance {
  if (event.type === 'run-dispatched') return dispatched(instance, event);
  const { remote } = instance;
  if (remote === undefined) return instance;
  switch (event.type) {
    case 'instance-placed':
      if (event.epoch !== remote.epoch) return instance;
      return waiting(
        { ...instance, remote: { ...remote, worker: event.worker } },
        `${event.worker} makes its worktree`,
      );
    case 'run-refused':
      return { ...instance, remote: { ...remote, refusals: [...remote.refusals, `${event.worker}: ${event.why}`] } };
    case 'contact-lost':
      return speaking({ ...instance, remote: { ...remote, noContact: true } }, `no contact with ${event.worker}`);
    case 'contact-back':
      return speaking({ ...instance, remote: inContact(remote) }, null);
    case 'run-came-home':
      return {
        ...instance,
        remote: {
          ...remote,
          home: true,
          ...(event.taken === true ? { besideBranch: event.head ?? remote.base } : {}),
        },
      };
    case 'late-result': {
      const { epoch, worker, head } = event;
      return { ...instance, remote: { ...remote, late: { epoch, worker, head } } };
    }
  }
}

/** Workers after a fact about one of them. */
export function foldMembers(known: FleetMembers | undefined, event: MemberEvent): FleetMembers {
  const { accepted, drained } = known ?? { accepted: {}, drained: [] };
  const { worker } = event;
  const others = drained.filter(name => name !== worker);
  switch (event.type) {
    case 'worker-accepted':
      return { accepted: { ...accepted, [worker]: event.key }, drained: others };
    case 'worker-drained':
      return { accepted, drained: event.drained ? [...others, worker] : others };
    case 'worker-forgotten': {
      const { [worker]: _, ...rest } = accepted;
      return { accepted: rest, drained: others };
    }
  }
}

/** Of what was out of contact something was heard. */
export function inContact({ noContact: _, ...remote }: RemoteRun): RemoteRun {
  return remote;
}

function dispatched(
  instance: Instance,
  { epoch, pool, base }: Extract<RemoteRunEvent, { readonly type: 'run-dispatched' }>,
): Instance {
  const refusals = instance.remote?.refusals ?? [];
  const remote: RemoteRun = { pool, epoch, base, worker: null, process: null, refusals };
  return waiting({ ...instance, base, remote }, `waits for a machine of ${pool}`);
}

/** What is being ended keeps the reason for that. */
function waiting(instance: Instance, reason: string): Instance {
  return instance.state === 'preparing' ? { ...instance, reason } : instance;
}

function speaking(instance: Instance, reason: string | null): Instance {
  return instance.state === 'running' ? { ...instance, reason } : instance;
}
