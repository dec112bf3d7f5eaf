import { type SealedPlaces, settingsChanges } from '../../../adapters/config/index.ts';
import { acceptCommand, describeFileChange } from '../../../coordinator/runs/settings-change.ts';
import type { ExitCode } from '../../../domain/errors.ts';
import type { GlobalOptions } from '../../options.ts';
import { writeLine } from '../../output/output.ts';
import { openContext } from '../../session/context.ts';
import { readJournal } from '../../session/journal/open-journal.ts';
import { knownOf } from '../../session/journal/rebuild-journal.ts';

/** `cm-tui config diff`: what settings files say now and did not when a person last wrote or accepted them. Exit 1: there is something. */
export async function configDiff(places: SealedPlaces, options: GlobalOptions): Promise<ExitCode> {
  const { sealed } = knownOf(await readJournal(await openContext(options)));
  const changes = sealed === undefined ? [] : settingsChanges(places, sealed);
  for (const change of changes) {
    for (const line of describeFileChange(change)) writeLine(line);
    if (change.digest !== null) writeLine(`Accept it, as it is now: ${acceptCommand(change.digest)}`);
  }
  if (changes.length === 0) writeLine('No settings file has changed since you wrote or accepted it.');
  return changes.length === 0 ? 0 : 1;
}
