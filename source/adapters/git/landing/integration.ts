import { existsSync, lstatSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { CmError } from '../../../domain/errors.ts';
import type { Oid } from '../../../domain/ids.ts';
import { sanitizeLine } from '../../../domain/text/sanitize.ts';
import { asyncFailpoint } from '../../failpoint.ts';
import { doAgain, gitFailure } from '../calls/answers.ts';
import { type GitContext, privateFolder } from '../context.ts';
import { linkedGitDir } from '../plumbing/branch-usage.ts';
import { assertOid } from '../plumbing/refs.ts';
import { initialiseSubmodules } from '../submodules/initialise.ts';
import { setAside } from '../worktrees/interrupted-add.ts';
import { bringKept, type CheckTree, isTreeOf, writeTree } from './check-tree.ts';

const reason = 'cm-tui checks';

/** Where checks run: two of them, so that the next candidate can be checked beside the first. */
function placeOf(context: GitContext, slot: number): string {
  return join(context.integrationDir, slot === 0 ? 'tree' : `tree-${slot + 1}`);
}

/**
 * Creates the tree that checks run in: every file of `candidate` is written again and verified, and nothing else is in it but the untracked
 * paths of `keep`. Nothing that earlier checks left (an index and its flags, settings, files) has an effect.
 */
export async function checkoutCandidate(
  context: GitContext,
  candidate: Oid,
  keep: readonly string[],
  slot: number,
): Promise<string> {
  const patterns = keep.map(checkKeep);
  const commit = assertOid(candidate);
  const path = placeOf(context, slot);
  await context.exclusive(() =>
    doAgain(
      () => standAt(context, path, commit, patterns),
      () => false,
    ),
  );
  const problem = context.submodules ? await initialiseSubmodules(context, path) : null;
  if (problem !== null) throw new CmError(problem, 3);
  await asyncFailpoint('checks.before');
  return path;
}

/** Can be repeated wherever it was cut off; what is kept between checks may be lost then. */
async function standAt(context: GitContext, path: string, commit: Oid, patterns: readonly string[]): Promise<void> {
  const old = `${path}-before`;
  privateFolder(dirname(path));
  discard(context, old);
  if (linkedGitDir(context, path) !== null) renameSync(path, old);
  const tree = await createTree(context, path, commit);
  if (existsSync(old)) await bringKept(context, tree, old, patterns);
  discard(context, old);
  if (!(await isTreeOf(context, tree, commit))) {
    throw new CmError(
      `Git does not write the files of ${commit} as they are stored; run git fsck and check the filters in .gitattributes.`,
      3,
    );
  }
}

/** A tree of earlier checks. What cannot be removed is moved out of the way. */
function discard(context: GitContext, path: string): void {
  try {
    rmSync(path, { recursive: true, force: true });
  } catch {
    setAside({ ...context, runtimeDir: context.integrationDir }, path);
  }
}

/** A worktree without a past. Anything else in its place is kept in the rescue folder beside it. */
async function createTree(context: GitContext, path: string, commit: Oid): Promise<CheckTree> {
  if (lstatSync(path, { throwIfNoEntry: false }) !== undefined) {
    setAside({ ...context, runtimeDir: context.integrationDir }, path);
  }
  // By force, twice: the record of the tree before is locked, and goes with all that stands in it.
  const entry = ['worktree', 'add', '-f', '-f', '--no-checkout', '--detach', '--lock', '--reason', reason];
  const call = { cwd: context.home, args: [...entry, '--', path, commit] };
  const output = await context.git.runLocked(call);
  const gitDir = linkedGitDir(context, path);
  if (output.code !== 0 || gitDir === null) throw gitFailure(call, output);
  const tree = { path, gitDir };
  await writeTree(context, tree, commit);
  return tree;
}

/** True where the integration worktree is still what the checks were to look at: nothing committed, nothing tracked changed. */
export async function candidateIntact(context: GitContext, candidate: Oid, slot: number): Promise<boolean> {
  await asyncFailpoint('checks.after');
  const path = placeOf(context, slot);
  const gitDir = linkedGitDir(context, path);
  return gitDir !== null && isTreeOf(context, { path, gitDir }, candidate);
}

function checkKeep(pattern: string): string {
  if (pattern === '' || pattern.startsWith('!') || /[\0\n]/.test(pattern) || pattern.split('/').includes('..')) {
    throw new CmError(
      `Invalid checkKeep path ${JSON.stringify(sanitizeLine(pattern, 120))}; name a path inside the repository.`,
      2,
    );
  }
  return pattern;
}
