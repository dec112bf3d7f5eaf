import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import type { Oid } from '../../../domain/ids.ts';
import type { SetupFiles } from '../../../domain/instance.ts';
import type { GitContext } from '../context.ts';
import { linkedGitDir } from '../plumbing/branch-usage.ts';
import { parseStatus, splitNul } from '../plumbing/parse.ts';

/** Files of a worktree that are kept in mind as the setup's; of more the rest counts as the agent's. */
const mostFiles = 500;

/**
 * What is uncommitted in a worktree, path (raw) → the blob that git would store for it, null where it was removed. Links, folders and names
 * with a line break are left out.
 */
export async function uncommittedFiles(context: GitContext, path: string): Promise<SetupFiles> {
  if (linkedGitDir(context, path) === null) return {};
  const args = ['status', '--porcelain=v2', '-z', '--untracked-files=all', '--no-renames'];
  const { tracked, untracked } = parseStatus(await context.git.text({ cwd: path, args }));
  return Object.fromEntries(await contentOf(context, path, [...tracked, ...untracked].slice(0, mostFiles)));
}

/** Those of the paths that stand in the worktree just as the setup left them. */
export async function asSetupLeft(
  context: GitContext,
  path: string,
  { paths, left }: { readonly paths: readonly string[]; readonly left: SetupFiles },
): Promise<ReadonlySet<string>> {
  const known = paths.filter(one => Object.hasOwn(left, one));
  if (known.length === 0) return new Set();
  const now = await contentOf(context, path, known);
  return new Set(known.filter(one => now.has(one) && now.get(one) === left[one]));
}

/** Those of the paths that a commit holds just as the setup left them. */
export async function committedAsSetup(
  context: GitContext,
  commit: Oid,
  { paths, left }: { readonly paths: readonly string[]; readonly left: SetupFiles },
): Promise<readonly string[]> {
  const known = paths.filter(path => Object.hasOwn(left, path));
  if (known.length === 0) return [];
  const text = await context.git.text({
    cwd: context.home,
    args: ['ls-tree', '-z', '--full-tree', commit, '--', ...known],
  });
  const held = new Map(
    splitNul(text).map(entry => {
      const [head = '', path = ''] = entry.split('\t');
      return [path, head.split(' ')[2] ?? ''] as const;
    }),
  );
  return known.filter(path => (held.get(path) ?? null) === left[path]);
}

async function contentOf(
  context: GitContext,
  tree: string,
  paths: readonly string[],
): Promise<ReadonlyMap<string, Oid | null>> {
  const found = new Map<string, Oid | null>();
  const files: string[] = [];
  for (const path of paths) {
    const stats = lstatSync(join(tree, path), { throwIfNoEntry: false });
    if (stats === undefined) found.set(path, null);
    else if (stats.isFile() && !/[\n"]/.test(path)) files.push(path);
  }
  if (files.length === 0) return found;
  const call = { cwd: tree, args: ['hash-object', '--stdin-paths'], input: `${files.join('\n')}\n` };
  const oids = (await context.git.text(call)).trimEnd().split('\n');
  for (const [at, path] of files.entries()) found.set(path, oids[at] ?? null);
  return found;
}
