import { existsSync, lstatSync, readdirSync, realpathSync } from 'node:fs';
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

/**
 * As `listWorktrees`. Where there is no folder for linked worktrees, the main one is the only one: its files say what it is, without a start
 * of git.
 */
export async function observeWorktrees(context: GitContext): Promise<WorktreeEntry[]> {
  const { commonDir, mainTree, bare } = context.place;
  const hasLinked = lstatSync(join(commonDir, 'worktrees'), { throwIfNoEntry: false }) !== undefined;
  const branchName = context.refFiles.head(commonDir);
  const isPlain = !bare && mainTree !== null && commonDir === join(mainTree, '.git');
  if (hasLinked || !isPlain || typeof branchName !== 'string') return listWorktrees(context);
  const head = context.refFiles.read(`refs/heads/${branchName}`);
  if (head === undefined) return listWorktrees(context);
  return [{ path: mainTree, branchName, head, lockedReason: null, prunable: false, bare: false }];
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
  const named = /^gitdir: ([\s\S]+?)\n?$/.exec(text)?.[1];
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

/** A linked worktree: its folder, and where git keeps its HEAD and index. */
export interface LinkedWorktree {
  readonly gitDir: string;
  readonly path: string;
}

/** Where a branch is in use. */
export interface Usage {
  /** Checked out in the main worktree, wherever that is. */
  readonly inMain: boolean;
  /** Linked worktrees that have it checked out; one whose folder is gone counts only while it is locked. */
  readonly linked: readonly LinkedWorktree[];
  /** Operations that put it back when they end: one sentence and the path each. */
  readonly held: readonly { readonly path: string; readonly why: string }[];
}

/** Asks every worktree of the repository whether it uses `branch`: checked out, or to be put back after a rebase or bisect. */
export async function usageOf(context: GitContext, branch: string): Promise<Usage> {
  const { commonDir, root } = context.place;
  const admins = adminFolders(context);
  const users = usersFromFiles(context, admins, branch) ?? (await usersFromGit(context, admins, branch));
  const held: { path: string; why: string }[] = [];
  for (const { gitDir, path } of [{ gitDir: commonDir, path: root }, ...admins]) {
    const operation = heldBy(gitDir, branch);
    if (operation !== null) held.push({ path, why: `a ${operation} of it is in progress in ${path}` });
  }
  return { ...users, held };
}

type Users = Pick<Usage, 'inMain' | 'linked'>;

/** From the HEAD files, which costs no start of git; null when one of them is not plain. */
function usersFromFiles(context: GitContext, admins: readonly LinkedWorktree[], branch: string): Users | null {
  const own = context.refFiles.head(context.place.commonDir);
  if (own === undefined) return null;
  const linked: LinkedWorktree[] = [];
  for (const admin of admins) {
    const head = context.refFiles.head(admin.gitDir);
    if (head === undefined && existsSync(join(admin.gitDir, 'gitdir'))) return null;
    // A worktree whose folder is gone uses nothing, unless it is locked: then it may only be out of reach.
    if (head === branch && (existsSync(admin.path) || existsSync(join(admin.gitDir, 'locked')))) linked.push(admin);
  }
  return { inMain: own === branch && !context.place.bare, linked };
}

async function usersFromGit(context: GitContext, admins: readonly LinkedWorktree[], branch: string): Promise<Users> {
  const [first, ...rest] = await listWorktrees(context);
  const uses = (entry: WorktreeEntry | undefined) => entry?.branchName === branch && !entry.bare;
  const paths = rest
    .filter(entry => uses(entry) && !(entry.prunable && entry.lockedReason === null))
    .map(entry => entry.path);
  const linked = paths.map(path => admins.find(admin => admin.path === path) ?? { gitDir: '', path });
  return { inMain: uses(first), linked };
}

/**
 * The git folders of the linked worktrees with the place each belongs to. Read at once, one after the other: they are tiny, there are a few
 * for each run, and a landing waits for them.
 */
export function adminFolders(context: GitContext): LinkedWorktree[] {
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
