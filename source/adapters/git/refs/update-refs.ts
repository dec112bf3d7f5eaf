import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type GitCall, type GitOutput, heldLock } from '../calls/answers.ts';
import type { GitContext } from '../context.ts';
import { listWorktrees } from '../plumbing/branch-usage.ts';
import { gitHasLeft } from '../plumbing/running-git.ts';
import { setAside } from '../worktrees/interrupted-add.ts';
import { type DeletionNote, noteDeletion } from './deletion-notes.ts';

/**
 * Several refs in one transaction, on disk when it returns. Nobody else writes below `refs/cm/`: a lock that stands there while no git is
 * at work was left by one of ours that was killed, and is moved aside. So are the locks of a call that was itself killed. `log`: new refs
 * get a log of their own. A deletion that died together with its git may have left its locks too: they go where no git works in any worktree.
 */
export async function updateRefs(
  context: GitContext,
  updates: readonly string[],
  reason: string,
  { log = true }: { readonly log?: boolean } = {},
): Promise<GitOutput> {
  // A ref that somebody has made a symbolic ref to another one is not to move, or delete, that one.
  const own = updates.flatMap(update => ['option no-deref', update]);
  const input = ['start', ...own, 'prepare', 'commit', ''].join('\n');
  const args = ['update-ref', ...(log ? ['--create-reflog'] : []), '-m', reason, '--stdin'];
  const call = { cwd: context.home, args, input, durable: true };
  const note = updates.some(update => update.startsWith('delete ')) ? noteDeletion(context) : null;
  let succeeded = false;
  try {
    const output = await attempt(call, note);
    succeeded = output.code === 0;
    return output;
  } finally {
    await note?.end(succeeded);
  }

  async function attempt(deletion: GitCall, note: DeletionNote | null): Promise<GitOutput> {
    const startedAt = Date.now();
    const output = await context.git.runLocked(deletion);
    if (output.code === 0) return output;
    const locks = await locksInTheWay(output, startedAt, note);
    if (locks.length === 0 || !(await gitHasLeft(context.home, 5000))) return output;
    const freed = locks.filter(lock => setAside(context, lock));
    return freed.length === 0 ? output : context.git.runLocked(deletion);
  }

  async function locksInTheWay(
    output: GitOutput,
    startedAt: number,
    note: DeletionNote | null,
  ): Promise<readonly string[]> {
    if (output.code === null) return locksOf(context, updates, startedAt);
    const held = heldLock(output) ?? '';
    if (isInCm(held)) return [held];
    const leftSince = (await note?.leftSince()) ?? null;
    if (leftSince === null) return [];
    const left = locksOf(context, updates, leftSince);
    return left.includes(held) && (await gitHasLeftAll(context)) ? left : [];
  }

  function isInCm(lock: string): boolean {
    return lock.startsWith(join(context.place.commonDir, 'refs', 'cm', '/'));
  }
}

/** Locks that a git of ours left when it was killed in a transaction: of its refs, made while it ran. */
function locksOf({ place }: GitContext, updates: readonly string[], startedAt: number): readonly string[] {
  const refs = updates.map(update => update.split(' ')[1] ?? '').filter(ref => ref.startsWith('refs/'));
  return ['packed-refs', 'HEAD', ...refs]
    .map(name => join(place.commonDir, `${name}.lock`))
    .filter(lock => {
      const stats = statSync(lock, { throwIfNoEntry: false });
      // File systems round times.
      return stats !== undefined && stats.mtimeMs >= startedAt - 1000;
    });
}

async function gitHasLeftAll(context: GitContext): Promise<boolean> {
  for (const { path } of await listWorktrees(context)) {
    if (existsSync(path) && !(await gitHasLeft(path, 2000))) return false;
  }
  return true;
}
