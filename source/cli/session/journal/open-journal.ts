import { join } from 'node:path';
import { systemClock } from '../../../adapters/clock.ts';
import { lockedRuns } from '../../../adapters/git/index.ts';
import { createJournal, type Journal, type SoundLoad } from '../../../adapters/journal/journal.ts';
import { livingRuns } from '../../../adapters/processes/living-runs.ts';
import { readRunRecords } from '../../../adapters/processes/run-folder.ts';
import { system } from '../../../adapters/system/system.ts';
import { strangersOf, type Traces } from '../../../coordinator/recovery/strangers.ts';
import type { DurableState } from '../../../coordinator/state/state.ts';
import { CmError } from '../../../domain/errors.ts';
import { isBesideRun } from '../../../domain/review/reading.ts';
import type { JournalLoad } from '../../../ports/journal.ts';
import type { Context } from '../context.ts';
import { knownRunsOf } from './damage.ts';

/**
 * The journal of a repository, compared with what runs leave in the world: one that does not know of it loads as damaged. `onTrouble`
 * hears the sentence when it cannot be written, and null when it can again; `onForeign` how many records of somebody else were removed.
 */
export function openJournal(
  context: Context,
  snapshotState: () => DurableState | null,
  onTrouble: (sentence: string | null) => void = () => undefined,
  onForeign: (count: number) => void = () => undefined,
): Journal {
  const { now, monotonic } = systemClock;
  // Read before the journal is: what is begun meanwhile is known to the journal, and not yet seen here.
  const seen = { folders: runFolders(context), locks: lockedRuns(context.commonDir) };
  return createJournal({
    dir: context.stateDir,
    place: context.commonDir,
    bootId: system().table.bootId(),
    uptime: monotonic,
    now,
    snapshotState,
    strangers: load => strangers(context, load, seen),
    onTrouble: trouble => onTrouble(trouble?.message ?? null),
    onForeign,
  });
}

/** What the journal says, read beside its writer. */
export async function readJournal(context: Context): Promise<JournalLoad> {
  const load = await readOnce(context);
  // A coordinator that begins its journal at this very moment may seem to have left traces of its own.
  return load.outcome === 'damaged' ? readOnce(context) : load;
}

async function readOnce(context: Context): Promise<JournalLoad> {
  const journal = openJournal(context, () => null);
  const load = await journal.load({ readOnly: true });
  journal.close();
  return load;
}

function runFolders({ stateDir }: Context): Traces['folders'] {
  return readRunRecords(join(stateDir, 'runs'))
    .filter(({ runName }) => !isBesideRun(runName))
    .map(({ runId, runName }) => ({ runId, slug: runName }));
}

/** Where nothing vouches for the journal, git's refs and the processes of the machine are asked as well. */
async function strangers(
  context: Context,
  load: SoundLoad,
  seen: Pick<Traces, 'folders' | 'locks'>,
): Promise<readonly string[]> {
  const known = knownRunsOf(load);
  if (!load.unvouched) return strangersOf(known, { ...seen, living: [], pins: [] }, true);
  const [living, pins] = await Promise.all([livingRuns(system().table, context.stateDir), context.git.listPins()]);
  if (pins === null) {
    throw new CmError('Cannot verify the journal, because git could not list refs/cm. Try again.', 3);
  }
  return strangersOf(known, { ...seen, living, pins }, false);
}
