import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import type { WorkSnapshot } from '../../../ports/work.ts';
import { GitFailure } from '../calls/answers.ts';
import { withOwnIndex } from '../calls/own-index.ts';
import type { GitContext } from '../context.ts';
import { linkedGitDir } from '../plumbing/branch-usage.ts';
import { parseStatus } from '../plumbing/parse.ts';
import { commitTree, scratchEnvironment } from './scratch-objects.ts';

/** New files beyond this many bytes in all are left out: only what is tracked is looked at then. */
const untrackedLimit = 64 * 1024 * 1024;

/**
 * Commits a worktree's uncommitted work through a separate index: its own index, files and refs are untouched. Null if it is not a worktree
 * of cm-tui, has no commit, or git cannot read it.
 */
export async function snapshotWork(context: GitContext, worktreePath: string): Promise<WorkSnapshot | null> {
  const gitDir = linkedGitDir(context, worktreePath);
  if (gitDir === null) return null;
  const args = ['status', '--porcelain=v2', '-z', '--branch', '--untracked-files=all', '--no-renames'];
  const text = await context.git.text({ cwd: worktreePath, args }).catch(() => null);
  const status = text === null ? null : parseStatus(text);
  if (status === null || status.oid === null) return null;
  const head = status.oid;
  if (status.tracked.length + status.untracked.length === 0) return { head, commit: head, paths: [] };
  return withOwnIndex(context, gitDir, async own => {
    const env = { ...own, ...scratchEnvironment(context) };
    const which = sizeOf(worktreePath, status.untracked) > untrackedLimit ? '--update' : '--all';
    const add = { cwd: worktreePath, args: ['add', which, '--ignore-errors', '--', '.'], env };
    // It ends with 1 and names a file that it cannot read; the rest is still worth a look.
    await context.git.ask(add, ({ code, stderr }) => code === 0 || (code === 1 && stderr !== '') || undefined);
    const tree = (await context.git.text({ cwd: worktreePath, args: ['write-tree'], env })).trim();
    const commit = await commitTree(context, tree, head, env);
    return { head, commit, paths: [...status.tracked, ...status.untracked] };
  }).catch((error: unknown) => {
    if (error instanceof GitFailure) return null;
    throw error;
  });
}

function sizeOf(folder: string, paths: readonly string[]): number {
  let size = 0;
  for (const path of paths) size += lstatSync(join(folder, path), { throwIfNoEntry: false })?.size ?? 0;
  return size;
}
