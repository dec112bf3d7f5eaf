import { existsSync, lstatSync, mkdirSync, readdirSync, renameSync, rmdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Oid, RunId } from '../../../domain/ids.ts';
import type { CreateWorktreeResult } from '../../../ports/git.ts';
import { readRegularText, writeDurably } from '../../regular-file.ts';
import { type GitContext, privateFolder, readRefs } from '../context.ts';
import { linkedGitDir, listWorktrees } from '../plumbing/branch-usage.ts';
import type { WorktreeEntry } from '../plumbing/parse.ts';
import { parseStatus } from '../plumbing/parse.ts';
import { assertRunId, branchRef, isOid, isOwnBranch, lockReason } from '../plumbing/refs.ts';
import { gitHasLeft } from '../plumbing/running-git.ts';
import { removeBrokenRecord } from './broken-records.ts';
import { isWarm } from './warm-lock.ts';

/** What a run set out to make. Written only after it was seen that neither existed, so whatever is there later is ours. */
export interface Planned {
  readonly path: string;
  readonly branchName: string;
  readonly base: Oid;
}

/** The note that says so, in a file of its own per run; it is gone again when the worktree is made. */
export interface Intent {
  read(): Planned | null;
  write(planned: Planned): void;
  forget(): void;
}

export function intentOf(context: GitContext, runId: RunId): Intent {
  const folder = join(context.runtimeDir, 'creating');
  const file = join(folder, `${assertRunId(runId)}.json`);
  return {
    read() {
      try {
        return asPlanned(JSON.parse(readRegularText(file) ?? 'null'));
      } catch {
        return null;
      }
    },
    write(planned) {
      privateFolder(folder);
      writeDurably(file, JSON.stringify(planned));
    },
    forget() {
      rmSync(file, { force: true });
    },
  };
}

function asPlanned(value: unknown): Planned | null {
  if (typeof value !== 'object' || value === null) return null;
  const { path, branchName, base } = value as Partial<Record<keyof Planned, unknown>>;
  if (typeof path !== 'string' || typeof branchName !== 'string' || typeof base !== 'string') return null;
  return isOid(base) && isOwnBranch(branchName) ? { path, branchName, base } : null;
}

/**
 * Deals with what an interrupted `worktree add` of this run left behind. `finish` completes a worktree that is there, `remove`
 * takes it away, `branch` looks at the branch alone. Nothing that cannot be proven to be this run's is touched.
 */
export async function settleLeftover(
  context: GitContext,
  runId: RunId,
  planned: Planned,
  how: 'finish' | 'remove' | 'branch' = 'finish',
): Promise<'gone' | CreateWorktreeResult> {
  if (how !== 'branch') {
    if (!(await gitHasLeft(planned.path, 10_000)) && lstatSync(planned.path, { throwIfNoEntry: false }) !== undefined) {
      return { outcome: 'failed', message: `Git is still running in ${planned.path}; try again when it has finished.` };
    }
    removeBrokenRecord(context, runId);
    const entry = (await listWorktrees(context)).find(candidate => candidate.path === planned.path);
    const ours = entry !== undefined && isOurs(entry, runId, planned) ? entry : null;
    if (ours !== null) {
      if (how === 'finish' && (await finish(context, runId, planned, ours)))
        return { outcome: 'created', base: planned.base };
      if (ours.head !== null && ours.head !== planned.base) {
        return {
          outcome: 'failed',
          message: `${planned.path} already contains commits; check it, then retry the item.`,
        };
      }
      await removeHalfMade(context, planned);
    }
    if (entry === undefined || ours !== null) clearPlace(context, planned.path);
    removeBrokenRecord(context, runId);
  }
  const ref = branchRef(planned.branchName);
  const lock = join(context.place.commonDir, `${ref}.lock`);
  if (existsSync(lock) && (await gitHasLeft(context.home, 5000))) setAside(context, lock);
  const tip = (await readRefs(context, [ref])).get(ref)?.oid;
  if (tip === planned.base) await deleteBranch(context, ref, tip);
  return 'gone';
}

/**
 * Locked with our run in its reason. If git was interrupted it may have removed the lock, but the rest is as planned, or nothing exists yet
 * but the file that names the record (the path did not exist before).
 */
