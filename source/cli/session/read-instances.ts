import { findInstance, unknownRun } from '../../coordinator/runs/spawning.ts';
import type { State } from '../../coordinator/state/state.ts';
import { initialState } from '../../coordinator/update.ts';
import { CmError } from '../../domain/errors.ts';
import type { Instance } from '../../domain/instance.ts';
import { sanitizeLine } from '../../domain/text/sanitize.ts';
import type { Context } from './context.ts';
import { readJournal } from './journal/open-journal.ts';
import { knownOf } from './journal/rebuild-journal.ts';
import { sourcesOf } from './sources.ts';

/** The runs as the journal has them, with or without a running coordinator; neither git nor processes are asked. */
export async function readInstances(context: Context): Promise<readonly Instance[]> {
  return knownOf(await readJournal(context)).instances;
}

/**
 * The run that an id, alias, slug, branch or run id names: of several runs of an item the running one, else the last one.
 * @throws CmError if there is none
 */
export async function findRun(context: Context, id: string): Promise<Instance> {
  const state = await readState(context);
  const found = findInstance(state, id);
  if (found !== undefined) return found;
  throw new CmError(unknownRun(state, sanitizeLine(id, 100)));
}

/** The journal's fold and the ROADMAP, which knows the aliases. */
async function readState(context: Context): Promise<State> {
  const [load, reading] = await Promise.all([readJournal(context), sourcesOf(context).read()]);
  return { ...initialState(context.settings, knownOf(load)), roadmap: reading.roadmap };
}
