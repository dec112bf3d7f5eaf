import type { Oid } from '../../../domain/ids.ts';
import type { GitContext } from '../context.ts';
import { gitFailure } from '../plumbing/run.ts';

/**
 * True where everything that a commit or tree of ours brings beyond `known` commits is in the repository. Somebody may collect garbage while no
 * ref names it yet, and a ref on a commit without its files would be worth nothing. Throws when git cannot tell.
 */
export async function hasAllObjects(context: GitContext, commit: Oid, known: readonly Oid[]): Promise<boolean> {
  const args = ['rev-list', '--objects', '--quiet', commit, ...known.map(oid => `^${oid}`), '--'];
  const call = { cwd: context.home, args };
  const output = await context.git.run(call);
  // Killed or timed out says nothing about the objects.
  if (output.code === null || output.timedOut) throw gitFailure(call, output);
  return output.code === 0;
}
