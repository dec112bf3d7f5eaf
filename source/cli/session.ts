import { connectControl } from '../adapters/socket/client.ts';
import type { Command, CommandAnswer } from '../coordinator/messages.ts';
import type { State } from '../coordinator/state.ts';
import type { Instance, RunId } from '../domain/instance.ts';
import type { CleanProbe } from '../ports/git.ts';
import { openRuntime } from './compose.ts';
import { type Context, openContext } from './context.ts';
import type { GlobalOptions } from './program.ts';

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
  const client = await connectControl(context.stateDir);
  if (client !== null) {
    try {
      return await use(
        sessionOver(context, {
          send: command => client.command(command),
          state: () => client.state(),
          probeClean: () => client.probeClean(),
        }),
      );
    } finally {
      client.close();
    }
  }
  const { runtime, begin, close } = await openRuntime(context, 'manual');
  try {
    await begin();
    await runtime.settled();
    return await use(
      sessionOver(context, {
        send: command => runtime.send(command),
        state: async () => runtime.state(),
        probeClean: () => runtime.probeClean(),
      }),
    );
  } finally {
    await runtime.settled();
    close('command done');
  }
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
