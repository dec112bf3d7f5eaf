import type { Oid } from '../../../domain/ids.ts';
import type { GitContext } from '../context.ts';
import { parseStatus } from '../plumbing/parse.ts';
import { pins, stampOf } from '../plumbing/refs.ts';
import { checkedOutBranch } from '../plumbing/target.ts';
import { stashCommit } from './save-work.ts';

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
 * Where the user has uncommitted changes, keeps a copy of them as a stash commit under `refs/cm/backup/`; nothing of theirs is
 * touched by it. Landing never changes those files; this is for the case that we are wrong.
 */
export async function backUp(context: GitContext, tree: string): Promise<Oid | null> {
  const look = await lookAtUserTree(context);
  if (look !== null && look.dirty.length === 0) return null;
  // Not by `git stash create`: killed, it leaves its locks in the user's git folder.
  const oid = await stashCommit(context, tree, 'cm-tui: before a landing');
  if (oid === null) return null;
  const pin = ['update-ref', pins.backup(stampOf(Date.now())), oid];
  await context.git.runLocked({ cwd: context.home, args: pin, durable: true });
  return oid;
}
