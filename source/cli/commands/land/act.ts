import { isOnItsWay, MergeQueue } from '../../../coordinator/api/merge-queue.ts';
import { violationsOf } from '../../../coordinator/landing/queue-order.ts';
import { findInstance } from '../../../coordinator/runs/spawning.ts';
import type { State } from '../../../coordinator/state/state.ts';
import type { ExitCode } from '../../../domain/errors.ts';
import { CmError } from '../../../domain/errors.ts';
import { hasLanded, type Instance, isAlive } from '../../../domain/instance.ts';
import { withoutFullStop } from '../../../domain/text/clause.ts';
import type { GlobalOptions } from '../../options.ts';
import { writeError, writeLine } from '../../output/output.ts';
import { withSession } from '../../session/session.ts';

/** `cm-tui cancel ID`: returns when the whole process tree is gone and the run has been judged. */
export function cancelCommand(id: string, options: GlobalOptions): Promise<ExitCode> {
  return withSession<ExitCode>(options, async session => {
    const answer = await session.send({ type: 'cancel', id });
    if (!answer.ok) throw new CmError(answer.message);
    if (answer.runIds.length === 0) {
      writeLine(answer.message);
      return 0;
    }
    const [instance] = await session.until(answer.runIds, ({ state }) => !isAlive(state) && state !== 'completed');
    writeLine(
      `${instance?.key ?? id} is ${instance?.state ?? 'gone'}; its work so far stays on ${instance?.branchName ?? 'its branch'}.`,
    );
    return 0;
  });
}

/** `cm-tui pause [on|off]`: holds back new spawns, or lets them go on. */
export function pauseCommand(paused: boolean, options: GlobalOptions): Promise<ExitCode> {
  return withSession<ExitCode>(options, async session => {
    const answer = await session.send({ type: 'pause', paused });
    if (!answer.ok) throw new CmError(answer.message);
    writeLine(answer.message);
    return 0;
  });
}

/**
 * `cm-tui merge ID|--all-clean`: approves, and returns when each has landed or was stopped with its reason. `--accept` says yes to what
 * stands against it as well.
 */
export function mergeCommand(
  id: string | undefined,
  options: GlobalOptions & { readonly allClean?: boolean; readonly accept?: boolean; readonly toBranch?: string },
): Promise<ExitCode> {
  if ((id === undefined) === (options.allClean !== true)) {
    throw new CmError('Name one item to merge, or say --all-clean.', 2);
  }
  const { toBranch } = options;
  if (toBranch !== undefined) {
    if (id === undefined) throw new CmError('Name the one item that is to be put on a branch.', 2);
    return toItsBranch(id, toBranch, options);
  }
  return withSession<ExitCode>(options, async session => {
    const accept = options.accept === true && id !== undefined ? violationsOfRun(await session.state(), id) : [];
    const answer = await new MergeQueue(session).approve(id ?? 'all-clean', accept);
    if (!answer.ok) throw new CmError(answer.message);
    const settled = await session.until(answer.runIds, ({ state }) => !isOnItsWay(state));
    for (const instance of settled) {
      if (hasLanded(instance.state))
        writeLine(`${instance.key} landed on ${instance.target} as ${instance.merge.landed}.`);
      else
        writeError(
          `${instance.key} did not land, it is ${instance.state}: ${withoutFullStop(instance.reason ?? unsaid(instance))}.`,
        );
    }
    return settled.every(instance => hasLanded(instance.state)) ? 0 : 1;
  });
}

/** What has no reason of its own has been judged anew since it was approved. */
function unsaid({ state }: Instance): string {
  return state === 'awaiting-approval'
    ? 'its branch moved after it was approved; look at it again, then approve it'
    : 'no reason known';
}

/** What stands against the landing of the run that `id` names, as an approval accepts it. */
function violationsOfRun(state: State, id: string): readonly string[] {
  const instance = findInstance(state, id);
  return instance === undefined ? [] : violationsOf(state, instance).map(({ code, path }) => `${code} ${path}`);
}

/** `cm-tui merge ID --to-branch NAME`: what would land stands on a new branch; nothing lands and nothing is pushed. */
function toItsBranch(id: string, branchName: string, options: GlobalOptions): Promise<ExitCode> {
  return withSession<ExitCode>(options, async session => {
    const before = findInstance(await session.state(), id)?.exported?.at ?? 0;
    const answer = await session.send({ type: 'export', id, branchName });
    if (!answer.ok) throw new CmError(answer.message);
    const [instance] = await session.until(answer.runIds, ({ exported }) => (exported?.at ?? 0) > before);
    const { key = id, exported } = instance ?? {};
    if (exported === undefined || exported.commit === null)
      throw new CmError(`${key} was not put on a branch: ${withoutFullStop(exported?.reason ?? 'no reason known')}.`);
    writeLine(`${key} stands on ${exported.branchName} at ${exported.commit}; nothing was pushed.`);
    return 0;
  });
}
