import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Oid } from '../../domain/instance.ts';
import type { GitContext } from './context.ts';
import { pins } from './names.ts';
import { parseStatus } from './parse.ts';

/** A look at the user's tree is good enough for the backup of one landing for this long, in milliseconds. */
const freshness = 2000;

/** The user's uncommitted tracked changes and the branch they have checked out. Null without a main worktree or when git fails. */
export async function lookAtUserTree(
  context: GitContext,
  paths: readonly string[] = [],
): Promise<GitContext['lastLook']> {
  const tree = context.place.mainTree;
  if (tree === null) return null;
  const args = ['status', '--porcelain=v2', '-z', '--branch', '--untracked-files=no', '--no-renames', '--', ...paths];
  const output = await context.git.run({ cwd: tree, args });
  if (output.code !== 0) return null;
  const { tracked, branch } = parseStatus(output.stdout);
  const look = { at: performance.now(), dirty: tracked, branch };
  if (paths.length === 0) context.lastLook = look;
  return look;
}

/** The last look if it is fresh, else a new one. */
export async function freshLook(context: GitContext): Promise<GitContext['lastLook']> {
  const last = context.lastLook;
  context.lastLook = null;
  return last !== null && performance.now() - last.at < freshness ? last : lookAtUserTree(context);
}

/** The branch that HEAD of the main worktree names; null when it is detached or cannot be read. Costs no start of git. */
export function headOfMain(context: GitContext): string | null {
  try {
    const text = readFileSync(join(context.place.commonDir, 'HEAD'), 'utf8');
    return /^ref: refs\/heads\/(.+)\n?$/.exec(text)?.[1] ?? null;
  } catch {
    return null;
  }
}

/**
 * Where the user has uncommitted changes, keeps a copy of them as a stash commit under `refs/cm/backup/`; nothing of theirs is
 * touched by it. Landing never changes those files; this is for the case that we are wrong.
 */
export async function backUp(context: GitContext, tree: string): Promise<Oid | null> {
  const look = await freshLook(context);
  if (look !== null && look.dirty.length === 0) return null;
  const output = await context.git.run({
    cwd: tree,
    args: ['stash', 'create', 'cm-tui: before a landing'],
    durable: true,
  });
  const oid = output.stdout.toString('utf8').trim();
  if (output.code !== 0 || oid === '') return null;
  const stamp = new Date().toISOString().replace(/[-:.TZ]/g, '');
  await context.git.runLocked({ cwd: context.home, args: ['update-ref', pins.backup(stamp), oid], durable: true });
  return oid;
}
