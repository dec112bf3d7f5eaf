import type { Oid } from '../../domain/instance.ts';
import type { GitContext } from './context.ts';

/**
 * True where everything that a commit or tree of ours brings beyond `known` commits is in the repository. Somebody may collect garbage while no
 * ref names it yet, and a ref on a commit without its files would be worth nothing.
 */
export async function isWhole(context: GitContext, commit: Oid, known: readonly Oid[]): Promise<boolean> {
  const args = ['rev-list', '--objects', '--quiet', commit, ...known.map(oid => `^${oid}`), '--'];
  const whole = (await context.git.run({ cwd: context.home, args })).code === 0;
  if (!whole) {
    // What was remembered of merges may name what is gone.
    context.merges.clear();
    context.changes.clear();
  }
  return whole;
}
