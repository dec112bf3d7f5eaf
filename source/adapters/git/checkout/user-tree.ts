import type { GitContext } from '../context.ts';
import { parseStatus } from '../plumbing/parse.ts';
import { pins, stampOf } from '../plumbing/refs.ts';
import { checkedOutBranch } from '../plumbing/target.ts';
import { treesOfWork } from './save-work.ts';

/** The user's uncommitted tracked changes and the branch they have checked out. */
export interface UserLook {
  readonly dirty: readonly string[];
  readonly branch: string | null;
}

/** Looks at the user's tree (at `paths` alone, where some are given). Null without a main worktree or when git fails. */
export async function lookAtUserTree(context: GitContext, paths: readonly string[] = []): Promise<UserLook | null> {
  const tree = context.place.mainTree;
  if (tree === null) return null;
  const args = ['status', '--porcelain=v2', '-z', '--branch', '--untracked-files=no', '--no-renames', '--', ...paths];
  const text = await context.git.text({ cwd: tree, args }).catch(() => null);
  if (text === null) return null;
  const { tracked, branch } = parseStatus(text);
  return { dirty: tracked, branch };
}

/** The branch checked out in the main worktree; null when it is detached or there is none. */
export async function headOfMain(context: GitContext): Promise<string | null> {
  return context.place.mainTree === null ? null : checkedOutBranch(context);
}

/**
 * Where the user has uncommitted changes, keeps a copy of them under `refs/cm/backup/`; nothing of theirs is touched by it. Landing never
 * changes those files; this is for the case that we are wrong. The refs name trees, not commits: garbage collection keeps what they hold, and
 * `git log --all` shows nothing of them.
 */
export async function backUp(context: GitContext, tree: string): Promise<void> {
  const look = await lookAtUserTree(context);
  if (look !== null && look.dirty.length === 0) return;
  // Not by `git stash create`: killed, it leaves its locks in the user's git folder.
  const kept = await treesOfWork(context, tree);
  if (kept === null) return;
  const stamp = stampOf(Date.now());
  const updates = [`update ${pins.backup(stamp)} ${kept.files}`];
  if (kept.staged !== null && kept.staged !== kept.files)
    updates.push(`update ${pins.backup(`${stamp}-staged`)} ${kept.staged}`);
  const input = `${updates.join('\n')}\n`;
  await context.git.runLocked({ cwd: context.home, args: ['update-ref', '--stdin'], input, durable: true });
}
