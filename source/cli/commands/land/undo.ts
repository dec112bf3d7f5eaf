import { CmError, type ExitCode } from '../../../domain/errors.ts';
import { isAlive } from '../../../domain/instance.ts';
import type { GlobalOptions } from '../../options.ts';
import { writeError, writeLine } from '../../output/output.ts';
import { withSession } from '../../session/session.ts';

/**
 * `cm-tui undo [ID]`: takes the last landing (or that of ID) back, and returns when the target has moved back or, where others have
 * built on it, when its revert waits for a yes.
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
        writeLine(`Look at it with "cm-tui diff ${instance.key}", land it with "cm-tui merge ${instance.key}".`);
        return 0;
      }
      writeError(`${instance.key} is ${instance.state}: ${instance.reason ?? 'no reason known'}.`);
      return 1;
    }
    if (instance.merge.landed === null) {
      writeLine(`${instance.key} is taken back from ${instance.target}; ${instance.reason ?? 'its branch is kept'}.`);
      return 0;
    }
    writeError(`${instance.key} was not taken back: ${instance.reason ?? 'no reason known'}.`);
    return 1;
  });
}
