import { acquireOwnership } from '../../../adapters/lock/lock.ts';
import type { Rebuilt } from '../../../coordinator/recovery/rebuild-journal.ts';
import { CmError, type ExitCode } from '../../../domain/errors.ts';
import { sanitizeLine } from '../../../domain/text/sanitize.ts';
import type { GlobalOptions } from '../../options.ts';
import { writeError, writeLine } from '../../output/output.ts';
import { askYes, canAsk } from '../../output/prompt.ts';
import { type Context, openContext } from '../context.ts';
import { JournalDamage } from './damage.ts';
import { openJournal } from './open-journal.ts';
import { rebuildFrom } from './rebuild-journal.ts';

/**
 * Rebuilds a damaged journal under the lock, after `agree` has confirmed the findings. The damaged files are kept beside the new ones.
 * Throws exit 4 while another cm-tui owns the repository.
 */
export async function recoverJournal(
  context: Context,
  agree: (rebuilt: Rebuilt, damage: JournalDamage) => Promise<boolean>,
): Promise<'sound' | 'recovered' | 'declined'> {
  const { commonDir, stateDir } = context;
  const lock = await acquireOwnership({ commonDir, stateDir });
  const journal = openJournal(context, () => null);
  try {
    const load = await journal.load();
    if (load.outcome === 'ok') return 'sound';
    const rebuilt = await rebuildFrom(context, load);
    if (!(await agree(rebuilt, new JournalDamage(load)))) return 'declined';
    journal.recover(rebuilt.state);
    return 'recovered';
  } finally {
    journal.close();
    lock.release();
  }
}

/** Shows the findings on the terminal and asks. */
export async function agreeOnTerminal(rebuilt: Rebuilt, damage: JournalDamage): Promise<boolean> {
  writeError(damage.message);
  for (const finding of rebuilt.findings) writeLine(`  ${sanitizeLine(finding, 500)}`);
  writeLine('The damaged files are kept beside the new ones. No worktree, branch or process is touched.');
  return askYes('Rebuild the journal from this?');
}

/** `cm-tui doctor --recover [--yes]`: exit 1 if the person said no. */
export async function recoverCommand(options: GlobalOptions & { readonly yes?: boolean }): Promise<ExitCode> {
  if (options.yes !== true && !canAsk()) {
    throw new CmError('Not a terminal. Use "cm-tui doctor --recover --yes" to rebuild without asking.', 2);
  }
  const result = await recoverJournal(await openContext(options), async (rebuilt, damage) => {
    if (options.yes !== true) return agreeOnTerminal(rebuilt, damage);
    for (const finding of rebuilt.findings) writeLine(sanitizeLine(finding, 500));
    return true;
  });
  writeLine(sentences[result]);
  return result === 'declined' ? 1 : 0;
}

const sentences = {
  sound: 'The journal is intact. Nothing changed.',
  recovered: 'Rebuilt the journal. The damaged one is kept beside it. Start cm-tui as usual.',
  declined: 'Nothing changed.',
} as const;
