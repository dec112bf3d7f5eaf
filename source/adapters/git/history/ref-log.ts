import { join } from 'node:path';
import type { Oid } from '../../../domain/ids.ts';
import { readRegularText } from '../../regular-file.ts';
import type { GitContext } from '../context.ts';
import { adminFolders, linkedGitDir, listedPath } from '../plumbing/branch-usage.ts';
import { splitNul } from '../plumbing/parse.ts';
import { branchRef, isOid } from '../plumbing/refs.ts';

/** A move of a ref, as its log tells it. */
export interface LogEntry {
  /** Null: the ref began here, or its old value was not logged. */
  readonly from: Oid | null;
  readonly to: Oid;
  /** Git's own words: `commit: …`, `merge main: Fast-forward`. */
  readonly why: string;
}

const mostBytes = 64 * 1024 * 1024;

/** Moves of a branch, oldest first; empty where it keeps no log. Throws where git cannot tell. */
export function branchLog(context: GitContext, branch: string): Promise<readonly LogEntry[]> {
  const ref = branchRef(branch);
  return readLog(context, join(context.place.commonDir, 'logs', ref), ref);
}

/** Moves of a worktree's HEAD, oldest first, which tell of each commit made there; empty where there is no such log. */
export async function headLog(context: GitContext, worktree: string): Promise<readonly LogEntry[]> {
  const path = listedPath(worktree);
  const gitDir = linkedGitDir(context, path) ?? adminFolders(context).find(one => one.path === path)?.gitDir;
  if (gitDir === undefined) return [];
  return readLog(context, join(gitDir, 'logs', 'HEAD'), `worktrees/${gitDir.slice(gitDir.lastIndexOf('/') + 1)}/HEAD`);
}

/** From the file that git keeps it in, or from git where it keeps it in another way. */
async function readLog(context: GitContext, file: string, ref: string): Promise<readonly LogEntry[]> {
  const text = readRegularText(file, { most: mostBytes });
  if (text !== null) return text.split('\n').flatMap(entryOf);
  if (context.refFiles.isPlain) return [];
  const args = ['log', '-g', '--format=%H%x00%gs', '-z', '--no-show-signature', '--no-patch', ref, '--'];
  const output = await context.git.ask({ cwd: context.home, args }, ({ code, stdout, stderr }) => {
    if (code === 0) return stdout.toString('utf8');
    return /unknown revision|bad revision/.test(stderr) ? '' : undefined;
  });
  const fields = splitNul(output);
  const entries: LogEntry[] = [];
  for (let at = 0; at + 1 < fields.length; at += 2) {
    entries.unshift({ from: null, to: fields[at] ?? '', why: fields[at + 1] ?? '' });
  }
  return entries;
}

/** `old new name <address> time zone<tab>why` */
function entryOf(line: string): LogEntry[] {
  const [from = '', to = ''] = line.split(' ', 2);
  if (!isOid(from) || !isOid(to) || /^0+$/.test(to)) return [];
  return [{ from: /^0+$/.test(from) ? null : from, to, why: line.slice(line.indexOf('\t') + 1) }];
}

/** A new commit was made, rather than an existing one taken: by `commit`, by each pick of a rebase, by a merge that is one. */
export function isCreation({ why }: LogEntry): boolean {
  if (/: fast-forward$/i.test(why)) return false;
  if (/^(commit|cherry-pick|revert|am)\b/.test(why) || why.startsWith('cm-tui: replay ')) return true;
  if (/^(rebase|pull)\b[^:]* \((pick|reword|edit|squash|fixup|continue|merge)\):/.test(why)) return true;
  return /^(merge|pull)\b.*: Merge made by /.test(why);
}
