import { existsSync, readdirSync, realpathSync } from 'node:fs';
import { basename, dirname, isAbsolute, join, resolve } from 'node:path';
import { readRegularText } from '../../regular-file.ts';
import type { GitContext } from '../context.ts';
import { removeBrokenRecords } from '../worktrees/broken-records.ts';
import { parseWorktrees, type WorktreeEntry } from './parse.ts';

/** What git is in the middle of in a worktree. */
export type Operation = 'merge' | 'rebase' | 'cherry-pick' | 'revert' | 'bisect';

const marks: readonly (readonly [string, Operation])[] = [
  ['MERGE_HEAD', 'merge'],
  ['rebase-merge', 'rebase'],
  ['rebase-apply', 'rebase'],
  ['CHERRY_PICK_HEAD', 'cherry-pick'],
  ['REVERT_HEAD', 'revert'],
  ['BISECT_START', 'bisect'],
];

/** Reads the git folder of a worktree: a merge without conflicts and without changes shows nowhere else. */
export function operationIn(gitDir: string): Operation | null {
  return marks.find(([file]) => existsSync(join(gitDir, file)))?.[1] ?? null;
}

export async function listWorktrees(context: GitContext): Promise<WorktreeEntry[]> {
  const call = { cwd: context.home, args: ['worktree', 'list', '--porcelain', '-z'] };
  const text = await context.git.text(call).catch(async () => {
    await removeBrokenRecords(context);
    return context.git.text(call);
  });
  return parseWorktrees(text);
}

/** The path as git lists it: links in it resolved, as far as it exists. */
export function listedPath(path: string): string {
  try {
    return join(realpathSync(dirname(path)), basename(path));
  } catch {
    return path;
  }
}

/** The git folder that a linked worktree names, if it is one of this repository; null for anything else. */
export function linkedGitDir(context: GitContext, worktreePath: string): string | null {
  let text: string;
  try {
    text = readRegularText(join(worktreePath, '.git')) ?? '';
  } catch {
    return null;
  }
  const named = /^gitdir: (.+)\n?$/.exec(text)?.[1];
  if (named === undefined) return null;
  const gitDir = isAbsolute(named) ? named : resolve(worktreePath, named);
  const ours = join(context.place.commonDir, 'worktrees');
  // An agent can write this file, so only a folder of cm-tui is accepted as the worktree's.
  return dirname(gitDir) === ours && existsSync(join(gitDir, 'HEAD')) && sharesOurs(context, gitDir) ? gitDir : null;
}

/** A worktree's folder names the repository that it belongs to; an agent can write that too. */
function sharesOurs({ place }: GitContext, gitDir: string): boolean {
  try {
    const shared = readRegularText(join(gitDir, 'commondir')) ?? '';
    return realpathSync(resolve(gitDir, shared.trim())) === place.commonDir;
  } catch {
    return false;
  }
}

/** Where a branch is in use. */
export interface Usage {
  /** Checked out in the user's main worktree. */
  readonly inMain: boolean;
  /** What the main worktree is in the middle of. */
  readonly mainOperation: Operation | null;
  /** Everything else that keeps the branch from being moved: one sentence and the path each. */
  readonly others: readonly { readonly path: string; readonly why: string }[];
}

/** Asks every worktree of the repository whether it uses `branch`: checked out, or to be put back after a rebase or bisect. */
export async function usageOf(context: GitContext, branch: string): Promise<Usage> {
  const { commonDir, mainTree, bare } = context.place;
  const admins = adminFolders(context);
  const others: { path: string; why: string }[] = [];
  const main = { gitDir: commonDir, path: mainTree ?? commonDir };
  const users = usersFromFiles(context, admins, branch) ?? (await usersFromGit(context, branch));
  for (const path of users.linked) others.push({ path, why: `it is checked out in ${path}` });
  const inMain = users.main && mainTree !== null;
  if (users.main && mainTree === null && !bare)
    others.push({ path: commonDir, why: 'it is checked out in the main worktree' });
  for (const { gitDir, path } of [main, ...admins]) {
    const operation = heldBy(gitDir, branch);
    if (operation !== null) others.push({ path, why: `a ${operation} of it is in progress in ${path}` });
  }
  return { inMain, mainOperation: operationIn(commonDir), others };
}

interface Users {
  readonly main: boolean;
  readonly linked: readonly string[];
}

/** From the HEAD files, which costs no start of git; null when one of them is not plain. */
function usersFromFiles(
  context: GitContext,
  admins: readonly { readonly gitDir: string; readonly path: string }[],
  branch: string,
): Users | null {
  const own = context.refFiles.head(context.place.commonDir);
  if (own === undefined) return null;
  const linked: string[] = [];
  for (const { gitDir, path } of admins) {
    const head = context.refFiles.head(gitDir);
    if (head === undefined && existsSync(join(gitDir, 'gitdir'))) return null;
    // A worktree whose folder is gone uses nothing, unless it is locked: then it may only be out of reach.
    if (head === branch && (existsSync(path) || existsSync(join(gitDir, 'locked')))) linked.push(path);
  }
  return { main: own === branch, linked };
}

async function usersFromGit(context: GitContext, branch: string): Promise<Users> {
  const [first, ...rest] = await listWorktrees(context);
  const uses = (entry: WorktreeEntry | undefined) => entry?.branchName === branch && !entry.bare;
  const linked = rest.filter(entry => uses(entry) && !(entry.prunable && entry.lockedReason === null));
  return { main: uses(first), linked: linked.map(entry => entry.path) };
}

/**
 * The git folders of the linked worktrees with the place each belongs to. Read at once, one after the other: they are tiny, there are a few
 * for each run, and a landing waits for them.
 */
export function adminFolders(context: GitContext): { gitDir: string; path: string }[] {
  const folder = join(context.place.commonDir, 'worktrees');
  return namesIn(folder).map(name => {
    const gitDir = join(folder, name);
    const path = (readText(join(gitDir, 'gitdir')) ?? gitDir).trim();
    return { gitDir, path: basename(path) === '.git' ? dirname(path) : path };
  });
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** Null: there is no such file. Undefined: it cannot be read. */
function readText(file: string): string | null | undefined {
  try {
    return readRegularText(file);
  } catch {
    return undefined;
  }
}

/** A rebase or bisect leaves HEAD detached and moves the branch when it ends: git would not list it as checked out. */
function heldBy(gitDir: string, branch: string): Operation | null {
  const ref = `refs/heads/${branch}`;
  const marked = (file: string, names: (line: string) => boolean) => {
    const text = readText(join(gitDir, file));
    // What cannot be read may well name it.
    return text === undefined || text?.split('\n').some(line => names(line.trim())) === true;
  };
  const isRef = (line: string) => line === ref;
  const rebase = ['rebase-merge/head-name', 'rebase-apply/head-name', 'rebase-merge/update-refs'];
  if (rebase.some(file => marked(file, isRef))) return 'rebase';
  return marked('BISECT_START', line => line === branch || isRef(line)) ? 'bisect' : null;
}