export function isOurs(entry: WorktreeEntry, runId: RunId, planned: Planned): boolean {
  // Moved there from the pool, and not made the run's own in time.
  if (isWarm(entry.lockedReason)) return true;
  if (entry.lockedReason !== null) return entry.lockedReason === lockReason(runId);
  if (entry.branchName === planned.branchName && entry.head === planned.base) return true;
  return entry.head === null && existsSync(join(planned.path, '.git')) && readdirSync(planned.path).length === 1;
}

async function deleteBranch(context: GitContext, ref: string, tip: Oid): Promise<void> {
  const list = await listWorktrees(context);
  if (list.some(entry => `refs/heads/${entry.branchName}` === ref)) return;
  await context.git.runLocked({ cwd: context.home, args: ['update-ref', '-d', ref, tip] });
}

/** The agent has never run in it: the checkout is completed by git itself. */
async function finish(context: GitContext, runId: RunId, planned: Planned, entry: WorktreeEntry): Promise<boolean> {
  const gitDir = linkedGitDir(context, planned.path);
  if (gitDir === null || entry.branchName !== planned.branchName || entry.head !== planned.base) return false;
  if (isWarm(entry.lockedReason)) return false;
  setAside(context, join(gitDir, 'index.lock'));
  if (entry.lockedReason === null) {
    const lock = ['worktree', 'lock', '--reason', lockReason(runId), '--', planned.path];
    if ((await context.git.run({ cwd: context.home, args: lock })).code !== 0) return false;
  }
  const call = { cwd: planned.path, args: ['status', '--porcelain=v2', '-z', '--branch', '--untracked-files=no'] };
  if (existsSync(join(gitDir, 'index'))) {
    const before = await context.git.run(call);
    if (before.code === 0 && parseStatus(before.stdout).tracked.length === 0) return true;
  }
  const reset = await context.git.run({ cwd: planned.path, args: ['reset', '-q', '--hard', planned.base] });
  if (reset.code !== 0) return false;
  const status = await context.git.run(call);
  return status.code === 0 && parseStatus(status.stdout).tracked.length === 0;
}

async function removeHalfMade(context: GitContext, planned: Planned): Promise<void> {
  const gitDir = linkedGitDir(context, planned.path);
  if (gitDir !== null) setAside(context, join(gitDir, 'index.lock'));
  const args = ['worktree', 'remove', '--force', '--force', '--', planned.path];
  // Git refuses if it was killed before the worktree was recognisable as one; the folder and its record are then removed below.
  await context.git.run({ cwd: context.home, args });
}

/** The folder did not exist before: what git had written there goes, anything more is kept in the rescue folder. */
function clearPlace(context: GitContext, path: string): void {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (stats?.isDirectory() !== true) return;
  if (readdirSync(path).every(name => name === '.git')) {
    rmSync(join(path, '.git'), { force: true });
    rmdirSync(path);
  } else setAside(context, path);
}

/** Moves a file or folder out of the way into our rescue folder, where it can be looked at; nothing happens if it is not there. */
export function setAside(context: GitContext, file: string): boolean {
  if (lstatSync(file, { throwIfNoEntry: false }) === undefined) return false;
  const folder = join(privateFolder(join(context.runtimeDir, 'rescue')), `${Date.now()}-${process.hrtime.bigint()}`);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  renameSync(file, join(folder, file.slice(file.lastIndexOf('/') + 1)));
  return true;
}

/**
 * Lock files that the git of a killed agent left in its worktree and on its branch are moved aside, so that they do not block whoever
 * continues there. The caller has stopped every process of the run; if another git works in the worktree, nothing is touched.
 */
export async function freeRunLocks(
  context: GitContext,
  { worktreePath, branchName }: { readonly worktreePath: string; readonly branchName: string },
): Promise<readonly string[]> {
  const gitDir = linkedGitDir(context, worktreePath);
  const own = gitDir === null ? [] : ['index.lock', 'HEAD.lock'].map(name => join(gitDir, name));
  const locks = [...own, join(context.place.commonDir, `${branchRef(branchName)}.lock`)].filter(file =>
    existsSync(file),
  );
  if (locks.length === 0 || !(await gitHasLeft(worktreePath, 2000))) return [];
  return locks.filter(file => setAside(context, file));
}
