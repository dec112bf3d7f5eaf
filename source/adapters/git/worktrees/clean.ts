import { existsSync, rmSync } from 'node:fs';
import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Oid, RunId } from '../../../domain/ids.ts';
import { escapePath } from '../../../domain/text/sanitize.ts';
import type { CleanProbe, CleanResult, GitPort } from '../../../ports/git.ts';
import { asyncFailpoint } from '../../failpoint.ts';
import { writeDurably } from '../../regular-file.ts';
import { system } from '../../system/system.ts';
import { doAgain, gitReason } from '../calls/answers.ts';
import { type GitContext, isAncestor, privateFolder, readRefs } from '../context.ts';
import { findLanded } from '../history/landed-work.ts';
import { trialMerge } from '../landing/merge-tree.ts';
import { linkedGitDir, listedPath, listWorktrees, operationIn } from '../plumbing/branch-usage.ts';
import { userTree } from '../plumbing/locate.ts';
import { assertOid, assertRunId, branchRef, lockReason, pins } from '../plumbing/refs.ts';
import { updateRefs } from '../refs/update-refs.ts';
import { submoduleLosses } from '../submodules/losses.ts';
import { withoutCopies } from './identical-files.ts';
import { asSetupLeft } from './setup-files.ts';
import { readUnhidden } from './whole-status.ts';

type ProbeRequest = Parameters<GitPort['probeClean']>[0];
type CleanRequest = Parameters<GitPort['clean']>[0];

/** Written before the first file goes: what is half gone later was half removed by us, not changed by somebody. */
function removalNote(context: GitContext, runId: RunId): { readonly exists: boolean; write(): void; forget(): void } {
  const folder = join(context.runtimeDir, 'removing');
  const file = join(folder, assertRunId(runId));
  return {
    exists: existsSync(file),
    write() {
      privateFolder(folder);
      writeDurably(file, '');
    },
    forget: () => rmSync(file, { force: true }),
  };
}

/** What removing a run's worktree and branch would lose, and what forbids it. What cannot be read forbids it too. */
export async function probeClean(context: GitContext, request: ProbeRequest): Promise<CleanProbe> {
  assertRunId(request.runId);
  const branch = branchRef(request.branchName);
  const target = branchRef(request.target);
  const obstacles: string[] = [];
  const refs = await readRefs(context, [branch, target]);
  const tip = refs.get(branch)?.oid ?? null;
  const into = refs.get(target)?.oid;
  if (into === undefined)
    obstacles.push(`The target branch ${request.target} does not exist, so nothing proves that it landed.`);
  else if (tip !== null && !(await hasLanded(context, request, tip, into))) {
    obstacles.push(`${request.branchName} holds work that is not on ${request.target}.`);
  }
  const [tree, size] = await Promise.all([probeTree(context, request), sizeOf(listedPath(request.worktreePath))]);
  return { runId: request.runId, ...tree, size, obstacles: [...obstacles, ...tree.obstacles] };
}

/**
 * By ancestry; for work that landed as other commits by the trailer of what landed, by our own pins of what landed and of the head that it
 * was built from, because merging it again would change nothing, or because somebody else has landed it (see `findLanded`).
 */
async function hasLanded(context: GitContext, request: ProbeRequest, tip: Oid, target: Oid): Promise<boolean> {
  if (await isAncestor(context, tip, target)) return true;
  if (request.landed !== null && (await isAncestor(context, assertOid(request.landed), target))) {
    const args = [
      'log',
      '-1',
      '--no-walk',
      '--format=%(trailers:key=Cm-Head,valueonly,only,unfold)',
      request.landed,
      '--',
    ];
    const trailer = await context.git.text({ cwd: context.home, args });
    if (trailer.trim() === tip) return true;
    const [landed, head] = [pins.landed(request.slug), pins.head(request.slug)];
    const pinned = await readRefs(context, [landed, head]);
    if (pinned.get(landed)?.oid === request.landed && pinned.get(head)?.oid === tip) return true;
  }
  const again = await trialMerge(context, target, tip);
  if (again.outcome === 'clean') return again.empty;
  return (await findLanded(context, { head: tip, tip: target, isOwn: true })) !== null;
}

