import { lstatSync } from 'node:fs';
import type { RunId } from '../../../domain/ids.ts';
import { prefixSentence } from '../../../domain/text/names.ts';
import { sanitizeLine } from '../../../domain/text/sanitize.ts';
import type { CreateWorktreeResult, GitPort } from '../../../ports/git.ts';
import { asyncFailpoint } from '../../failpoint.ts';
import { doAgain, type GitOutput, gitReason } from '../calls/answers.ts';
import { type GitContext, type RefReading, readRefs } from '../context.ts';
import { listedPath, listWorktrees } from '../plumbing/branch-usage.ts';
import { assertRunId, branchRef, isOwnBranch, lockReason } from '../plumbing/refs.ts';
import { initialiseSubmodules } from '../submodules/initialise.ts';
import { removeBrokenRecord } from './broken-records.ts';
import { type Intent, intentOf, isOurs, type Planned, settleLeftover } from './interrupted-add.ts';
import { realPlace } from './place.ts';
import { takeWarm } from './warm.ts';

export type CreateRequest = Parameters<GitPort['createWorktree']>[0];

/**
 * Makes branch and worktree of a run at the target's tip. Two starts of git when all goes well. Branch and record are made one at a time;
 * the checkout, which takes seconds in a large repository, keeps nobody waiting.
 */
export async function createWorktree(context: GitContext, request: CreateRequest): Promise<CreateWorktreeResult> {
  assertRunId(request.runId);
  if (!isOwnBranch(request.branchName)) {
    return failed(
      `Invalid branch name ${JSON.stringify(sanitizeLine(request.branchName, 120))}; set branchPrefix to letters, digits and . _ / -.`,
    );
  }
  await asyncFailpoint('git.createWorktree.before');
  const made = await doAgain(
    () => create(context, request),
    ({ outcome }) => outcome === 'failed',
  );
  const result = made.outcome === 'created' ? await withSubmodules(context, request, made) : made;
  await asyncFailpoint('git.createWorktree.after');
  return result;
}

/** A worktree whose submodules could not be checked out stays as it is, and is removed with its run. */
async function withSubmodules(
  context: GitContext,
  { path }: CreateRequest,
  made: CreateWorktreeResult,
): Promise<CreateWorktreeResult> {
  const problem = context.submodules ? await initialiseSubmodules(context, listedPath(path)) : null;
  return problem === null ? made : failed(problem);
}

async function create(context: GitContext, request: CreateRequest): Promise<CreateWorktreeResult> {
  const registered = await context.exclusive(() => register(context, request));
  if ('outcome' in registered) return registered;
  const { planned, intent } = registered;
  try {
    const output = registered.isReady
      ? null
      : ((await leaveOut(context, planned, request.sparse)) ?? (await checkOut(context, planned)));
    if (output !== null && output.code !== 0) {
      return await context.exclusive(() => afterFailure(context, { request, planned, intent, output }));
    }
    await asyncFailpoint('git.createWorktree.added');
    intent.forget();
    return { outcome: 'created', base: planned.base };
  } catch (error) {
    await context.exclusive(() => giveBack(context, request, { planned, intent }));
    throw error;
  }
}

/** A worktree that is there; it has no file yet, unless it `isReady`. */
interface Registered {
  readonly isReady: boolean;
  readonly planned: Planned;
  readonly intent: Intent;
}

/** Branch, folder and record of the worktree, or why not. */
async function register(context: GitContext, request: CreateRequest): Promise<Registered | CreateWorktreeResult> {
  const found = await realPlace(context, request.path);
  if ('problem' in found) return failed(found.problem);
  const { path } = found;
  const branch = branchRef(request.branchName);
  const target = branchRef(request.target);
  const tip = isFree(context, branch) ? context.refFiles.read(target) : null;
  const refs = tip ? new Map<string, RefReading>() : await readRefs(context, [target, ...foldersOf(branch), branch]);
  const base = tip ?? refs.get(target)?.oid;
  if (base === undefined)
    return failed(`The target branch ${request.target} does not exist; name another with --target.`);

  const intent = intentOf(context, request.runId);
  const earlier = intent.read();
  if (earlier !== null) {
    const settled = await settleLeftover(context, request.runId, earlier);
    intent.forget();
    if (settled !== 'gone') return settled;
    return register(context, request);
  }
  const taken = takenBy(refs, branch, path);
  if (taken !== null) return (await madeBefore(context, request, path)) ?? taken;
  const planned = { path, branchName: request.branchName, base };
  intent.write(planned);
  try {
    await asyncFailpoint('git.createWorktree.noted');
    // Those that are made ahead hold all files.
    const taken = request.sparse === undefined ? await takeWarm(context, request.runId, planned) : null;
    if (taken !== null) return { planned, intent, isReady: !taken.checkout };
    const output = await addRecord(context, request.runId, planned);
    if (output.code !== 0) return await afterFailure(context, { request, planned, intent, output });
    await asyncFailpoint('git.createWorktree.registered');
    return { planned, intent, isReady: false };
  } catch (error) {
    await giveBack(context, request, { planned, intent });
    throw error;
  }
}

