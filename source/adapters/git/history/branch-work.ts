import type { Oid } from '../../../domain/ids.ts';
import type { ChangedFile } from '../../../domain/instance.ts';
import type { BranchFacts } from '../../../ports/git.ts';
import type { GitContext } from '../context.ts';
import { parseChanges, type RawChange, splitNul } from '../plumbing/parse.ts';
import { readBlobs } from '../plumbing/read-blobs.ts';
import { broughtCommits, countOwn, nameCommits, ownOnTarget, type RunBranch } from './brought-commits.ts';

/** What a branch holds of its run's own. */
export type BranchWork = Pick<
  BranchFacts,
  'commits' | 'files' | 'escapingLinks' | 'base' | 'sameAsTarget' | 'returning'
>;

export const noWork: BranchWork = { commits: 0, files: [], escapingLinks: [] };

/**
 * The run's own commits and files of a branch. What came to it from the target, by whatever means, is not its work. Neither are commits
 * that were removed from the target since; those are listed separately.
 */
export async function workOf(context: GitContext, branch: RunBranch, tip: Oid | undefined): Promise<BranchWork> {
  const { head, base } = branch;
  const target = tip ?? base;
  if (target === null || head === base) return noWork;
  const { own, returning } = await broughtCommits(context, branch, target);
  if (own.length + returning.length === 0) return landedWork(context, branch);
  const from = returning[0] ?? (await forkOf(context, target, head));
  const [changes, same] = await Promise.all([
    changesBetween(context, from, head),
    from === target ? null : differing(context, target, head),
  ]);
  const isNew = ({ path }: { readonly path: string }) => same === null || same.has(path);
  const taken = changes.files.filter(file => !isNew(file)).map(({ path }) => path);
  const files = changes.files.filter(isNew);
  return {
    commits: await countOwn(context, { branch, tip: target, own, withMerges: files.length > 0 }),
    files,
    escapingLinks: await escapingLinks(context, changes.raw.filter(isNew)),
    ...(from === base ? {} : { base: from }),
    ...(taken.length === 0 ? {} : { sameAsTarget: taken }),
    ...(returning.length === 0 ? {} : { returning: await nameCommits(context, returning) }),
  };
}

/** All of it is on the target: merged there by somebody, as far as it is the run's own. */
async function landedWork(context: GitContext, branch: RunBranch): Promise<BranchWork> {
  const own = await ownOnTarget(context, branch);
  if (own.length === 0 || branch.base === null) return noWork;
  const [{ files, raw }, touched] = await Promise.all([
    changesBetween(context, branch.base, branch.head),
    pathsOf(context, own),
  ]);
  const isOwn = ({ path }: { readonly path: string }) => touched.has(path);
  return {
    commits: own.length,
    files: files.filter(isOwn),
    escapingLinks: await escapingLinks(context, raw.filter(isOwn)),
  };
}

/** Where the branch left the target, or was last brought up to it. */
async function forkOf(context: GitContext, target: Oid, head: Oid): Promise<Oid> {
  return (await context.git.text({ cwd: context.home, args: ['merge-base', target, head] })).trim();
}

const plain = [
  '--no-renames',
  '--no-ext-diff',
  '--no-textconv',
  '--no-color',
  '--ignore-submodules=none',
  '--full-index',
] as const;

async function changesBetween(
  context: GitContext,
  from: Oid,
  to: Oid,
): Promise<{ readonly files: readonly ChangedFile[]; readonly raw: readonly RawChange[] }> {
  const args = ['diff', '--raw', '--numstat', '-z', ...plain, from, to, '--'];
  const { files, changes } = parseChanges(await context.git.text({ cwd: context.home, args }));
  return { files, raw: changes };
}

/** Paths that are not the same in two commits. */
async function differing(context: GitContext, one: Oid, other: Oid): Promise<ReadonlySet<string>> {
  const args = ['diff', '--name-only', '-z', ...plain, one, other, '--'];
  return new Set(splitNul(await context.git.text({ cwd: context.home, args })));
}

/** Paths that commits change, each beside its first parent. */
async function pathsOf(context: GitContext, commits: readonly Oid[]): Promise<ReadonlySet<string>> {
  const args = ['diff-tree', '-r', '-m', '--first-parent', '--root', '--no-commit-id', '--name-only', '-z', '--stdin'];
  const input = `${commits.join('\n')}\n`;
  return new Set(splitNul(await context.git.text({ cwd: context.home, args, input })));
}

const linkMode = '120000';

async function escapingLinks(context: GitContext, changes: readonly RawChange[]): Promise<string[]> {
  const links = changes.filter(change => change.newMode === linkMode);
  if (links.length === 0) return [];
  const blobs = await readBlobs(
    context,
    links.map(link => link.newOid),
  );
  return links
    .filter((_, at) => leavesRepository(links[at]?.path ?? '', blobs[at]?.toString('utf8') ?? '/'))
    .map(link => link.path);
}

/**
 * Does a link leave the work tree, or lead into the repository's own folder? Climbing after a name (`a/../..`) counts as leaving,
 * since `a` may be a link itself.
 */
export function leavesRepository(path: string, target: string): boolean {
  if (target.startsWith('/') || target.startsWith('\\') || /^[A-Za-z]:/.test(target) || target.includes('\0'))
    return true;
  let depth = path.split('/').length - 1;
  let descended = false;
  for (const part of target.split('/')) {
    if (part === '' || part === '.') continue;
    if (part === '..') {
      if (descended || depth === 0) return true;
      depth--;
      continue;
    }
    if (depth === 0 && part.toLowerCase() === '.git') return true;
    descended = true;
    depth++;
  }
  return false;
}
