import { CmError, type ExitCode } from '../../../domain/errors.ts';
import type { Instance } from '../../../domain/instance.ts';
import { describeRun } from '../../../domain/state-labels.ts';
import { sanitizeLine } from '../../../domain/text/sanitize.ts';
import type { GlobalOptions } from '../../options.ts';
import { writeJson, writeLine } from '../../output/output.ts';
import { openContext } from '../../session/context.ts';
import { withSession } from '../../session/session.ts';

/**
 * `cm-tui retarget [ID] BRANCH`: what has not landed, or only that item or run, lands on this branch from now on. Returns when its branches
 * were judged for it.
 */
export async function retargetCommand(
  first: string | undefined,
  second: string | undefined,
  options: GlobalOptions & { readonly json?: boolean },
): Promise<ExitCode> {
  const [id, name] = second === undefined ? [undefined, first] : [first, second];
  if (name === undefined) throw new CmError('Name the branch to land on, as in "cm-tui retarget trunk".', 2);
  const branch = await existingBranch(name, options);
  // A coordinator that lives only as long as this command looks at the new target: the old one may be gone.
  return withSession<ExitCode>({ ...options, target: branch }, async session => {
    const answer = await session.send({ type: 'retarget', branch, ...(id === undefined ? {} : { id }) });
    if (!answer.ok) throw new CmError(answer.message);
    const moved = await session.until(answer.runIds, ({ runId }, { inFlight }) =>
      Object.values(inFlight).every(flight => flight.kind !== 'git.judge' || flight.runId !== runId),
    );
    if (options.json === true) {
      writeJson({ target: branch, runs: moved.map(viewOf) });
      return 0;
    }
    writeLine(answer.message);
    for (const instance of moved) writeLine(`  ${describeRun(instance)}`);
    return 0;
  });
}

/** The branch behind the name, as a start resolves its target. */
async function existingBranch(name: string, options: GlobalOptions): Promise<string> {
  const { git, target } = await openContext({ ...options, target: name });
  if (target !== null && (await git.targetTip(target)) !== null) return target;
  throw new CmError(
    `${sanitizeLine(name, 120)} is not a local branch, and work lands on local branches only. Create it with "git branch", or name another.`,
  );
}

function viewOf({ priorityId, key, branchName, target, state, reason }: Instance) {
  return { priorityId, key, branchName, target, state, reason };
}
