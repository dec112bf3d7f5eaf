import { constants, lstatSync, mkdirSync, readlinkSync, realpathSync, symlinkSync } from 'node:fs';
import { copyFile } from 'node:fs/promises';
import { dirname, join, sep } from 'node:path';
import { messageOf } from '../../../domain/errors.ts';
import { withoutFullStop } from '../../../domain/text/clause.ts';
import { sanitizeLine } from '../../../domain/text/sanitize.ts';
import type { GitContext } from '../context.ts';
import { leavesRepository } from '../history/branch-work.ts';
import { linkedGitDir } from '../plumbing/branch-usage.ts';
import { userTree } from '../plumbing/locate.ts';
import { splitNul } from '../plumbing/parse.ts';

/**
 * Brings ignored files of the main worktree into a new one. A pattern is relative, without `..`; it may hold git's wildcards or name a
 * folder. Only files that git ignores are copied, links only where they stay inside; nothing is overwritten.
 */
export async function copyFiles(
  context: GitContext,
  worktreePath: string,
  patterns: readonly string[],
): Promise<string[]> {
  const remarks: string[] = [];
  const source = userTree(context.place);
  if (patterns.length === 0) return remarks;
  if (source === null) return ['There is no checkout to copy files from.'];
  if (linkedGitDir(context, worktreePath) === null)
    return [`${sanitizeLine(worktreePath, 300)} is not a worktree to copy files to.`];
  for (const pattern of patterns) {
    const shown = sanitizeLine(pattern, 200);
    if (!isRelative(pattern)) {
      remarks.push(`${shown} is not copied: write it relative to the repository, without "..".`);
      continue;
    }
    const listed = await listIgnored(context, source, pattern);
    if (typeof listed === 'string') remarks.push(`${shown} is not copied: ${listed}.`);
    else if (listed.length === 0) remarks.push(`${shown} is not copied: there is no ignored file of that name.`);
    else for (const path of listed) remarks.push(...(await copyOne(source, worktreePath, path)));
  }
  return remarks;
}

function isRelative(pattern: string): boolean {
  if (pattern === '' || pattern.startsWith('/') || pattern.startsWith(':') || /[\0\n\\]/.test(pattern)) return false;
  const parts = pattern.split('/');
  return !parts.includes('..') && parts[0]?.toLowerCase() !== '.git';
}

async function listIgnored(context: GitContext, source: string, pattern: string): Promise<string[] | string> {
  const args = ['ls-files', '-z', '--others', '--ignored', '--exclude-standard', '--', `:(top,glob)${pattern}`];
  const failed = (error: unknown) => withoutFullStop(messageOf(error));
  return context.git.text({ cwd: source, args, globs: true }).then(splitNul, failed);
}

async function copyOne(source: string, worktreePath: string, path: string): Promise<string[]> {
  const refuse = (why: string) => [`${sanitizeLine(path, 200)} is not copied: ${why}.`];
  const from = join(source, path);
  const to = join(worktreePath, path);
  try {
    if (!holds(source, realpathSync(dirname(from))))
      return refuse('its folder is a link that leads out of the repository');
    const stats = lstatSync(from);
    if (!holds(realpathSync(worktreePath), realpathSync(existingFolder(dirname(to))))) {
      return refuse('its folder in the worktree is a link that leads out');
    }
    mkdirSync(dirname(to), { recursive: true });
    if (lstatSync(to, { throwIfNoEntry: false }) !== undefined) return refuse('the worktree has a file of that name');
    if (stats.isSymbolicLink()) {
      const target = readlinkSync(from);
      if (leavesRepository(path, target)) return refuse('it is a link that leads out of the repository');
      symlinkSync(target, to);
      return [];
    }
    if (!stats.isFile()) return refuse('it is not a regular file');
    await copyFile(from, to, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
    return [];
  } catch (error) {
    return refuse(error instanceof Error ? sanitizeLine(error.message, 200) : 'it cannot be read');
  }
}

/** The nearest folder above (or at) `folder` that is there: what is made below it cannot lead anywhere else. */
function existingFolder(folder: string): string {
  let at = folder;
  while (lstatSync(at, { throwIfNoEntry: false }) === undefined) at = dirname(at);
  return at;
}

function holds(folder: string, path: string): boolean {
  return path === folder || path.startsWith(`${folder}${sep}`);
}
