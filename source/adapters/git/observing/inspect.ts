import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { CmError } from '../../../domain/errors.ts';
import type { Oid } from '../../../domain/ids.ts';
import type { ChangedFile } from '../../../domain/instance.ts';
import { sanitizeLine } from '../../../domain/text/sanitize.ts';
import type { BranchFacts, GitPort } from '../../../ports/git.ts';
import { readRegularText } from '../../regular-file.ts';
import { stdoutText } from '../calls/answers.ts';
import { areUnrelated, type GitContext, readRefs } from '../context.ts';
import { adminFolders, linkedGitDir, listedPath, listWorktrees, operationIn } from '../plumbing/branch-usage.ts';
import { parseChanges, parseStatus, type RawChange } from '../plumbing/parse.ts';
import { readBlobs } from '../plumbing/read-blobs.ts';
import { assertOid, branchRef, isOid } from '../plumbing/refs.ts';

type InspectRequest = Parameters<GitPort['inspect']>[0];

/** What a branch and its worktree hold now. Throws when git cannot tell: then nothing may be concluded. */
export async function inspect(context: GitContext, request: InspectRequest): Promise<BranchFacts> {
  const branch = branchRef(request.branchName);
  const target = branchRef(request.target);
  const [refs, tree] = await Promise.all([readRefs(context, [branch, target]), lookAtTree(context, request)]);
  const head = refs.get(branch)?.oid ?? null;
  if (head === null) {
    const lastHead = lastHeadOf(context, request);
    return { head, ...(lastHead === null ? {} : { lastHead }), ...noWork, ...tree };
  }
  const span = { head, base: request.base, target: refs.get(target)?.oid };
  const work = await workOf(context, span).catch(async (error: unknown) => {
    throw (await isUnrelated(context, span)) ? unrelated(request) : error;
  });
  return { head, ...work, ...tree };
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

type TreeFacts = Pick<BranchFacts, 'dirty' | 'operation' | 'checkedOut' | 'worktreeExists'>;

const noTree: TreeFacts = { dirty: [], operation: null, checkedOut: null, worktreeExists: false };

/**
 * The run's worktree, wherever it was moved to. What stands in its place instead (a file, another folder, one that git does not know any
 * more) is not looked into: nothing of it belongs to the branch.
 */
async function lookAtTree(context: GitContext, { worktreePath, branchName }: InspectRequest): Promise<TreeFacts> {
  const own = linkedGitDir(context, worktreePath);
  const path = own === null ? await movedTo(context, branchName) : worktreePath;
  const gitDir = own ?? (path === null ? null : linkedGitDir(context, path));
  if (path === null || gitDir === null) return noTree;
  const args = ['status', '--porcelain=v2', '-z', '--branch', '--untracked-files=all', '--no-renames'];
  const status = parseStatus(await context.git.text({ cwd: path, args }));
  return {
    dirty: [...status.tracked, ...status.untracked],
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

type Work = Pick<BranchFacts, 'commits' | 'files' | 'escapingLinks'>;
const noWork: Work = { commits: 0, files: [], escapingLinks: [] };

interface Span {
  readonly head: Oid;
  readonly base: Oid | null;
  readonly target: Oid | undefined;
}

/**
 * Commits and files of the branch alone: what it merged in from the target is not its work. Where the target holds the branch
 * already, what it brought is told by its base.
 */
async function workOf(context: GitContext, { head, base, target }: Span): Promise<Work> {
  const from = base === null ? null : assertOid(base);
  const start = target ?? from;
  if (start === null || head === from) return noWork;
  const known = [start, ...(from === null || from === start ? [] : [from])];
  const [commits, work] = await Promise.all([
    countCommits(context, head, known),
    changesBetween(context, `${start}...${head}`),
  ]);
  if (commits > 0 || from === null) return { commits, ...work };
  const [all, brought] = await Promise.all([
    countCommits(context, head, [from]),
    changesBetween(context, `${from}..${head}`),
  ]);
  return { commits: all, ...brought };
}

/** True where the branch and what it is compared with have no commit in common. */
async function isUnrelated(context: GitContext, { head, base, target }: Span): Promise<boolean> {
  const start = target ?? base;
  if (start === null) return false;
  return areUnrelated(context, start, head).catch(() => false);
}

function unrelated({ branchName, target, base }: InspectRequest): CmError {
  const [branch, onto] = [sanitizeLine(branchName, 200), sanitizeLine(target, 200)];
  const mend = `git rebase --root --onto ${base ?? onto} ${branch}`;
  return new CmError(`${branch} has no commit in common with ${onto} any more; "${mend}" in its worktree mends that.`);
}

async function countCommits(context: GitContext, head: Oid, known: readonly Oid[]): Promise<number> {
  const args = ['rev-list', '--count', head, ...known.map(oid => `^${oid}`), '--'];
  return Number(await context.git.text({ cwd: context.home, args }));
}

async function changesBetween(
  context: GitContext,
  range: string,
): Promise<{ files: readonly ChangedFile[]; escapingLinks: readonly string[] }> {
  const plain = [
    '--no-renames',
    '--no-ext-diff',
    '--no-textconv',
    '--no-color',
    '--ignore-submodules=none',
    '--full-index',
  ];
  const output = await context.git.text({
    cwd: context.home,
    args: ['diff', '--raw', '--numstat', '-z', ...plain, range, '--'],
  });
  const { files, changes } = parseChanges(output);
  return { files, escapingLinks: await escapingLinks(context, changes) };
}

const linkMode = '120000';

async function escapingLinks(context: GitContext, changes: readonly RawChange[]): Promise<string[]> {
  const links = changes.filter(change => change.newMode === linkMode);
  if (links.length === 0) return [];
  const blobs = await readBlobs(
    context,
    links.map(link => link.newOid),
  );
  return links
    .filter((_, at) => leavesRepository(links[at]?.path ?? '', blobs[at]?.toString('utf8') ?? '/'))
    .map(link => link.path);
}

/**
 * Does a link leave the work tree, or lead into the repository's own folder? Climbing after a name (`a/../..`) counts as leaving,
 * since `a` may be a link itself.
 */
export function leavesRepository(path: string, target: string): boolean {
  if (target.startsWith('/') || target.startsWith('\\') || /^[A-Za-z]:/.test(target) || target.includes('\0'))
    return true;
  let depth = path.split('/').length - 1;
  let descended = false;
  for (const part of target.split('/')) {
    if (part === '' || part === '.') continue;
    if (part === '..') {
      if (descended || depth === 0) return true;
      depth--;
      continue;
    }
    if (depth === 0 && part.toLowerCase() === '.git') return true;
    descended = true;
    depth++;
  }
  return false;
}

/** Text of what a branch changes, as git prints it; not sanitised. Cut at 32 MiB. */
export async function readDiff(context: GitContext, request: Parameters<GitPort['diff']>[0]): Promise<string> {
  const head =
    request.head ?? (await readRefs(context, [branchRef(request.branchName)])).get(branchRef(request.branchName))?.oid;
  if (head === undefined) throw new CmError(`The branch ${request.branchName} does not exist any more.`, 1);
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
    return `${text.slice(0, text.lastIndexOf('\n') + 1)}(the diff goes on; it is too long to show)\n`;
  });
}
