import type { GitContext } from '../context.ts';
import { readConfig } from '../observing/executable-config.ts';
import { makeCommit } from '../plumbing/write-commit.ts';

/** True where git's own configuration asks for signed commits and the user has not kept cm-tui from it. Read each time: it may change. */
export async function wantsSignature(context: GitContext): Promise<boolean> {
  if (context.sign === 'never') return false;
  // The last one wins, and a name without a value is "true" to git.
  const set = (await readConfig(context)).findLast(({ key }) => key === 'commit.gpgsign');
  return set !== undefined && !/^(false|no|off|0)$/i.test(set.value.trim());
}

/** The result of one signature made to see whether that works; `off`: nothing asks for any. */
export type SignatureTrial =
  | { readonly outcome: 'off' }
  | { readonly outcome: 'signed' }
  | { readonly outcome: 'failed'; readonly message: string };

/** Signs a commit that nothing names, as a landing would. */
export async function trySignature(context: GitContext): Promise<SignatureTrial> {
  if (!(await wantsSignature(context))) return { outcome: 'off' };
  const tree = await context.git.text({ cwd: context.home, args: ['hash-object', '-t', 'tree', '/dev/null'] });
  const made = await makeCommit(context, { tree: tree.trim(), parents: [], message: 'Try a signature\n', sign: true });
  return 'problem' in made ? { outcome: 'failed', message: made.problem } : { outcome: 'signed' };
}
