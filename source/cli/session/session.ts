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

/** A way to send commands: to the running coordinator, or to one in this process that lives as long as the command. */
export interface Session {
  readonly context: Context;
  send(command: Command): Promise<CommandAnswer>;
  state(): Promise<State>;
  instances(): Promise<readonly Instance[]>;
  probeClean(): Promise<readonly CleanProbe[]>;
  /** Waits until every one of these runs satisfies the condition; resolves with their state then. */
  until(runIds: readonly RunId[], done: (instance: Instance) => boolean): Promise<readonly Instance[]>;
}

const pollMs = 50;

/** Connects to the running coordinator, or acts alone under the same lock (docs/contract.md). */
export async function withSession<T>(
  options: GlobalOptions,
  use: (session: Session) => Promise<T>,
  accept: Readonly<Record<string, string>> = {},
): Promise<T> {
  const context = await openContext(options);
  const { connection, end } = await retryWhileLocked(
    context,
    async () => (await connectOwner(context)) ?? (await becomeOwner(context, accept)),
  );
  try {
    return await use(sessionWith(context, connection));
  } finally {
    await end();
  }
}

type Connection = Pick<Session, 'send' | 'state' | 'probeClean'>;
type Connected = { readonly connection: Connection; readonly end: () => void | Promise<void> };

async function connectOwner({ stateDir }: Context): Promise<Connected | null> {
  const client = await connectControl(stateDir);
  if (client === null) return null;
  const connection: Connection = {
    send: command => client.command(command),
    state: () => client.state(),
    probeClean: () => client.probeClean(),
  };
  return { connection, end: () => client.close() };
}

async function becomeOwner(context: Context, accept: Readonly<Record<string, string>>): Promise<Connected> {
  const { runtime, begin, close } = await openRuntime(context, 'manual', undefined, accept);
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
  const connection: Connection = {
    send: command => runtime.send(command),
    state: async () => runtime.state(),
    probeClean: () => runtime.probeClean(),
  };
  return { connection, end };
}

function sessionWith(context: Context, connection: Pick<Session, 'send' | 'state' | 'probeClean'>): Session {
  return {
    context,
    ...connection,
    instances: async () => (await connection.state()).instances,
    async until(runIds, done) {
      for (;;) {
        const instances = (await connection.state()).instances.filter(instance => runIds.includes(instance.runId));
        if (instances.every(done)) return instances;
        await new Promise(resolve => setTimeout(resolve, pollMs));
      }
    },
  };
}