/** Nobody will ask for this run again: what was made of it goes now, or the note of it stays. */
async function giveBack(
  context: GitContext,
  { runId }: CreateRequest,
  { planned, intent }: Omit<Registered, 'isReady'>,
): Promise<void> {
  if ((await settleLeftover(context, runId, planned, 'remove')) === 'gone') intent.forget();
}

/** A worktree that this run has made already, though whoever asked for it was killed before it heard so. Its lock names the run. */
async function madeBefore(
  context: GitContext,
  { runId, branchName }: CreateRequest,
  path: string,
): Promise<CreateWorktreeResult | null> {
  const entry = (await listWorktrees(context)).find(candidate => candidate.path === path);
  if (entry?.lockedReason !== lockReason(runId) || entry.head === null) return null;
  const settled = await settleLeftover(context, runId, { path, branchName, base: entry.head });
  return settled === 'gone' ? null : settled;
}

function addRecord(context: GitContext, runId: RunId, { branchName, path, base }: Planned): Promise<GitOutput> {
  const how = ['--no-checkout', '--no-track', '--lock', '--reason', lockReason(runId)];
  const args = ['worktree', 'add', ...how, '-b', branchName, '--', path, base];
  return context.git.runLocked({ cwd: context.home, args, durable: true });
}

/** Tells git which folders to check out; null: it was not asked to leave any out, or it knows now. Writes settings, so one at a time. */
async function leaveOut(
  context: GitContext,
  { path }: Planned,
  folders: readonly string[] | undefined,
): Promise<GitOutput | null> {
  if (folders === undefined) return null;
  const args = ['sparse-checkout', 'set', '--cone', '--stdin'];
  const input = folders.map(folder => `${folder}\n`).join('');
  const output = await context.exclusive(() => context.git.runLocked({ cwd: path, args, input, durable: true }));
  return output.code === 0 ? null : output;
}

/** As `git worktree add` does it after it has made the record, with as many workers as there are cores. */
function checkOut(context: GitContext, { path, base }: Planned): Promise<GitOutput> {
  const args = ['reset', '--quiet', '--hard', '--no-recurse-submodules', base];
  return context.checkOuts(() =>
    context.git.run({ cwd: path, args, config: ['checkout.workers=0'], durable: true, isLong: true }),
  );
}

/** Git removes the folder of an addition that failed, but leaves its branch behind. */
async function afterFailure(
  context: GitContext,
  attempt: {
    readonly request: CreateRequest;
    readonly planned: Planned;
    readonly intent: Intent;
    readonly output: GitOutput;
  },
): Promise<CreateWorktreeResult> {
  const { request, planned, intent, output } = attempt;
  const { path } = planned;
  const reason = gitReason(output);
  removeBrokenRecord(context, request.runId);
  const list = await listWorktrees(context);
  const here = list.find(entry => entry.path === path);
  if (here !== undefined && !isOurs(here, request.runId, planned)) {
    await settleLeftover(context, request.runId, planned, 'branch');
    intent.forget();
    const shown = sanitizeLine(path, 300);
    return {
      outcome: 'taken',
      what: 'path',
      message: `${shown} belongs to another worktree, which is missing there.`,
    };
  }
  const settled = await settleLeftover(context, request.runId, planned, 'remove');
  intent.forget();
  if (settled !== 'gone') return settled;
  const branch = branchRef(request.branchName);
  const refs = await readRefs(context, [branch, ...foldersOf(branch)]);
  return takenBy(refs, branch, path) ?? failed(`Could not create the worktree: ${reason}.`);
}

/** `refs/heads/a`, `refs/heads/a/b` for `refs/heads/a/b/c`: a branch of such a name excludes ours. */
function foldersOf(ref: string): string[] {
  const parts = ref.split('/');
  return parts.slice(3).map((_, at) => parts.slice(0, at + 3).join('/'));
}

/** No ref stands in the way of this branch, as far as git's own files say. Git refuses one that exists all the same. */
function isFree({ refFiles }: GitContext, branch: string): boolean {
  return !refFiles.mayHave(branch) && [...foldersOf(branch), branch].every(ref => refFiles.read(ref) === null);
}

function takenBy(refs: ReadonlyMap<string, RefReading>, branch: string, path: string): CreateWorktreeResult | null {
  const rival = [...refs.keys()].find(
    name => name === branch || name.startsWith(`${branch}/`) || (name !== branch && branch.startsWith(`${name}/`)),
  );
  if (rival !== undefined) {
    const name = sanitizeLine(rival.slice('refs/heads/'.length), 120);
    if (branch.startsWith(`${rival}/`)) return failed(prefixSentence(name));
    return { outcome: 'taken', what: 'branch', message: `The branch ${name} already exists.` };
  }
  if (lstatSync(path, { throwIfNoEntry: false }) !== undefined) {
    return { outcome: 'taken', what: 'path', message: `${sanitizeLine(path, 300)} already exists.` };
  }
  return null;
}

function failed(message: string): CreateWorktreeResult {
  return { outcome: 'failed', message };
}
