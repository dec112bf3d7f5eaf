import { join } from 'node:path';
import { sealsOf } from '../../adapters/config/index.ts';
import { connectControl } from '../../adapters/socket/client.ts';
import { isBeingChecked } from '../../coordinator/runs/settings-change.ts';
import { settingsName } from '../../domain/escape.ts';
import { isAlive } from '../../domain/instance.ts';
import type { GlobalOptions } from '../options.ts';
import { openContext } from '../session/context.ts';
import { readJournal } from '../session/journal/open-journal.ts';
import { knownOf } from '../session/journal/rebuild-journal.ts';
import { withSession } from '../session/session.ts';

/** A folder that cannot exist stands for "no repository": the user's own settings need none. */
export const nowhere = join('/dev', 'null');

/**
 * Writes settings as a person's own: the file as it is then counts as accepted, unless somebody else had changed it before. A coordinator
 * that runs is notified; if none runs and agents are at work, the journal is.
 */
export async function writeAsPerson(
  file: string,
  commonDir: string | null,
  options: GlobalOptions,
  write: () => Promise<void>,
): Promise<void> {
  const name = settingsName(file);
  const sealNow = () => sealsOf({ root: null, commonDir: commonDir ?? nowhere, env: process.env })[name];
  const before = sealNow();
  await write();
  const client = commonDir === null ? null : await connectControl(join(commonDir, 'cm-tui')).catch(() => null);
  const after = sealNow();
  if (client === null) {
    // What cannot be noted now is asked at the next start.
    if (commonDir !== null && after !== undefined)
      await acceptInJournal(name, { before, after }, options).catch(() => undefined);
    return;
  }
  try {
    const { sealed } = await client.state();
    if (sealed?.[name] === before && after !== undefined)
      await client.command({ type: 'accept-settings', sealed: { [name]: after } });
  } finally {
    client.close();
  }
}

/** With no agent at work the next start uses the file anyway, and says so. */
async function acceptInJournal(
  name: string,
  { before, after }: { readonly before: string | undefined; readonly after: string },
  options: GlobalOptions,
): Promise<void> {
  const known = knownOf(await readJournal(await openContext(options)));
  if (known.sealed?.[name] !== before || !known.instances.some(one => isAlive(one.state) || isBeingChecked(one)))
    return;
  const sealed = { [name]: after };
  await withSession(options, session => session.send({ type: 'accept-settings', sealed }), sealed);
}