type TreeProbe = Required<Omit<CleanProbe, 'runId' | 'size'>>;

async function probeTree(context: GitContext, request: ProbeRequest): Promise<TreeProbe> {
  const path = listedPath(request.worktreePath);
  const shown = escapePath(path);
  const nothing = { untracked: [], ignored: [] };
  const list = await listWorktrees(context);
  const entry = list.find(candidate => candidate.path === path);
  const obstacles: string[] = [];
  const binding: string[] = [];
  const bind = (reason: string) => {
    obstacles.push(reason);
    binding.push(reason);
  };
  const twin = list.find(candidate => candidate.branchName === request.branchName && candidate.path !== path);
  if (twin !== undefined) bind(`${request.branchName} is checked out in ${escapePath(twin.path)}.`);
  const begun = removalNote(context, request.runId).exists;
  const unlocked = begun && entry?.lockedReason === null;
  if (entry !== undefined && !unlocked && entry.lockedReason !== lockReason(request.runId)) {
    bind(`${shown} is not locked by this run; check it yourself.`);
  }
  if (!existsSync(path)) return { ...nothing, obstacles, binding };
  if (begun && entry !== undefined && !existsSync(join(path, '.git'))) {
    await context.git.text({ cwd: context.home, args: ['worktree', 'repair', '--', path] });
  }
  const gitDir = linkedGitDir(context, path);
  if (gitDir === null || entry === undefined) {
    bind(`${shown} is not a worktree of this repository; check it yourself.`);
    return { ...nothing, obstacles, binding };
  }
  const status = await readUnhidden(context, path);
  const operation = operationIn(gitDir);
  if (operation !== null) obstacles.push(`A ${operation} is in progress in ${shown}.`);
  if (status.branch !== request.branchName) obstacles.push(`${shown} does not have ${request.branchName} checked out.`);
  const paths = [...status.tracked, ...status.untracked];
  const bySetup = await asSetupLeft(context, path, { paths, left: request.setupFiles ?? {} });
  const tracked = status.tracked.filter(file => !bySetup.has(file));
  const changed = begun ? tracked.filter(file => !status.missing.includes(file)) : tracked;
  if (changed.length > 0) {
    obstacles.push(`${shown} has uncommitted changes (${changed.slice(0, 3).map(escapePath).join(', ')}).`);
  }
  for (const loss of await submoduleLosses(context, { path, gitDir })) bind(loss);
  const occupants = await system().occupants(path, true);
  if (occupants === null) bind(`Whether a process uses ${shown} is unknown: make /proc or lsof available.`);
  for (const { pid, name } of occupants ?? []) bind(`${shown} is in use by ${name} (process ${pid}).`);
  const own = userTree(context.place);
  const ignored = own === null ? status.ignored : await withoutCopies(own, path, status.ignored);
  const untracked = status.untracked.filter(file => !bySetup.has(file));
  return { untracked, ignored, obstacles, binding };
}

/** Bytes of all files below a folder; links are not followed. */
async function sizeOf(folder: string): Promise<number> {
  let size = 0;
  const open = [folder];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const here = next;
    const items = await readdir(here, { withFileTypes: true }).catch(() => []);
    for (const item of items) if (item.isDirectory()) open.push(join(here, item.name));
    const files = items.filter(item => !item.isDirectory());
    const sizes = files.map(({ name }) =>
      lstat(join(here, name)).then(
        stats => stats.size,
        () => 0,
      ),
    );
    size += (await Promise.all(sizes)).reduce((sum, one) => sum + one, 0);
  }
  return size;
}

/** Removes what has provably landed: pin, worktree, and the branch last. Can be repeated after a crash at any step. */
export async function clean(context: GitContext, request: CleanRequest): Promise<CleanResult> {
  return context.exclusive(async () => {
    await asyncFailpoint('git.clean.before');
    const result = await doAgain(
      () => cleanNow(context, request),
      ({ outcome }) => outcome === 'interrupted',
    );
    await asyncFailpoint('git.clean.after');
    return result.outcome === 'interrupted' ? { outcome: 'kept', reasons: result.reasons } : result;
  });
}

