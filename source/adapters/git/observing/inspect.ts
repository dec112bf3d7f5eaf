import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { CmError } from '../../../domain/errors.ts';
import type { Oid } from '../../../domain/ids.ts';
import { sanitizeLine } from '../../../domain/text/sanitize.ts';
import type { BranchFacts, GitPort } from '../../../ports/git.ts';
import { readRegularText } from '../../regular-file.ts';
import { stdoutText } from '../calls/answers.ts';
import { areUnrelated, type GitContext, readRefs } from '../context.ts';
import { noWork, workOf } from '../history/branch-work.ts';
import { syncBranch } from '../landing/completeness.ts';
import { adminFolders, linkedGitDir, listedPath, listWorktrees, operationIn } from '../plumbing/branch-usage.ts';
import { parseStatus } from '../plumbing/parse.ts';
import { assertOid, branchRef, isOid } from '../plumbing/refs.ts';
import { asSetupLeft, committedAsSetup } from '../worktrees/setup-files.ts';

type InspectRequest = Parameters<GitPort['inspect']>[0];

/**
 * What a branch and its worktree hold now; what is on the branch is on disk too, as the answer is taken down. Throws when git cannot tell:
 * then nothing may be concluded.
 */
export async function inspect(context: GitContext, request: InspectRequest): Promise<BranchFacts> {
  const branch = branchRef(request.branchName);
  const target = branchRef(request.target);
  const [refs, tree] = await Promise.all([readRefs(context, [branch, target]), lookAtTree(context, request)]);
  const head = refs.get(branch)?.oid ?? null;
  if (head === null) {
    const lastHead = lastHeadOf(context, request);
    return { head, ...(lastHead === null ? {} : { lastHead }), ...noWork, ...tree };
  }
  const base = request.base === null ? null : assertOid(request.base);
  const tip = refs.get(target)?.oid;
  const run = { ...request, head, base, former: (request.former ?? []).map(assertOid) };
  const [work] = await Promise.all([
    workOf(context, run, tip).catch(async (error: unknown) => {
      throw (await isUnrelated(context, head, tip ?? base)) ? unrelated(request) : error;
    }),
    syncBranch(context, request.branchName, head, base),
  ]);
  const bySetup = await committedAsSetup(context, head, {
    paths: work.files.map(({ path }) => path),
    left: request.setupFiles ?? {},
  });
  return { head, ...work, ...tree, ...(bySetup.length === 0 ? {} : { bySetup }) };
}

/**
 * By the worktree's own log, which outlives the branch: who deletes a branch takes the branch's log with it. Git keeps the log where the
 * folder of the worktree is gone.
 */
function lastHeadOf(context: GitContext, { worktreePath, branchName }: InspectRequest): Oid | null {
  const path = listedPath(worktreePath);
  const gitDir = linkedGitDir(context, path) ?? adminFolders(context).find(one => one.path === path)?.gitDir;
  if (gitDir === undefined || context.refFiles.head(gitDir) !== branchName) return null;
  try {
    const lines = (readRegularText(join(gitDir, 'logs/HEAD')) ?? '').trimEnd().split('\n');
    const oid = lines.at(-1)?.split(' ', 2)[1] ?? '';
    return isOid(oid) && !/^0+$/.test(oid) ? oid : null;
  } catch {
    return null;
  }
}

type TreeFacts = Pick<BranchFacts, 'dirty' | 'unmerged' | 'operation' | 'checkedOut' | 'worktreeExists'>;

const noTree: TreeFacts = { dirty: [], operation: null, checkedOut: null, worktreeExists: false };

/**
 * The run's worktree, wherever it was moved to. What stands in its place instead (a file, another folder, one that git does not know any
 * more) is not looked into: nothing of it belongs to the branch.
 */
async function lookAtTree(
  context: GitContext,
  { worktreePath, branchName, setupFiles = {} }: InspectRequest,
): Promise<TreeFacts> {
  const found = linkedGitDir(context, worktreePath);
  const path = found === null ? await movedTo(context, branchName) : worktreePath;
  const gitDir = found ?? (path === null ? null : linkedGitDir(context, path));
  if (path === null || gitDir === null) return noTree;
  const args = ['status', '--porcelain=v2', '-z', '--branch', '--untracked-files=all', '--no-renames'];
  const status = parseStatus(await context.git.text({ cwd: path, args }));
  const uncommitted = [...status.tracked, ...status.untracked];
  const own = await asSetupLeft(context, path, { paths: uncommitted, left: setupFiles });
  return {
    dirty: uncommitted.filter(one => !own.has(one)),
    ...(status.unmerged.length === 0 ? {} : { unmerged: status.unmerged }),
    operation: operationIn(gitDir),
    checkedOut: status.branch,
    worktreeExists: true,
  };
}

/** Another place where the branch is checked out: the worktree was moved there. */
async function movedTo(context: GitContext, branchName: string): Promise<string | null> {
  const found = (await listWorktrees(context)).find(entry => entry.branchName === branchName && existsSync(entry.path));
  return found?.path ?? null;
}

/** See `WorkPort.changedPaths`. */
export async function changedPaths(context: GitContext, target: Oid, head: Oid): Promise<readonly string[] | null> {
  const args = ['diff', '--name-only', '-z', '--no-renames', '--no-ext-diff', '--ignore-submodules=none'];
  const text = await context.git
    .text({ cwd: context.home, args: [...args, `${target}...${head}`, '--'] })
    .catch(() => null);
  return text === null ? null : text.split('\0').filter(path => path !== '');
}

/** True where the branch and what it is compared with have no commit in common. */
async function isUnrelated(context: GitContext, head: Oid, other: Oid | null): Promise<boolean> {
  return other !== null && (await areUnrelated(context, other, head).catch(() => false));
}

function unrelated({ branchName, target, base }: InspectRequest): CmError {
  const [branch, onto] = [sanitizeLine(branchName, 200), sanitizeLine(target, 200)];
  const fix = `git rebase --root --onto ${base ?? onto} ${branch}`;
  return new CmError(`${branch} no longer has a commit in common with ${onto}; "${fix}" in its worktree fixes that.`);
}

/** Text of what a branch changes, as git prints it; not sanitised. Cut at 32 MiB. */
export async function readDiff(context: GitContext, request: Parameters<GitPort['diff']>[0]): Promise<string> {
  const head =
    request.head ?? (await readRefs(context, [branchRef(request.branchName)])).get(branchRef(request.branchName))?.oid;
  if (head === undefined) throw new CmError(`The branch ${request.branchName} no longer exists.`, 1);
  const base = request.base === null ? 'HEAD' : assertOid(request.base);
  const plain = [
    '--no-color',
    '--no-ext-diff',
    '--no-textconv',
    '--find-renames',
    '--ignore-submodules=none',
    '--submodule=short',
    '--no-relative',
    '--unified=3',
    '--src-prefix=a/',
    '--dst-prefix=b/',
  ];
  const spaces = request.ignoreWhitespace === true ? ['--ignore-all-space'] : [];
  const call = {
    cwd: context.home,
    args: ['diff', ...plain, ...spaces, `${base}...${assertOid(head)}`, '--'],
    maxBytes: 32 * 1024 * 1024,
  };
  return context.git.ask(call, output => {
    if (!output.truncated) return stdoutText(output);
    const text = output.stdout.toString('utf8');
    return `${text.slice(0, text.lastIndexOf('\n') + 1)}(the rest of the diff is too long to show)\n`;
  });
}
