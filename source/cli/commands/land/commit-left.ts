import { CmError, type ExitCode } from '../../../domain/errors.ts';
import type { GlobalOptions } from '../../options.ts';
import { writeLine } from '../../output/output.ts';
import { withSession } from '../../session/session.ts';
import { lastNotice } from './clean.ts';

/** `cm-tui commit ID`: commits what a run left uncommitted on its branch, and returns once that has been judged. Nothing lands. */
export function commitLeftCommand(id: string, options: GlobalOptions): Promise<ExitCode> {
  return withSession<ExitCode>(options, async session => {
    const answer = await session.send({ type: 'commit-left', id });
    if (!answer.ok) throw new CmError(answer.message);
    const [runId = ''] = answer.runIds;
    let after = await session.state();
    const isBusy = () =>
      Object.values(after.inFlight).some(one => one.runId === runId && /^git.(commitLeft|judge)$/.test(one.kind));
    await session.until(answer.runIds, (_, state) => {
      after = state;
      return !isBusy();
    });
    const run = after.instances.find(one => one.runId === runId);
    if (run === undefined || run.state === 'needs-attention')
      throw new CmError(`Not committed: ${run?.reason ?? lastNotice(after, runId)}.`);
    writeLine(
      `Committed what ${run.key} left on ${run.branchName}, at ${(run.head ?? '').slice(0, 10)}. Review it with "cm-tui review ${run.slug}".`,
    );
    return 0;
  });
}
