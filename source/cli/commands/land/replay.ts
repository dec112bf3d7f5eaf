import { upToDate } from '../../../coordinator/landing/replay.ts';
import { findInstance } from '../../../coordinator/runs/spawning.ts';
import { isBeingReplayed } from '../../../coordinator/stack/follow.ts';
import { CmError, type ExitCode } from '../../../domain/errors.ts';
import type { Instance } from '../../../domain/instance.ts';
import { describeRun } from '../../../domain/state-labels.ts';
import { countOf } from '../../../domain/text/count.ts';
import type { GlobalOptions } from '../../options.ts';
import { writeError, writeJson, writeLine } from '../../output/output.ts';
import { withSession } from '../../session/session.ts';

/**
 * `cm-tui replay ID`: puts the run's own commits onto the target, without those that were removed from there. `cm-tui update ID`: brings its
 * branch up to date. Returns when the branch has moved and was evaluated again, or needs no update (exit 0), or was left where it was, with
 * the reason (exit 1).
 */
export function replayCommand(
  id: string,
  type: 'replay' | 'update',
  options: GlobalOptions & { readonly json?: boolean },
): Promise<ExitCode> {
  return withSession<ExitCode>(options, async session => {
    const before = findInstance(await session.state(), id)?.head ?? null;
    const answer = await session.send({ type, id });
    if (!answer.ok) throw new CmError(answer.message);
    const [instance] = await session.until(answer.runIds, one => !isBeingReplayed(one));
    if (instance === undefined) throw new CmError(answer.message);
    const isReplayed = instance.head !== before;
    const why = instance.replayStopped?.reason ?? null;
    const isUpToDate = type === 'update' && why === upToDate(instance);
    if (options.json === true) writeJson(replayView(instance, isReplayed));
    else if (isReplayed) tellReplayed(instance, type);
    else if (isUpToDate) writeLine(`${instance.key} is up to date with ${instance.target}.`);
    else if (type === 'replay' || why === null) writeError(`Not ${done[type]}: ${describeRun(instance)}.`);
    else
      writeError(
        `${instance.key} is not brought up to date: ${why}. Resolve it in its worktree, or ask its agent (r g).`,
      );
    return isReplayed || isUpToDate ? 0 : 1;
  });
}

const done = { replay: 'replayed', update: 'brought up to date' } as const;

function tellReplayed(instance: Instance, type: 'replay' | 'update'): void {
  const { key, target, head, commits, state } = instance;
  const what = countOf(commits, 'commit');
  const how = type === 'replay' ? `Replayed ${key} onto ${target}` : `Brought ${key} up to date with ${target}`;
  writeLine(`${how}: ${what} of its own, now at ${(head ?? '').slice(0, 10)}.`);
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
