import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { CmError } from '../../../domain/errors.ts';
import type { Oid, RunId } from '../../../domain/ids.ts';
import type { Committer } from '../../../ports/git.ts';
import { type GitOutput, gitReason, stdoutText } from '../calls/answers.ts';
import { createRunner } from '../calls/run.ts';
import { privateFolder } from '../context.ts';
import { assertOid, branchRef, isOid } from '../plumbing/refs.ts';
import { identity } from './depot.ts';
import { baseRef, type ClaimProof, claimWords, claimWordsOf, lateRef, runRef, wipRef } from './refs.ts';

/** A worker's side of the depot. `lost`: somebody else has it; `unreachable`: nobody can tell. */
export interface WorkerGit {
  /** The commit that a run starts from is here, and the branch that the next run starts from stands at it. */
  takeBase(base: Oid): Promise<void>;
  /** A claim of its own, to be noted before it is pushed: what was pushed before a crash is recognised by it. */
  makeClaim(run: {
    readonly runId: RunId;
    readonly epoch: number;
    readonly base: Oid;
    readonly nonce: string;
    /** Signs its words as JSON. */
    readonly sign: (words: string) => Pick<ClaimProof, 'key' | 'sig'>;
  }): Promise<Oid>;
  pushClaim(runId: RunId, epoch: number, claim: Oid): Promise<'won' | 'lost' | 'unreachable'>;
  /** To its own place, else beside it. False: the depot could not be reached. */
  pushResult(runId: RunId, epoch: number, claim: Oid, head: Oid): Promise<boolean>;
  /** What it left uncommitted; best effort. */
  pushWip(runId: RunId, epoch: number, commit: Oid): Promise<boolean>;
  setCommitter(committer: Committer): Promise<void>;
}

/** The branch that runs start from in a worker's own repository. */
export const workerTarget = 'cm-base';

const answerMs = 60_000;
const quiet = ['--quiet', '--no-tags', '--no-recurse-submodules', '--no-write-fetch-head', '--no-auto-maintenance'];

/** `folder`: the worker's own bare repository for that depot, made where it is missing. */
export async function openWorkerGit(folder: string, depot: string, worker: string): Promise<WorkerGit> {
  const git = createRunner(null);
  const run = (args: readonly string[], more: { readonly input?: string; readonly isLong?: boolean } = {}) =>
    git.run({
      cwd: folder,
      args: ['--git-dir', folder, ...args],
      durable: true,
      timeoutMs: answerMs,
      env: identity(worker),
      config: ['fetch.fsckObjects=true', 'transfer.fsckObjects=true'],
      ...more,
    });
  if (!existsSync(join(folder, 'HEAD'))) {
    privateFolder(folder);
    const args = ['init', '--bare', '--quiet', `--initial-branch=${workerTarget}`, '--', folder];
    requireDone(await git.run({ cwd: folder, args, durable: true }), 'made');
  }
  await setCommitter({ name: worker, email: `${worker}@cm-tui.invalid` });

  async function setCommitter({ name, email }: Committer): Promise<void> {
    requireDone(await run(['config', 'user.name', name]), 'set up');
    requireDone(await run(['config', 'user.email', email]), 'set up');
  }

  async function push(lease: string, from: Oid, ref: string): Promise<GitOutput> {
    const args = ['push', '--quiet', '--porcelain', `--force-with-lease=${ref}:${lease}`, '--end-of-options', depot];
    return run([...args, `${assertOid(from)}:${ref}`], { isLong: true });
  }

  /** What stands in the depot; null: nothing; undefined: it did not answer. */
  async function heldNow(ref: string): Promise<Oid | null | undefined> {
    const output = await run(['ls-remote', '--end-of-options', depot, ref]);
    if (output.code !== 0) return undefined;
    const oid = output.stdout.toString('utf8').split('\t')[0]?.trim() ?? '';
    return isOid(oid) ? oid : null;
  }

  return {
    setCommitter,
    async takeBase(base) {
      const ref = baseRef(base);
      const known = await run(['cat-file', '-e', `${base}^{commit}`]);
      if (known.code !== 0) {
        const args = ['fetch', ...quiet, '--end-of-options', depot, `+${ref}:refs/fleet/base/${base}`];
        requireDone(await run(args, { isLong: true }), 'brought up to date from the depot');
      }
      requireDone(await run(['update-ref', branchRef(workerTarget), assertOid(base)]), 'set to the base of a run');
    },
    async makeClaim({ runId, epoch, base, nonce, sign }) {
      const words = claimWordsOf(runId, epoch, worker, nonce);
      const { key, sig } = sign(words);
      const input = `${claimWords}${words} ${key} ${sig}\n`;
      const args = ['commit-tree', `${assertOid(base)}^{tree}`, '-p', base, '-F', '-'];
      const output = await run(args, { input });
      const oid = (stdoutText(output) ?? '').trim();
      if (!isOid(oid)) throw new CmError(`A claim could not be made: ${gitReason(output)}.`, 3);
      return oid;
    },
    async pushClaim(runId, epoch, claim) {
      const ref = runRef(runId, epoch);
      const output = await push('', claim, ref);
      if (output.code === 0) return 'won';
      // The push may have arrived though its answer did not.
      const now = await heldNow(ref);
      if (now === undefined || now === null) return 'unreachable';
      return now === claim ? 'won' : 'lost';
    },
    async pushResult(runId, epoch, claim, head) {
      const ref = runRef(runId, epoch);
      if ((await push(claim, head, ref)).code === 0) return true;
      const now = await heldNow(ref);
      if (now === head) return true;
      if (now === undefined || now === claim) return false;
      return (await push('', head, lateRef(runId, epoch, worker))).code === 0;
    },
    async pushWip(runId, epoch, commit) {
      const args = ['push', '--quiet', '--force', '--end-of-options', depot];
      return (await run([...args, `${assertOid(commit)}:${wipRef(runId, epoch)}`], { isLong: true })).code === 0;
    },
  };
}

/** Why a depot cannot be read from here; null: it can. */
export async function reachDepot(depot: string): Promise<string | null> {
  const args = ['ls-remote', '--quiet', '--end-of-options', depot, 'refs/cm/base/*'];
  const output = await createRunner(null).run({ cwd: '/', args, timeoutMs: 15_000 });
  return output.code === 0
    ? null
    : `It cannot be read: ${gitReason(output)}. Give its path as it is reached from here with --join.`;
}

function requireDone(output: GitOutput, what: string): void {
  if (output.code !== 0) throw new CmError(`The worker's repository could not be ${what}: ${gitReason(output)}.`, 3);
}
