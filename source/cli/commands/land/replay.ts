import { findInstance } from '../../../coordinator/runs/spawning.ts';
import { CmError, type ExitCode } from '../../../domain/errors.ts';
import type { Instance } from '../../../domain/instance.ts';
import { describeRun } from '../../../domain/state-labels.ts';
import type { GlobalOptions } from '../../options.ts';
import { writeError, writeJson, writeLine } from '../../output/output.ts';
import { withSession } from '../../session/session.ts';

/**
 * `cm-tui replay ID`: puts the run's own commits onto the target, without those that were removed from there. Returns when the branch has
 * moved and was evaluated again (exit 0), or was left where it was, with the reason (exit 1).
 */
export function replayCommand(id: string, options: GlobalOptions & { readonly json?: boolean }): Promise<ExitCode> {
  return withSession<ExitCode>(options, async session => {
    const before = findInstance(await session.state(), id)?.head ?? null;
    const answer = await session.send({ type: 'replay', id });
    if (!answer.ok) throw new CmError(answer.message);
    const [instance] = await session.until(answer.runIds, ({ replaying }) => replaying === undefined);
    if (instance === undefined) throw new CmError(answer.message);
    const isReplayed = instance.head !== before;
    if (options.json === true) writeJson(replayView(instance, isReplayed));
    else if (isReplayed) tellReplayed(instance);
    else writeError(`Not replayed: ${describeRun(instance)}.`);
    return isReplayed ? 0 : 1;
  });
}

function tellReplayed(instance: Instance): void {
  const { key, target, head, commits, state } = instance;
  const what = commits === 1 ? '1 commit' : `${commits} commits`;
  writeLine(`Replayed ${key} onto ${target}: ${what} of its own, now at ${(head ?? '').slice(0, 10)}.`);
  if (state === 'awaiting-approval')
    writeLine(`Review it with "cm-tui diff ${key}", land it with "cm-tui merge ${key}".`);
  else writeLine(`${describeRun(instance)}.`);
}

function replayView(instance: Instance, replayed: boolean) {
  const { priorityId, key, state, reason, branchName, head, commits, files, replayStopped, returning } = instance;
  return {
    priorityId,
    key,
    replayed,
    state,
    reason,
    branchName,
    head,
    commits,
    files: files.map(({ path }) => path),
    returning: returning?.commits ?? [],
    conflicts: replayStopped?.paths ?? [],
  };
}
