import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { CmError, messageOf } from '../../../domain/errors.ts';
import type { Oid } from '../../../domain/ids.ts';
import { withoutFullStop } from '../../../domain/text/clause.ts';
import { escapePath } from '../../../domain/text/sanitize.ts';
import { type GitContext, isAncestor, tipOf } from '../context.ts';
import { adminFolders } from '../plumbing/branch-usage.ts';
import { branchRef } from '../plumbing/refs.ts';
import { gitHasLeft } from '../plumbing/running-git.ts';
import { atLinked } from '../target/holder.ts';
import { setAside } from '../worktrees/interrupted-add.ts';
import { type IndexLock, indexLock } from './index-lock.ts';
import { type LandingNote, landingNote, linkedNotes, stepsFile } from './landing-note.ts';
import { tidyLanding } from './rescue.ts';
import { indexOf } from './stage-update.ts';
import { swapBack, swapOf } from './swap-files.ts';
import { readablePath } from './user-files.ts';
import { headOfMain } from './user-tree.ts';

/** `nothing`: no landing was cut short. `stopped`: something is there that cannot be proven to be ours; nothing was changed on it. */
export type Recovery =
  | { readonly outcome: 'nothing' }
  /** `rescued`: paths of which the user saved more than one version meanwhile; the other one lies in the rescue folder. */
  | { readonly outcome: 'recovered'; readonly rescued: readonly string[] }
  | { readonly outcome: 'stopped'; readonly message: string; readonly paths: readonly string[] };

/** Brings every checkout of the user's out of a landing that was killed half-way. Running it twice changes nothing more. */
export async function recoverLanding(context: GitContext): Promise<Recovery> {
  const main = await recoverMove(context);
  if (main.outcome === 'stopped') return main;
  const rescued: string[] = main.outcome === 'recovered' ? [...main.rescued] : [];
  let found = main.outcome === 'recovered';
  for (const name of linkedNotes(context)) {
    const recovery = await recoverLinked(context, name);
    if (recovery.outcome === 'stopped') return recovery;
    if (recovery.outcome === 'recovered') {
      found = true;
      rescued.push(...recovery.rescued);
    }
  }
  return found ? { outcome: 'recovered', rescued } : { outcome: 'nothing' };
}

/** The same for a linked worktree. One that the user has removed since has nothing to be brought back; what was moved out of it is kept. */
async function recoverLinked(context: GitContext, name: string): Promise<Recovery> {
  const named = landingNote({ ...context, checkout: { ...context.checkout, note: name } });
  const note = named.read();
  if (note === null) return { outcome: 'nothing' };
  const admin = adminFolders(context).find(({ gitDir }) => gitDir === note.gitDir);
  if (admin === undefined) {
    named.forget();
    return { outcome: 'nothing' };
  }
  if (!existsSync(admin.path)) {
    const shown = escapePath(admin.path);
    const message = `A landing was interrupted in ${shown}, which is missing; make it available, or run git worktree unlock ${shown} and git worktree prune if it is gone for good.`;
    return { outcome: 'stopped', message, paths: [admin.path] };
  }
  return recoverMove(atLinked(context, admin));
}

/** Brings one checkout, that of the context, out of a move that was killed half-way. */
export async function recoverMove(context: GitContext): Promise<Recovery> {
  const note = landingNote(context).read();
  if (note === null) return { outcome: 'nothing' };
  // A git of the killed landing may still be at work, and move the ref after we have looked at it.
  if (!(await gitHasLeft(context.home, 5000))) {
    const message =
      'Git is running in your checkout, or cm-tui cannot tell whether it is; try again when it has finished.';
    return { outcome: 'stopped', message, paths: [context.home] };
  }
  const locks = freeLocks(context, note);
  return locks === null ? settleLanding(context, note) : { outcome: 'stopped', ...locks };
}

