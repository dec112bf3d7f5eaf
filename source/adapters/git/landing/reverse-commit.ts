import { CmError } from '../../../domain/errors.ts';
import type { Oid } from '../../../domain/ids.ts';
import type { GitContext } from '../context.ts';
import { assertOid } from '../plumbing/refs.ts';
import { commitMessage, makeCommit } from '../plumbing/write-commit.ts';

/**
 * A commit on top of `to` whose files are those of `from` again: what undoes everything between them in one step, wherever it is picked.
 * Nothing names it. `title`: its subject.
 */
export async function reverseCommit(
  context: GitContext,
  { from, to, title }: { readonly from: Oid; readonly to: Oid; readonly title: string },
): Promise<Oid> {
  const text = await context.git.text({
    cwd: context.home,
    args: ['rev-parse', '--verify', '--end-of-options', `${assertOid(from)}^{tree}`],
  });
  const message = commitMessage(`${title}\n\nThis reverts the commits ${assertOid(from)}..${assertOid(to)}.`, {});
  const made = await makeCommit(context, { tree: text.trim(), parents: [to], message });
  if ('problem' in made) throw new CmError(made.problem, 3);
  return made.oid;
}
