import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import type { Oid } from '../../../domain/ids.ts';
import type { UserChange } from '../../../domain/user-work/changes.ts';
import { branchOfEntry, type RunNames, type StashEntry } from '../../../domain/user-work/look.ts';
import type { GitContext } from '../context.ts';
import { parseRaw, parseStatus, splitNul } from '../plumbing/parse.ts';
import { missingAmong } from '../plumbing/read-blobs.ts';

/** Content of files: path → blob; null where the file is deleted. */
type Contents = ReadonlyMap<string, Oid | null>;

interface Around {
  /** What the run's branch brings: from its base to its head. Null: it is not known. */
  readonly base: Oid | null;
  readonly head: Oid | null;
  /** Worktrees of the user's → what was uncommitted in them before the run. */
  readonly trees: Readonly<Record<string, readonly string[]>>;
  readonly runs: RunNames;
}

/** What became of an entry that is no longer in the stash: is its content on the run's branch, or in a worktree of the user's? */
export async function lostEntry(context: GitContext, entry: StashEntry, around: Around): Promise<UserChange> {
  const content = await contentOf(context, entry.oid);
  const ofRun = around.runs.branches.has(branchOfEntry(entry) ?? '');
  const lost = { what: 'stash-lost', ...entry, ofRun } as const;
  if (content === null || content.size === 0) return { ...lost, foundIn: [], alsoIn: [], appliedIn: null };
  const { foundIn, alsoIn } = await onBranch(context, content, around);
  const appliedIn = foundIn.length > 0 ? null : await appliedTo(context, content, around.trees);
  return { ...lost, foundIn, alsoIn, appliedIn };
}

/**
 * What an entry holds beyond the commit that it was made on: tracked changes, and untracked files (its third parent). Null: it is no
 * longer there. Throws where git cannot tell.
 */
async function contentOf(context: GitContext, oid: Oid): Promise<Contents | null> {
  if ((await missingAmong(context, [oid])).length > 0) return null;
  const parents = { cwd: context.home, args: ['rev-list', '--parents', '-1', oid, '--'] };
  const [, first, , third] = (await context.git.text(parents)).trim().split(' ');
  if (first === undefined) return null;
  const changed = await changes(context, first, oid);
  if (third === undefined) return changed;
  const args = ['ls-tree', '-r', '-z', '--full-tree', third, '--'];
  const untracked = parseTree(await context.git.text({ cwd: context.home, args }));
  return new Map([...changed, ...untracked]);
}

/** Files of the run's branch that hold the very content of the entry, and those that it changes too but otherwise. */
async function onBranch(
  context: GitContext,
  content: Contents,
  { base, head }: Pick<Around, 'base' | 'head'>,
): Promise<{ readonly foundIn: readonly string[]; readonly alsoIn: readonly string[] }> {
  if (base === null || head === null || base === head) return { foundIn: [], alsoIn: [] };
  const brought = await changes(context, base, head);
  const blobs = new Set([...content.values()].filter(blob => blob !== null && !emptyBlobs.has(blob)));
  const foundIn = [...brought].flatMap(([path, blob]) =>
    blob !== null && (blobs.has(blob) || content.get(path) === blob) ? [path] : [],
  );
  return { foundIn, alsoIn: [...brought.keys()].filter(path => content.has(path) && !foundIn.includes(path)) };
}

/** An empty file says nothing of where it comes from. */
const emptyBlobs: ReadonlySet<Oid> = new Set([
  'e69de29bb2d1d6434b8b29ae775ad8c2e48c5391',
  '473a0f4c3be8a93681a267e3b1e9a7dcda1185436fe141f7749120a303721813',
]);

async function changes(context: GitContext, from: string, to: string): Promise<Contents> {
  const args = ['diff-tree', '-r', '-z', '--raw', '--no-renames', '--full-index', '--no-abbrev', from, to, '--'];
  const { changes: found } = parseRaw(await context.git.text({ cwd: context.home, args }));
  return new Map(found.map(({ path, change, newOid }) => [path, change === 'D' ? null : newOid]));
}

function parseTree(output: string): readonly (readonly [string, Oid])[] {
  return splitNul(output).flatMap(line => {
    const [, oid = '', path = ''] = /^\d+ \w+ ([0-9a-f]+)\t([\s\S]*)$/.exec(line) ?? [];
    return path === '' ? [] : [[path, oid] as const];
  });
}

/** A worktree of the user's where it was popped. */
async function appliedTo(context: GitContext, content: Contents, trees: Around['trees']): Promise<string | null> {
  for (const [tree, before] of Object.entries(trees)) if (await holds(context, tree, content, before)) return tree;
  return null;
}

/**
 * Every file of the entry is there with its content, committed since or not; or it has been edited further, as something that was not
 * uncommitted there before.
 */
async function holds(
  context: GitContext,
  tree: string,
  content: Contents,
  before: readonly string[],
): Promise<boolean> {
  const files = [...content].flatMap(([path, blob]) => (blob === null ? [] : [{ path, blob }]));
  if (files.length === 0 || !files.every(({ path }) => isReadable(tree, path))) return false;
  // Filters (line ends, LFS) make of a file what would be committed.
  const input = `${files.map(({ path }) => path).join('\n')}\n`;
  const hashes = await context.git.text({ cwd: tree, args: ['hash-object', '--stdin-paths'], input }).catch(() => null);
  if (hashes === null) return false;
  const found = hashes.trimEnd().split('\n');
  const others = files.filter(({ blob }, at) => found[at] !== blob).map(({ path }) => path);
  if (others.length === 0) return true;
  if (others.some(path => before.includes(path))) return false;
  const args = ['status', '--porcelain=v2', '-z', '--untracked-files=all', '--no-renames', '--', ...others];
  const status = parseStatus(await context.git.text({ cwd: tree, args }));
  const now = new Set([...status.tracked, ...status.untracked]);
  return others.every(path => now.has(path));
}

/** Git would wait for ever for the other end of a pipe, and takes a line break for the next path. */
function isReadable(tree: string, path: string): boolean {
  return !path.includes('\n') && lstatSync(join(tree, path), { throwIfNoEntry: false })?.isFile() === true;
}
