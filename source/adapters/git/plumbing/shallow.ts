import type { GitRunner } from './run.ts';

/**
 * Does history end where a `shallow` file says so? False: the parents of what it names are all there, so that it hides commits instead
 * of telling where a clone was cut off; who wrote it is unknown. What git cannot tell counts as cut off, as git itself takes it.
 */
export async function isCutOff(git: GitRunner, folder: string): Promise<boolean> {
  // Missing commits of a partial clone are not to be fetched for this question.
  const args = ['-c', 'protocol.allow=never', 'rev-list', '--quiet', '--all', '--'];
  return (await git.run({ cwd: folder, args, env: { GIT_SHALLOW_FILE: '' } })).code !== 0;
}
