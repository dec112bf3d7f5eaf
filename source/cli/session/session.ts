import { connectControl } from '../../adapters/socket/client.ts';
import type { State } from '../../coordinator/state/state.ts';
import { CmError } from '../../domain/errors.ts';
import type { RunId } from '../../domain/ids.ts';
import type { Instance } from '../../domain/instance.ts';
import type { Command, CommandAnswer } from '../../ports/commands.ts';
import type { CleanProbe } from '../../ports/git.ts';
import type { GlobalOptions } from '../options.ts';
import { writeError } from '../output/output.ts';
import { refuseSilence } from '../output/silent-git.ts';
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
  until(runIds: readonly RunId[], done: (instance: Instance, state: State) => boolean): Promise<readonly Instance[]>;
}

const pollMs = 50;
/** A wait shorter than this needs no words. */
const silentMs = 500;
/** A machine that cannot be read by then is not waited for. */
const machineMs = 3000;

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
  try {
    await untilReady(connection);
  } catch (error) {
    client.close();
    throw error;
  }
  return { connection, end: () => client.close() };
}

/** A coordinator that was just started may still be reading the repository: nothing is refused for that, and Ctrl+C withdraws it. */
async function untilReady({ state }: Pick<Connection, 'state'>): Promise<void> {
  const since = Date.now();
  for (let said = false; ; ) {
    const { ready, startProblem, resources } = await state();
    if (startProblem !== null) throw new CmError(startProblem, 3);
    // Without a first reading of the machine the capacity is a guess, for which nothing should be refused.
    if (ready && (resources.source !== 'none' || Date.now() - since > machineMs)) return;
    if (!said && Date.now() - since > silentMs) {
      said = true;
      writeError('Waiting for the running cm-tui to read the repository. Ctrl+C withdraws the command.');
    }
    await new Promise(resolve => setTimeout(resolve, pollMs));
  }
}

async function becomeOwner(context: Context, accept: Readonly<Record<string, string>>): Promise<Connected> {
  // A command waits for all that is under way: nobody who approves one branch waits for the checks of the others.
  const settings = { ...context.settings, checkEarly: false };
  // Most commands have a coordinator that answers, and then need none themselves.
  const { openRuntime } = await import('./compose.ts');
  const { runtime, begin, close } = await openRuntime({ ...context, settings }, 'manual', undefined, accept, true);
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
        const state = await connection.state();
        const instances = state.instances.filter(instance => runIds.includes(instance.runId));
        if (instances.every(instance => done(instance, state))) return instances;
        refuseSilence(state);
        await new Promise(resolve => setTimeout(resolve, pollMs));
      }
    },
  };
}
