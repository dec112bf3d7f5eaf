import { copyFileSync, lstatSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Oid } from '../../../domain/ids.ts';
import type { WorkSnapshot } from '../../../ports/work.ts';
import { type GitContext, privateFolder } from '../context.ts';
import { linkedGitDir } from '../plumbing/branch-usage.ts';
import { parseStatus } from '../plumbing/parse.ts';
import { assertOid } from '../plumbing/refs.ts';
import { scratchEnvironment } from './scratch-objects.ts';

/** New files beyond this many bytes in all are left out: only what is tracked is looked at then. */
const untrackedLimit = 64 * 1024 * 1024;

/** Unchanged work is the same commit every time, so that merges of it are remembered. */
const fixedDate = '@0 +0000';

/**
 * Commits a worktree's uncommitted work through an index of our own: neither its index nor its files nor its refs are touched.
 * Null when it is no worktree of ours, has no commit, or git cannot tell.
 */
export async function snapshotWork(context: GitContext, worktreePath: string): Promise<WorkSnapshot | null> {
  const gitDir = linkedGitDir(context, worktreePath);
  if (gitDir === null) return null;
  const args = ['status', '--porcelain=v2', '-z', '--branch', '--untracked-files=all', '--no-renames'];
  const output = await context.git.run({ cwd: worktreePath, args });
  const status = parseStatus(output.stdout);
  if (output.code !== 0 || status.oid === null) return null;
  const head = status.oid;
  if (status.tracked.length + status.untracked.length === 0) return { head, commit: head, paths: [] };
  const index = join(privateFolder(join(context.runtimeDir, 'tmp')), `index-${process.pid}-${process.hrtime.bigint()}`);
  try {
    // A copy keeps the time stamps that git knows, so that only what has changed is read.
    if (lstatSync(join(gitDir, 'index'), { throwIfNoEntry: false })?.isFile() === true)
      copyFileSync(join(gitDir, 'index'), index);
    const env = { GIT_INDEX_FILE: index, ...scratchEnvironment(context) };
    const which = sizeOf(worktreePath, status.untracked) > untrackedLimit ? '--update' : '--all';
    const added = await context.git.run({ cwd: worktreePath, args: ['add', which, '--ignore-errors', '--', '.'], env });
    const tree = await context.git.run({ cwd: worktreePath, args: ['write-tree'], env });
    // `add` ends with 1 for a file it cannot read; the rest is still worth a look.
    if ((added.code ?? 2) > 1 || tree.code !== 0) return null;
    const name = tree.stdout.toString('utf8').trim();
    const commit = await commitWork(context, name, head, env);
    return commit === null ? null : { head, commit, paths: [...status.tracked, ...status.untracked] };
  } finally {
    rmSync(index, { force: true });
    rmSync(`${index}.lock`, { force: true });
  }
}

async function commitWork(
  context: GitContext,
  tree: Oid,
  head: Oid,
  env: Readonly<Record<string, string>>,
): Promise<Oid | null> {
  const output = await context.git.run({
    cwd: context.home,
    args: ['commit-tree', assertOid(tree), '-p', head, '-F', '-'],
    input: 'Work in progress\n',
    env: { ...env, GIT_AUTHOR_DATE: fixedDate, GIT_COMMITTER_DATE: fixedDate },
  });
  return output.code === 0 ? output.stdout.toString('utf8').trim() : null;
}

function sizeOf(folder: string, paths: readonly string[]): number {
  let size = 0;
  for (const path of paths) size += lstatSync(join(folder, path), { throwIfNoEntry: false })?.size ?? 0;
  return size;
}