/** That it is not locked is as good: an earlier try may have done it though it was not heard of. */
function unlock(context: GitContext, path: string): Promise<true> {
  return context.git.ask({ cwd: context.home, args: ['worktree', 'unlock', '--', path] }, ({ code, stderr }) =>
    code === 0 || /is not locked/.test(stderr) ? true : undefined,
  );
}

/** `interrupted`: a step of it failed, which may be over in a moment. */
type Cleaning = CleanResult | { readonly outcome: 'interrupted'; readonly reasons: readonly string[] };

async function cleanNow(context: GitContext, request: CleanRequest): Promise<Cleaning> {
  const probe = await probeClean(context, request);
  const confirmed = new Set(request.confirmedLoss);
  const lost = [...probe.untracked, ...probe.ignored].filter(path => !confirmed.has(path));
  const reasons = [...probe.obstacles, ...lost.map(path => `${escapePath(path)} would be lost.`)];
  if (reasons.length > 0) return { outcome: 'kept', reasons };

  const branch = branchRef(request.branchName);
  const refs = await readRefs(context, [branch, pins.head(request.slug)]);
  const tip = refs.get(branch)?.oid ?? null;
  const pinned = refs.get(pins.head(request.slug))?.oid;
  if (tip !== null && pinned !== tip) {
    const pin = pinned === undefined ? pins.head(request.slug) : pins.oldHead(request.slug, tip);
    const output = await updateRefs(context, [`update ${pin} ${tip}`], `cm-tui: clean ${request.slug}`);
    if (output.code !== 0) return interrupted(`Could not pin the branch: ${gitReason(output)}.`);
  }
  const note = removalNote(context, request.runId);
  // The setup makes again what it left there.
  const leftBySetup = Object.keys(request.setupFiles ?? {}).length > 0;
  // Git refuses to remove submodules; what they hold was proven to be elsewhere.
  const gitDir = linkedGitDir(context, listedPath(request.worktreePath));
  const hasSubmodules = gitDir !== null && existsSync(join(gitDir, 'modules'));
  const force = note.exists || probe.untracked.length > 0 || leftBySetup || hasSubmodules;
  note.write();
  await asyncFailpoint('git.clean.noted');
  const problem = await removeWorktree(context, listedPath(request.worktreePath), force);
  if (problem !== null) return interrupted(problem);
  await asyncFailpoint('git.clean.removed');
  if (tip !== null) {
    const output = await updateRefs(context, [`delete ${branch} ${tip}`], `cm-tui: clean ${request.slug}`);
    if (output.code !== 0)
      return interrupted(`Could not delete the branch ${request.branchName}: ${gitReason(output)}.`);
  }
  note.forget();
  return { outcome: 'removed', rescued: [], bytes: probe.size };
}

/** `force` only where every untracked file was confirmed, or what is missing was removed by us: git refuses both without it. */
export async function removeWorktree(context: GitContext, path: string, force: boolean): Promise<string | null> {
  const entry = (await listWorktrees(context)).find(candidate => candidate.path === path);
  if (entry === undefined) return existsSync(path) ? `${escapePath(path)} is not a worktree of this repository.` : null;
  const remove = { cwd: context.home, args: ['worktree', 'remove', ...(force ? ['--force'] : []), '--', path] };
  const reason = entry.lockedReason;
  if (reason !== null) await unlock(context, path);
  const output = await context.git.runLocked(remove);
  if (output.code === 0 && !existsSync(path)) return null;
  if (output.code !== 0 && reason !== null) {
    await context.git.run({ cwd: context.home, args: ['worktree', 'lock', '--reason', reason, '--', path] });
  }
  return `Could not remove ${escapePath(path)}: ${gitReason(output)}.`;
}

function interrupted(reason: string): Cleaning {
  return { outcome: 'interrupted', reasons: [reason] };
}
