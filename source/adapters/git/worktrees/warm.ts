import { existsSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Oid } from '../../../domain/ids.ts';
import type { WarmRequest } from '../../../ports/work.ts';
import { readRegularText, writeDurably } from '../../regular-file.ts';
import { type GitContext, privateFolder, readRefs } from '../context.ts';
import { isTreeOf } from '../landing/check-tree.ts';
import { adminFolders, type LinkedWorktree, listedPath } from '../plumbing/branch-usage.ts';
import { branchRef, isOid, lockReason } from '../plumbing/refs.ts';
import { lockOf } from '../target/holder.ts';
import type { Planned } from './interrupted-add.ts';
import { realPlace } from './place.ts';
import { warm, warming } from './warm-lock.ts';
import { isAsSealed, isSealed, seal, unseal } from './warm-seal.ts';
import { readUnhidden } from './whole-status.ts';

/**
 * Keeps worktrees ready that no run has yet, at the tip of the target, in a private folder beside where those of runs lie; what is half made, or
 * beyond the number, is removed. One at a time; each is read back in full before it counts. Only fresh ones: a worktree that an agent has used is
 * never given to another.
 */
export async function keepWarm(context: GitContext, request: WarmRequest): Promise<void> {
  const { count, folder, target } = request;
  const there = ours(context);
  const ready = there.filter(one => isReady(context, one) && dirname(one.path) === listedPath(folder));
  const spare = new Set(ready.slice(0, count).map(({ gitDir }) => gitDir));
  for (const one of there) if (!spare.has(one.gitDir)) await remove(context, one);
  for (let made = spare.size; made < count && request.mayGoOn(); made++) {
    const base = (await readRefs(context, [branchRef(target)])).get(branchRef(target))?.oid;
    if (base === undefined || !(await make(context, folder, base))) return;
  }
}

/** Those of the pool, ready or not. */
function ours(context: GitContext): readonly LinkedWorktree[] {
  return adminFolders(context).filter(({ gitDir }) => [warm, warming].includes(lockOf(gitDir) ?? ''));
}

function isReady(context: GitContext, worktree: LinkedWorktree): boolean {
  return lockOf(worktree.gitDir) === warm && isSealed(context, worktree);
}

async function make(context: GitContext, folder: string, base: Oid): Promise<boolean> {
  const place = await realPlace(context, join(folder, `${process.pid}-${process.hrtime.bigint()}`));
  if ('problem' in place) return false;
  const { path } = place;
  privateFolder(dirname(path));
  const how = ['--no-checkout', '--detach', '--lock', '--reason', warming];
  const add = { cwd: context.home, args: ['worktree', 'add', ...how, '--', path, base], durable: true };
  if ((await context.exclusive(() => context.git.runLocked(add))).code !== 0) return false;
  const admin = adminFolders(context).find(one => one.path === path);
  if (admin === undefined) return false;
  const args = ['reset', '--quiet', '--hard', '--no-recurse-submodules', base];
  const call = { cwd: path, args, config: ['checkout.workers=0'], durable: true, isLong: true };
  const output = await context.checkOuts(() => context.git.run(call));
  if (output.code !== 0 || !(await isTreeOf(context, admin, base))) return false;
  seal(context, admin);
  writeDurably(join(admin.gitDir, 'locked'), `${warm}\n`);
  return true;
}

async function remove(context: GitContext, worktree: LinkedWorktree): Promise<void> {
  const { path, gitDir } = worktree;
  const isTouched = lockOf(gitDir) === warm && existsSync(path) && !(await isUntouched(context, path));
  return context.exclusive(async () => {
    // A run may have taken it meanwhile.
    if (![warm, warming].includes(lockOf(gitDir) ?? '')) return;
    unseal(context, worktree);
    // Somebody has worked in it: it is theirs, and none of the pool any more.
    if (isTouched) return rmSync(join(gitDir, 'locked'), { force: true });
    const args = ['worktree', 'remove', '--force', '--force', '--', path];
    const { code } = await context.git.runLocked({ cwd: context.home, args });
    if (code !== 0 && !existsSync(path)) rmSync(gitDir, { recursive: true, force: true });
  });
}

/**
 * Gives a run one of them, moved to its place and on its branch. Called with everything excluded that changes worktrees, and after the note of
 * what is planned: what is cut off half-way is removed as any worktree that was not finished. `checkout`: its files are those of an earlier tip.
 * Each is checked when it is taken; one in which anything has changed since it was made is passed over. Null: there is none. Throws
 * where it cannot be completed.
 */
export async function takeWarm(
  context: GitContext,
  runId: string,
  { path, branchName, base }: Planned,
): Promise<{ readonly checkout: boolean } | null> {
  const ready = ours(context).filter(one => isReady(context, one) && existsSync(join(one.path, '.git')));
  const heads = new Map(ready.map(one => [one, headOf(one)]));
  const rank = (each: LinkedWorktree) => (heads.get(each) === base ? 0 : 1);
  const inOrder = ready.filter(each => heads.get(each) !== null).sort((a, b) => rank(a) - rank(b));
  const one = await firstIntact(context, inOrder);
  if (one === null) return null;
  const must = (cwd: string, args: readonly string[]) => context.git.text({ cwd, args });
  const moved = await context.git.runLocked({
    cwd: context.home,
    args: ['worktree', 'move', '--force', '--force', '--', one.path, path],
    durable: true,
  });
  // On another disk, for example: then it stays where it is, and a new one is made.
  if (moved.code !== 0) return null;
  await must(context.home, ['update-ref', branchRef(branchName), base, '0'.repeat(base.length)]);
  await must(path, ['symbolic-ref', 'HEAD', branchRef(branchName)]);
  writeDurably(join(one.gitDir, 'locked'), `${lockReason(runId)}\n`);
  unseal(context, one);
  return { checkout: heads.get(one) !== base };
}

async function firstIntact(context: GitContext, candidates: readonly LinkedWorktree[]): Promise<LinkedWorktree | null> {
  for (const one of candidates) {
    if (await isAsSealed(context, one)) return one;
    // Nobody takes it any more: with the next look at the pool it goes, or is left to whoever has worked in it.
    unseal(context, one);
  }
  return null;
}

/** It holds what it was made of, and nothing besides. */
async function isUntouched(context: GitContext, path: string): Promise<boolean> {
  const { branch, tracked, untracked, ignored } = await readUnhidden(context, path);
  return branch === null && [...tracked, ...untracked, ...ignored].length === 0;
}

/** The commit that a detached HEAD names. */
function headOf({ gitDir }: LinkedWorktree): Oid | null {
  try {
    const text = (readRegularText(join(gitDir, 'HEAD')) ?? '').trim();
    return isOid(text) ? text : null;
  } catch {
    return null;
  }
}
