import type { Oid } from '../../../domain/ids.ts';
import type { UserChange } from '../../../domain/user-work/changes.ts';
import { stdoutBytes } from '../calls/answers.ts';
import { withOwnIndex } from '../calls/own-index.ts';
import type { GitContext } from '../context.ts';
import { parseStatus, splitNul } from '../plumbing/parse.ts';
import { assertOid } from '../plumbing/refs.ts';
import { bytesOf, type RawPath, readablePath } from './user-files.ts';

/**
 * What has become of files that were not committed when `saved` was made of them: those that still are not, with other content (`changed`),
 * and those that are gone or as they were committed before (`lost`). What somebody has committed or staged since is neither. Null: all are
 * as they were. Throws where git cannot tell.
 */
export async function lostFiles(
  context: GitContext,
  tree: string,
  saved: Oid,
): Promise<Extract<UserChange, { readonly what: 'files' }> | null> {
  const entries = await differingFrom(context, tree, saved);
  if (entries.length === 0) return null;
  const kept = new Set([...(await committedBlobs(context, tree)), ...(await stagedBlobs(context, tree))]);
  const args = ['status', '--porcelain=v2', '-z', '--untracked-files=all', '--no-renames'];
  const { tracked, untracked } = parseStatus(await context.git.ask({ cwd: tree, args }, stdoutBytes));
  const now = new Set([...tracked, ...untracked]);
  const missing = await missingOf(context, tree, entries);
  const gone = entries.filter(({ path, oid }) => !kept.has(`${oid} ${path}`));
  const changed = gone.filter(({ path }) => now.has(path) && !missing.has(path)).map(({ path }) => path);
  const lost = gone.map(({ path }) => path).filter(path => !changed.includes(path));
  if (gone.length === 0) return null;
  return { what: 'files', path: tree, saved, lost: lost.map(readablePath), changed: changed.map(readablePath) };
}

interface Entry {
  readonly mode: string;
  readonly oid: Oid;
  readonly path: RawPath;
}

/** Files that the saved commit holds beyond its parent, and that are not in the tree as it holds them. */
async function differingFrom(context: GitContext, tree: string, saved: Oid): Promise<readonly Entry[]> {
  const range = [`${assertOid(saved)}^`, saved];
  const args = ['diff-tree', '-r', '-z', '--raw', '--no-renames', '--full-index', '--diff-filter=d', ...range, '--'];
  const fields = splitNul(await context.git.ask({ cwd: context.home, args }, stdoutBytes));
  const entries: Entry[] = [];
  for (let at = 0; at + 1 < fields.length; at += 2) {
    const [, mode = '', , oid = ''] = (fields[at] ?? '').split(' ');
    entries.push({ mode, oid, path: fields[at + 1] ?? '' });
  }
  const changed = new Set(await listedBy(context, tree, entries, ['--modified', '--deleted']));
  return entries.filter(({ path }) => changed.has(path));
}

async function missingOf(context: GitContext, tree: string, entries: readonly Entry[]): Promise<ReadonlySet<string>> {
  return new Set(await listedBy(context, tree, entries, ['--deleted']));
}

/** Asked of an index of these files alone, in which nothing says that one of them need not be read. */
async function listedBy(
  context: GitContext,
  tree: string,
  entries: readonly Entry[],
  which: readonly string[],
): Promise<readonly string[]> {
  if (entries.length === 0) return [];
  const input = bytesOf(entries.map(({ mode, oid, path }) => `${mode} ${oid}\t${path}\0`).join(''));
  return withOwnIndex(context, null, async env => {
    await context.git.text({ cwd: tree, args: ['update-index', '-z', '--index-info'], env, input });
    return splitNul(await context.git.ask({ cwd: tree, args: ['ls-files', ...which, '-z'], env }, stdoutBytes));
  });
}

/** `OID PATH` of everything that is committed there. */
async function committedBlobs(context: GitContext, tree: string): Promise<readonly string[]> {
  const text = await context.git.ask({ cwd: tree, args: ['ls-tree', '-r', '-z', 'HEAD'] }, stdoutBytes);
  return splitNul(text).map(line => line.replace(/^\S+ \S+ (\S+)\t/, '$1 '));
}

/** `OID PATH` of everything that is staged there. */
async function stagedBlobs(context: GitContext, tree: string): Promise<readonly string[]> {
  const text = await context.git.ask({ cwd: tree, args: ['ls-files', '--stage', '-z'] }, stdoutBytes);
  return splitNul(text).map(line => line.replace(/^\S+ (\S+) \S+\t/, '$1 '));
}
