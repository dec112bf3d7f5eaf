import { connectControl } from '../adapters/socket/client.ts';
import type { State } from '../coordinator/state.ts';
import type { CoordinatorView } from '../coordinator/status-view.ts';
import type { RunId } from '../domain/instance.ts';
import type { TreeUsage } from '../ports/processes.ts';
import { openReader } from './compose.ts';
import type { Context } from './context.ts';

/** What can be known now, without changing anything. */
export interface Look {
  readonly state: State;
  readonly coordinator: CoordinatorView | null;
  readonly usage: Readonly<Record<RunId, TreeUsage>>;
}

/** Asks the running coordinator; without one, or where it does not answer, folds the journal and looks at git and processes. */
export async function look(context: Context): Promise<Look> {
  const client = await connectControl(context.stateDir).catch(() => null);
  if (client !== null) {
    try {
      const { state, usage, pid } = await client.look();
      return { state, usage, coordinator: { pid, mode: state.mode } };
    } catch {
      // It holds the repository but does not answer (stopped, perhaps): what it journaled still tells.
    } finally {
      client.close();
    }
  }
  const runtime = await openReader(context);
  const state = runtime.state();
  runtime.stop('looked');
  return { state, usage: {}, coordinator: null };
}
