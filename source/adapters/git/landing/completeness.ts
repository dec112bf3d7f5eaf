import type { Oid } from '../../../domain/ids.ts';
import type { GitContext } from '../context.ts';

/**
 * True where everything that a commit or tree of ours brings beyond `known` commits is in the repository. Somebody may collect garbage while no
 * ref names it yet, and a ref on a commit without its files would be worth nothing.
 */
export async function hasAllObjects(context: GitContext, commit: Oid, known: readonly Oid[]): Promise<boolean> {
  const args = ['rev-list', '--objects', '--quiet', commit, ...known.map(oid => `^${oid}`), '--'];
  const whole = (await context.git.run({ cwd: context.home, args })).code === 0;
  if (!whole) {
    // What was remembered of merges may name what is gone.
    context.merges.clear();
    context.changes.clear();
  }
  return whole;
}

const remembered = 8;

/** Begins to find out whether a commit that was just pinned is whole: by the time that somebody has to know, it often is known. */
export function beginProof(context: GitContext, commit: Oid, known: readonly Oid[]): void {
  const proof = hasAllObjects(context, commit, known).catch(() => false);
  context.proofs.set(commit, proof);
  const eldest = context.proofs.keys().next();
  if (context.proofs.size > remembered && eldest.done !== true) context.proofs.delete(eldest.value);
}

/** What was begun to be found out of a commit, once: later it would be an old answer. Undefined: nobody has begun. */
export function takeProof(context: GitContext, commit: Oid): Promise<boolean> | undefined {
  const proof = context.proofs.get(commit);
  context.proofs.delete(commit);
  return proof;
}
