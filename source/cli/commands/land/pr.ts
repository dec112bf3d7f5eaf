import { findInstance } from '../../../coordinator/runs/spawning.ts';
import { CmError, type ExitCode } from '../../../domain/errors.ts';
import type { Instance } from '../../../domain/instance.ts';
import { pullRequestWords } from '../../../domain/queue/pull-request.ts';
import { withoutFullStop } from '../../../domain/text/clause.ts';
import type { GlobalOptions } from '../../options.ts';
import { writeError, writeJson, writeLine } from '../../output/output.ts';
import { openContext } from '../../session/context.ts';
import { readState } from '../../session/read-state.ts';
import { withSession } from '../../session/session.ts';

type PrOptions = GlobalOptions & { readonly json?: boolean };

/** `cm-tui pr [ID]`: opens the pull request of a run (exit 1 where that is not possible), or lists those that there are. */
export function prCommand(id: string | undefined, options: PrOptions): Promise<ExitCode> {
  return id === undefined ? list(options) : open(id, options);
}

async function list(options: PrOptions): Promise<ExitCode> {
  const { state } = await readState(await openContext(options));
  const found = state.instances.filter(({ pr }) => pr !== undefined);
  if (options.json === true) writeJson(found.map(viewOf));
  else if (found.length === 0) writeLine('There are no pull requests. Open one with "cm-tui pr ID".');
  else for (const one of found) writeLine(wordsOf(one));
  return 0;
}

function open(id: string, options: PrOptions): Promise<ExitCode> {
  return withSession<ExitCode>(options, async session => {
    const before = findInstance(await session.state(), id);
    const failed = before?.prFailed;
    const answer = await session.send({ type: 'open-pr', id });
    if (!answer.ok && before?.pr?.state !== 'open') throw new CmError(answer.message);
    const [instance] = answer.ok
      ? await session.until(answer.runIds, one => one.pr?.head === one.head || one.prFailed?.at !== failed?.at)
      : [before];
    if (instance === undefined) throw new CmError(answer.message);
    const isOpen = instance.pr !== undefined && instance.pr.head === instance.head;
    if (options.json === true) writeJson(viewOf(instance));
    else if (isOpen) writeLine(wordsOf(instance));
    else
      writeError(
        `No pull request for ${instance.key}: ${withoutFullStop(instance.prFailed?.reason ?? 'reason unknown')}.`,
      );
    return isOpen ? 0 : 1;
  });
}

function wordsOf({ key, pr }: Instance): string {
  return pr === undefined ? key : `${key}  ${pullRequestWords(pr)}  ${pr.url}`;
}

function viewOf({ priorityId, key, branchName, pr, prFailed }: Instance) {
  const { number, url, state, checks } = pr ?? {};
  return {
    priorityId,
    key,
    branchName,
    pr: pr === undefined ? null : { number, url, state, checks },
    reason: pr === undefined ? (prFailed?.reason ?? null) : null,
  };
}
