import { join } from 'node:path';
import { currentOwner } from '../../adapters/lock/lock.ts';
import { lastOutputOf } from '../../adapters/logs/last-output.ts';
import { OddFileError } from '../../adapters/regular-file.ts';
import { connectControl } from '../../adapters/socket/client.ts';
import type { RunSignals } from '../../coordinator/state/handle.ts';
import type { State } from '../../coordinator/state/state.ts';
import type { CoordinatorView } from '../../coordinator/state/status-view.ts';
import type { RunId } from '../../domain/ids.ts';
import type { TreeUsage } from '../../ports/processes.ts';
import { writeError } from '../output/output.ts';
import type { Context } from './context.ts';
import { JournalDamage } from './journal/damage.ts';
import { readJournal } from './journal/open-journal.ts';

/** What can be known now, without changing anything. */
export interface ReadState {
  readonly state: State;
  readonly coordinator: CoordinatorView | null;
  readonly usage: Readonly<Record<RunId, TreeUsage>>;
  readonly signals: Readonly<Record<RunId, RunSignals>>;
  /** Why only part of the state is known: the journal is damaged. */
  readonly recovery: string | null;
}

/**
 * Asks the running coordinator. Without one, or if it does not respond, folds the journal and inspects git and processes. Of a damaged
 * journal it uses what is readable and says so on stderr.
 */
export async function readState(context: Context): Promise<ReadState> {
  const { commonDir, stateDir } = context;
  const owner = await currentOwner({ commonDir, stateDir }).catch(unlessOdd);
  const answers = owner?.kind !== 'owned' || owner.answers;
  const client = answers ? await connectControl(stateDir).catch(unlessOdd) : null;
  if (client !== null) {
    try {
      const { state, usage, signals, pid } = await client.look();
      return {
        state,
        usage,
        signals: withLogTimes(context, state, signals ?? {}),
        coordinator: { pid, mode: state.mode, answers: true },
        recovery: await damageOf(context),
      };
    } catch {
      // It was just stopped, or has gone: what it journaled is still there.
    } finally {
      client.close();
    }
  }
  let recovery: string | null = null;
  const runtime = await (await import('./compose.ts')).openReader(context, sentence => {
    recovery = sentence;
    writeError(sentence);
  });
  const state = runtime.state();
  runtime.stop('inspected');
  const coordinator = owner?.kind === 'owned' ? { pid: owner.pid, mode: state.mode, answers } : null;
  return { state, usage: {}, signals: withLogTimes(context, state, {}), coordinator, recovery };
}

/** What the coordinator that answers may not have noticed yet: somebody has taken its journal away, or exchanged it. */
async function damageOf(context: Context): Promise<string | null> {
  const load = await readJournal(context);
  if (load.outcome === 'ok') return null;
  const sentence = new JournalDamage(load).message;
  writeError(sentence);
  return sentence;
}

/** No answer means that nobody serves it. An odd file in place of the socket proves nothing, so it is reported. */
function unlessOdd(error: unknown): null {
  if (error instanceof OddFileError) throw error;
  return null;
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