/** Brings the tree to where the ref is: forward, or back to what it was. No git of this landing may be at work any more. */
export async function settleLanding(context: GitContext, note: LandingNote): Promise<Recovery> {
  const tree = context.place.mainTree;
  let rescued: readonly string[] = [];
  if (note.inTree && tree !== null) {
    if (note.folder === undefined) {
      const message = `A landing by an older version of cm-tui was interrupted in ${escapePath(tree)}; check git status there, then remove ${escapePath(join(context.runtimeDir, context.checkout.note))}.`;
      return { outcome: 'stopped', message, paths: [tree] };
    }
    try {
      rescued = await settleTree(context, { ...note, folder: note.folder }, tree);
    } catch (error) {
      const message = `A landing was interrupted in ${escapePath(tree)} and cannot be completed: ${withoutFullStop(messageOf(error))}; its files are in ${escapePath(note.folder)}.`;
      return { outcome: 'stopped', message, paths: [tree] };
    }
  }
  landingNote(context).forget();
  return { outcome: 'recovered', rescued };
}

async function settleTree(
  context: GitContext,
  note: LandingNote & { readonly folder: string },
  tree: string,
): Promise<readonly string[]> {
  const { target, from, to, folder, startedAt } = note;
  const lock = indexLock(context, startedAt);
  const steps = stepsFile(folder).read();
  const [tip, head] = await Promise.all([tipOf(context, branchRef(target)), headOfMain(context)]);
  let rescued: readonly string[] = [];
  const hasArrived = head === target && tip !== null && (await holds(context, tip, { from, to }));
  if (hasArrived) await bringIndex(context, { tree, from, to, folder, lock });
  else if (steps !== null && (lock.isOurs() || tip === from)) {
    rescued = (await swapBack(swapOf(tree, folder, steps))).map(readablePath);
  }
  lock.release();
  tidyLanding(folder);
  return rescued;
}

/** Has the branch made the move, and perhaps moved further since? */
async function holds(context: GitContext, tip: Oid, { from, to }: Pick<LandingNote, 'from' | 'to'>): Promise<boolean> {
  if (tip === to || tip === from) return tip === to;
  // An undo leads back to a commit that every later tip holds.
  return (await isAncestor(context, from, to)) && (await isAncestor(context, to, tip));
}

/** The new index lies ready; where somebody has removed our lock, theirs is brought forward instead. */
async function bringIndex(
  context: GitContext,
  update: {
    readonly tree: string;
    readonly from: string;
    readonly to: string;
    readonly folder: string;
    readonly lock: IndexLock;
  },
): Promise<void> {
  const { tree, from, to, folder, lock } = update;
  const ready = indexOf(folder);
  if (!existsSync(ready)) return;
  if (lock.isOurs()) return lock.install(ready);
  // Under a lock that names its owner, in case git is killed meanwhile.
  if (!(await lock.take())) throw new CmError(`${escapePath(lock.file)} is held`);
  lock.copyTo(ready);
  const env = { GIT_INDEX_FILE: ready };
  const merged = await context.git.run({
    cwd: tree,
    args: ['read-tree', '-m', '-i', '--', from, to],
    env,
    durable: true,
  });
  await context.git.run({ cwd: tree, args: ['update-index', '-q', '--refresh'], env, durable: true });
  // What the user has staged meanwhile may not let it: then their index stays as it is.
  if (merged.code === 0) lock.install(ready);
}

/** Lock files that a killed git left. Ours unless older than the landing, once git has ended. */
function freeLocks(context: GitContext, note: LandingNote): { message: string; paths: string[] } | null {
  const shared = ['packed-refs.lock', ...note.refs.map(ref => `${ref}.lock`)];
  const files = shared.map(name => join(context.place.commonDir, name));
  for (const file of [join(context.checkout.gitDir, 'HEAD.lock'), ...files]) {
    const stats = statSync(file, { throwIfNoEntry: false });
    if (stats === undefined) continue;
    // File systems round times: a lock of the landing can look a little older than the note that precedes it.
    if (stats.mtimeMs < note.startedAt - 1000) {
      return {
        message: `${escapePath(file)} is older than the landing; if no git is running, remove it.`,
        paths: [file],
      };
    }
    setAside(context, file);
  }
  return null;
}
