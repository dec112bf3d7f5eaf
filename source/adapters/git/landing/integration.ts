import { existsSync, lstatSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { CmError } from '../../../domain/errors.ts';
import type { Oid } from '../../../domain/ids.ts';
import { sanitizeLine } from '../../../domain/text/sanitize.ts';
import { asyncFailpoint } from '../../failpoint.ts';
import { type GitContext, privateFolder } from '../context.ts';
import { linkedGitDir } from '../plumbing/branch-usage.ts';
import { parseStatus } from '../plumbing/parse.ts';
import { assertOid } from '../plumbing/refs.ts';
import { gitFailure } from '../plumbing/run.ts';
import { gitHasLeft } from '../plumbing/running-git.ts';
import { setAside } from '../worktrees/interrupted-add.ts';

const reason = 'cm-tui checks';

/** Where checks run: two of them, so that the next candidate can be checked beside the first. */
function placeOf(context: GitContext, slot: number): string {
  return join(context.integrationDir, slot === 0 ? 'tree' : `tree-${slot + 1}`);
}

/** Makes an integration worktree stand at `candidate`, with nothing else in it but the untracked paths of `keep`. */
export async function checkoutCandidate(
  context: GitContext,
  candidate: Oid,
  keep: readonly string[],
  slot: number,
): Promise<string> {
  const excluded = keep.map(checkKeep).map(pattern => `--exclude=${pattern}`);
  const commit = assertOid(candidate);
  return context.exclusive(async () => {
    const path = placeOf(context, slot);
    const gitDir = linkedGitDir(context, path);
    if (gitDir === null) {
      await createTree(context, path, commit);
      await asyncFailpoint('checks.before');
      return path;
    }
    if (existsSync(join(gitDir, 'index.lock')) && (await gitHasLeft(path, 10_000)))
      setAside(context, join(gitDir, 'index.lock'));
    await must(context, path, ['checkout', '-q', '--detach', '--force', commit, '--']);
    await must(context, path, ['clean', '-ffdxq', ...excluded]);
    await asyncFailpoint('checks.before');
    return path;
  });
}

/** What stands at the place but is no worktree of ours is kept in the rescue folder beside it. */
async function createTree(context: GitContext, path: string, commit: Oid): Promise<void> {
  privateFolder(dirname(path));
  if (lstatSync(path, { throwIfNoEntry: false }) !== undefined) {
    setAside({ ...context, runtimeDir: context.integrationDir }, path);
  }
  const entry = ['worktree', 'add', '--detach', '--lock', '--reason', reason, '--', path, commit];
  const output = await context.git.runLocked({ cwd: context.home, args: entry });
  if (output.code === 0) return;
  // Registered, but its folder is gone (or was set aside): that one entry is ours by its place.
  await context.git.run({ cwd: context.home, args: ['worktree', 'unlock', '--', path] });
  await context.git.run({ cwd: context.home, args: ['worktree', 'remove', '--force', '--', path] });
  const again = await context.git.runLocked({ cwd: context.home, args: entry });
  if (again.code !== 0) throw gitFailure({ cwd: context.home, args: entry }, again);
}

async function must(context: GitContext, cwd: string, args: readonly string[]): Promise<void> {
  const output = await context.git.runLocked({ cwd, args });
  if (output.code !== 0) throw gitFailure({ cwd, args }, output);
}

/** True where the integration worktree is still what the checks were to look at: nothing committed, nothing tracked changed. */
export async function candidateIntact(context: GitContext, candidate: Oid, slot: number): Promise<boolean> {
  await asyncFailpoint('checks.after');
  const path = placeOf(context, slot);
  if (linkedGitDir(context, path) === null) return false;
  const args = ['status', '--porcelain=v2', '-z', '--branch', '--untracked-files=no'];
  const output = await context.git.run({ cwd: path, args });
  if (output.code !== 0) return false;
  const status = parseStatus(output.stdout);
  return status.oid === candidate && status.branch === null && status.tracked.length === 0;
}

function checkKeep(pattern: string): string {
  if (pattern === '' || pattern.startsWith('!') || /[\0\n]/.test(pattern) || pattern.split('/').includes('..')) {
    throw new CmError(
      `${JSON.stringify(sanitizeLine(pattern, 120))} cannot be kept between checks; name a path below the repository.`,
      2,
    );
  }
  return pattern;
}
