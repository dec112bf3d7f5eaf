import type { Revert } from '../../domain/ids.ts';
import type { Instance } from '../../domain/instance.ts';
import type { StartRequest } from '../../ports/processes.ts';

/** The command of a run that reverts a landing: plain git, with neither hooks nor an editor. */
export function revertRequest(
  instance: Instance,
  { commit, merge }: Revert,
  env: Readonly<Record<string, string>>,
): StartRequest {
  const quiet = ['-c', 'core.hooksPath=/dev/null', '-c', 'core.fsmonitor=', '-c', 'commit.gpgSign=false'];
  return {
    runId: instance.runId,
    runName: instance.slug,
    file: 'git',
    args: [...quiet, 'revert', '--no-edit', ...(merge ? ['-m', '1'] : []), commit],
    cwd: instance.worktreePath,
    env,
    stdin: null,
  };
}
