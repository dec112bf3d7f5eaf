import { whyNotRemovable } from '../../../coordinator/runs/removal.ts';
import { findInstance } from '../../../coordinator/runs/spawning.ts';
import type { State } from '../../../coordinator/state/state.ts';
import { CmError, type ExitCode } from '../../../domain/errors.ts';
import { escapePath } from '../../../domain/text/sanitize.ts';
import type { GlobalOptions } from '../../options.ts';
import { writeError, writeLine } from '../../output/output.ts';
import { askYes, canAsk } from '../../output/prompt.ts';
import { openContext } from '../../session/context.ts';
import { withSession } from '../../session/session.ts';
import { type ListWords, lastNotice, list, survey, untilDone } from './clean.ts';

const discarding: ListWords = { untracked: 'not committed', ignored: 'would be lost', obstacle: 'note' };

/** `cm-tui discard ID…`: lists what the runs hold, asks, and removes their worktrees and branches. What they hold stays pinned. */
export async function discardCommand(
  ids: readonly string[],
  options: GlobalOptions & { readonly yes?: boolean },
): Promise<ExitCode> {
  const context = await openContext(options);
  const leftovers = await survey(context);
  return withSession<ExitCode>(options, async session => {
    const chosen = runsOf(await session.state(), ids);
    const shown = leftovers.filter(({ instance }) => chosen.includes(instance.runId));
    for (const leftover of shown) list(leftover, discarding);
    if (!(await isConfirmed(shown.map(({ instance }) => instance.key).join(', '), options.yes === true))) return 1;
    const answer = await session.send({ type: 'discard', ids: chosen });
    if (!answer.ok) throw new CmError(answer.message);
    const after = await untilDone(context, chosen, session);
    let kept = 0;
    for (const instance of after.instances.filter(({ runId }) => chosen.includes(runId))) {
      const { key, slug, state, removed, runId } = instance;
      if (state === 'cleaned') writeLine(`${key} cleaned up.`);
      else if (removed !== undefined)
        writeLine(`Discarded ${key}. "cm-tui restore ${slug}" brings it back within 30 days.`);
      else {
        kept++;
        writeError(`${key} not discarded: ${lastNotice(after, runId)}`);
      }
    }
    return kept === 0 ? 0 : 1;
  });
}

/** The runs that were named. Refuses where one of them can not be discarded now. */
function runsOf(state: State, ids: readonly string[]): readonly string[] {
  return ids.map(id => {
    const instance = findInstance(state, id);
    if (instance === undefined) throw new CmError(`Unknown run "${id}". Run "cm-tui status" for a list.`, 2);
    const why = whyNotRemovable(instance);
    if (why !== null) throw new CmError(why);
    return instance.runId;
  });
}

async function isConfirmed(keys: string, yes: boolean): Promise<boolean> {
  if (yes) return true;
  if (canAsk())
    return askYes(
      `Discard ${keys}? Commits and uncommitted files (new ones up to 64 MiB, and 5,000 of them) stay pinned for 30 days; ignored files are lost.`,
    );
  writeError('Nothing discarded. Run it in a terminal, or with --yes.');
  return false;
}

/** `cm-tui restore ID`: brings back the branch and the worktree of a discarded run. */
export function restoreCommand(id: string, options: GlobalOptions): Promise<ExitCode> {
  return withSession<ExitCode>(options, async session => {
    const answer = await session.send({ type: 'restore', id });
    if (!answer.ok) throw new CmError(answer.message);
    const before = (await session.state()).notices.length;
    const [instance] = await session.until(
      answer.runIds,
      ({ removed, runId }, { notices }) =>
        removed === undefined ||
        notices.slice(before).some(notice => notice.runId === runId && notice.level === 'error'),
    );
    if (instance === undefined || instance.removed !== undefined)
      throw new CmError(`Could not restore ${id}: ${lastNotice(await session.state(), answer.runIds[0] ?? '')}.`);
    writeLine(`Restored ${instance.key} in ${escapePath(instance.worktreePath)} on ${instance.branchName}.`);
    return 0;
  });
}
