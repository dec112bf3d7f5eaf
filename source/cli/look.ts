import { join } from 'node:path';
import { lastOutputOf } from '../adapters/logs/last-output.ts';
import { connectControl } from '../adapters/socket/client.ts';
import type { RunSignals } from '../coordinator/handle.ts';
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
  readonly signals: Readonly<Record<RunId, RunSignals>>;
}

/** Asks the running coordinator; without one, or where it does not answer, folds the journal and looks at git and processes. */
export async function look(context: Context): Promise<Look> {
  const client = await connectControl(context.stateDir).catch(() => null);
  if (client !== null) {
    try {
      const { state, usage, signals, pid } = await client.look();
      return {
        state,
        usage,
        signals: withLogTimes(context, state, signals ?? {}),
        coordinator: { pid, mode: state.mode },
      };
    } catch {
      // It holds the repository but does not answer (stopped, perhaps): what it journaled still tells.
    } finally {
      client.close();
    }
  }
  const runtime = await openReader(context);
  const state = runtime.state();
  runtime.stop('looked');
  return { state, usage: {}, signals: withLogTimes(context, state, {}), coordinator: null };
}

/** For runs that nobody follows now, their logs tell when they last wrote. */
function withLogTimes(
  { stateDir }: Context,
  { instances }: State,
  signals: Readonly<Record<RunId, RunSignals>>,
): Readonly<Record<RunId, RunSignals>> {
  const all: Record<RunId, RunSignals> = { ...signals };
  for (const { runId, slug } of instances) {
    if ((all[runId]?.lastOutput ?? null) !== null) continue;
    const lastOutput = lastOutputOf(join(stateDir, 'runs', slug));
    if (lastOutput !== null) all[runId] = { activity: null, usage: null, ...all[runId], lastOutput };
  }
  return all;
}
