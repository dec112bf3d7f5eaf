import { connectControl } from '../../adapters/socket/client.ts';
import type { State } from '../../coordinator/state/state.ts';
import type { RunId } from '../../domain/ids.ts';
import type { Instance } from '../../domain/instance.ts';
import type { Command, CommandAnswer } from '../../ports/commands.ts';
import type { CleanProbe } from '../../ports/git.ts';
import type { GlobalOptions } from '../options.ts';
import { openRuntime } from './compose.ts';
import { type Context, openContext } from './context.ts';
import { retryWhileLocked } from './retry-lock.ts';

/** A way to give commands: to the coordinator that runs, or to one of our own that lives as long as the command does. */
export interface Session {
  readonly context: Context;
  send(command: Command): Promise<CommandAnswer>;
  state(): Promise<State>;
  instances(): Promise<readonly Instance[]>;
  probeClean(): Promise<readonly CleanProbe[]>;
  /** Waits until every one of these runs satisfies the condition; resolves with them as they are then. */
  until(runIds: readonly RunId[], done: (instance: Instance) => boolean): Promise<readonly Instance[]>;
}

const pollMs = 50;

/** Reaches the running coordinator, or acts alone under the same lock (the contract, §8). */
export async function withSession<T>(options: GlobalOptions, use: (session: Session) => Promise<T>): Promise<T> {
  const context = await openContext(options);
  const { reach, end } = await retryWhileLocked(
    context,
    async () => (await reachOwner(context)) ?? (await becomeOwner(context)),
  );
  try {
    return await use(sessionOver(context, reach));
  } finally {
    await end();
  }
}

type Reach = Pick<Session, 'send' | 'state' | 'probeClean'>;
type Reached = { readonly reach: Reach; readonly end: () => void | Promise<void> };

async function reachOwner({ stateDir }: Context): Promise<Reached | null> {
  const client = await connectControl(stateDir);
  if (client === null) return null;
  const reach: Reach = {
    send: command => client.command(command),
    state: () => client.state(),
    probeClean: () => client.probeClean(),
  };
  return { reach, end: () => client.close() };
}

async function becomeOwner(context: Context): Promise<Reached> {
  const { runtime, begin, close } = await openRuntime(context, 'manual');
  const end = async (): Promise<void> => {
    await runtime.settled();
    close('command done');
  };
  try {
    await begin();
    await runtime.settled();
  } catch (error) {
    close('command failed');
    throw error;
  }
  const reach: Reach = {
    send: command => runtime.send(command),
    state: async () => runtime.state(),
    probeClean: () => runtime.probeClean(),
  };
  return { reach, end };
}

function sessionOver(context: Context, reach: Pick<Session, 'send' | 'state' | 'probeClean'>): Session {
  return {
    context,
    ...reach,
    instances: async () => (await reach.state()).instances,
    async until(runIds, done) {
      for (;;) {
        const instances = (await reach.state()).instances.filter(instance => runIds.includes(instance.runId));
        if (instances.every(done)) return instances;
        await new Promise(resolve => setTimeout(resolve, pollMs));
      }
    },
  };
}
