import type { GitAdapter } from '../../adapters/git/index.ts';
import type { Revert } from '../../domain/ids.ts';
import type { Instance } from '../../domain/instance.ts';
import type { StartRequest } from '../../ports/processes.ts';

/** The command of a run that reverts a landing: plain git, with neither hooks nor an editor, signed where git's configuration asks for it. */
export async function revertRequest(
  git: Pick<GitAdapter, 'reverseCommit' | 'wantsSignature'>,
  instance: Instance,
  { commit, merge, base }: Revert,
  env: Readonly<Record<string, string>>,
): Promise<StartRequest> {
  const sign = (await git.wantsSignature()) ? 'true' : 'false';
  const quiet = ['-c', 'core.hooksPath=/dev/null', '-c', 'core.fsmonitor=', '-c', `commit.gpgSign=${sign}`];
  // What undoes several commits at once is made as one commit on top of them, and picked from there.
  const how =
    base === undefined
      ? ['revert', '--no-edit', ...(merge ? ['-m', '1'] : []), commit]
      : ['cherry-pick', await git.reverseCommit({ from: base, to: commit, title: instance.title })];
  return {
    runId: instance.runId,
    runName: instance.slug,
    file: 'git',
    args: [...quiet, ...how],
    cwd: instance.worktreePath,
    env,
    stdin: null,
  };
}
