import type { GitOutput } from '../calls/answers.ts';
import type { GitRunner } from '../calls/run.ts';

/** Git stumbles over the first commit that is not there, and names it. */
const namesAnObject = /\b([0-9a-f]{40}|[0-9a-f]{64})\b/;

/**
 * Does history end where a `shallow` file says so? False: the parents of what it names are all there, so that it hides commits instead
 * of telling where a clone was cut off; who wrote it is unknown. What git cannot tell counts as cut off, as git itself takes it.
 */
export async function isCutOff(git: GitRunner, folder: string): Promise<boolean> {
  // Missing commits of a partial clone are not to be fetched for this question.
  const args = ['-c', 'protocol.allow=never', 'rev-list', '--quiet', '--all', '--'];
  const call = { cwd: folder, args, env: { GIT_SHALLOW_FILE: '' } };
  const read = ({ code, stderr }: GitOutput) => (code === 0 ? false : namesAnObject.test(stderr) || undefined);
  return git.ask(call, read).catch(() => true);
}
