import { CmError, type ExitCode } from '../../../domain/errors.ts';
import { isAlive } from '../../../domain/instance.ts';
import { describeRun } from '../../../domain/state-labels.ts';
import type { GlobalOptions } from '../../options.ts';
import { writeError, writeLine } from '../../output/output.ts';
import { withSession } from '../../session/session.ts';

/**
 * `cm-tui undo [ID]`: reverts the last landing (or that of ID). Returns when the target is back where it was or, where the target has moved
 * on since, when the revert branch is ready for review.
 */
export function undoCommand(id: string | undefined, options: GlobalOptions): Promise<ExitCode> {
  return withSession<ExitCode>(options, async session => {
    const before = new Set((await session.instances()).map(({ runId }) => runId));
    const answer = await session.send({ type: 'undo', ...(id === undefined ? {} : { id }) });
    if (!answer.ok) throw new CmError(answer.message);
    const [instance] = await session.until(
      answer.runIds,
      ({ state, undoing }) => undoing === undefined && !isAlive(state) && state !== 'completed',
    );
    if (instance === undefined) throw new CmError(answer.message);
    if (!before.has(instance.runId)) {
      writeLine(answer.message);
      if (instance.state === 'awaiting-approval') {
        writeLine(`Review it with "cm-tui diff ${instance.key}", land it with "cm-tui merge ${instance.key}".`);
        return 0;
      }
      writeError(`${describeRun(instance)}.`);
      return 1;
    }
    if (instance.merge.landed === null) {
      writeLine(`Reverted ${instance.key} on ${instance.target}: ${instance.reason ?? 'its branch is kept'}.`);
      return 0;
    }
    writeError(`Could not undo ${instance.key}: ${instance.reason ?? 'reason unknown'}.`);
    return 1;
  });
}
