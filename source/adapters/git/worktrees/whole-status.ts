import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import { withOwnIndex } from '../calls/own-index.ts';
import type { GitContext } from '../context.ts';
import { isAsWritten } from '../landing/check-tree.ts';
import { parseStatus, type StatusReading } from '../plumbing/parse.ts';

/**
 * Everything that would be lost with a worktree: what differs from its commit by its own index, and what differs by an index that was made
 * for this question alone. Flags in the first make git pass over files, and what it claims to track need not be committed; the second knows
 * no flags and no times, so that git reads every file. Throws when git cannot tell.
 */
export async function readUnhidden(context: GitContext, path: string): Promise<StatusReading> {
  const ask = ['status', '--porcelain=v2', '-z', '--branch', '--no-renames'];
  const own = parseStatus(await context.git.text({ cwd: path, args: [...ask, '--untracked-files=no'] }));
  return withOwnIndex(context, null, async env => {
    await context.git.text({ cwd: path, args: ['read-tree', own.oid ?? '--empty'], env });
    const args = [...ask, '--untracked-files=all', '--ignored=matching'];
    const fresh = parseStatus(await context.git.text({ cwd: path, args, env }));
    const tracked = new Set(own.tracked);
    const hidden: string[] = [];
    for (const file of fresh.tracked) {
      // What is not there is not lost with the worktree: it may lie outside of a sparse set.
      if (tracked.has(file) || lstatSync(join(path, file), { throwIfNoEntry: false }) === undefined) continue;
      if (own.oid !== null && !(await isAsWritten(context, { path, commit: own.oid, file, env }))) hidden.push(file);
    }
    return {
      ...own,
      tracked: [...own.tracked, ...hidden],
      untracked: fresh.untracked.filter(file => !tracked.has(file)),
      ignored: fresh.ignored.filter(file => !tracked.has(file)),
    };
  });
}
