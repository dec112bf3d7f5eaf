import { randomBytes } from 'node:crypto';
import { CmError } from '../../../domain/errors.ts';
import type { Oid, RunId } from '../../../domain/ids.ts';
import type { CancelResult, RunRef } from '../../../ports/fleet/fleet.ts';
import { type GitCall, type GitOutput, gitReason, stdoutText } from '../calls/answers.ts';
import { createRunner } from '../calls/run.ts';
import { assertOid, assertSlug, branchRef } from '../plumbing/refs.ts';
import {
  baseRef,
  claimantOf,
  claimWords,
  claimWordsOf,
  coordinatorName,
  isPlaceOf,
  type RefHolder,
  runRef,
} from './refs.ts';

/** The coordinator's side of the depot, which lies on its own machine. */
export interface Depot {
  /** The commit that runs start from is there. */
  offerBase(base: Oid): Promise<void>;
  /** `<run>.<epoch>` → who created its ref. */
  claims(): Promise<Readonly<Record<string, RefHolder>>>;
  /** Takes a run that nobody has, so that nobody can take it any more. */
  claimForCancel(runId: RunId, epoch: number): Promise<CancelResult>;
  bringHome(refs: readonly RunRef[]): Promise<Readonly<Record<RunId, Oid | null>>>;
  createBranch(branchName: string, head: Oid): Promise<boolean>;
}

const answerMs = 60_000;
/** Objects of a worker are checked, and nothing else of its repository is taken. */
const fetchArgs = ['--quiet', '--no-tags', '--no-recurse-submodules', '--no-write-fetch-head', '--no-auto-maintenance'];

/** `repository`: the coordinator's git folder; `path`: the depot. */
export function openDepot(repository: string, path: string): Depot {
  const git = createRunner(null);
  const here = (args: readonly string[], more: Partial<GitCall> = {}) =>
    git.run({ cwd: repository, args: ['--git-dir', repository, ...args], durable: true, timeoutMs: answerMs, ...more });
  const there = (args: readonly string[], more: Partial<GitCall> = {}) =>
    git.run({ cwd: path, args: ['--git-dir', path, ...args], durable: true, timeoutMs: answerMs, ...more });

  async function claims(): Promise<Record<string, RefHolder>> {
    const format = '--format=%(refname)%00%(contents:subject)';
    const text = requireText(await there(['for-each-ref', format, 'refs/cm/runs']), 'read');
    const found: Record<string, RefHolder> = {};
    for (const line of text.split('\n')) {
      const [name = '', subject = ''] = line.split('\0');
      const [, , , runId = '', epoch = ''] = name.split('/');
      const id = `${runId}.${epoch}`;
      if (runId !== '') found[id] = claimantOf(subject, id) ?? { worker: '', proof: null };
    }
    return found;
  }

  return {
    claims,
    async offerBase(base) {
      const ref = baseRef(base);
      const known = await there(['rev-parse', '--verify', '--quiet', ref]);
      if (known.code === 0) return;
      // It is fetched by a name that stays, since a branch may have moved.
      requireDone(await here(['update-ref', ref, base]), 'given its base');
      const args = ['fetch', ...fetchArgs, '--end-of-options', repository, `${ref}:${ref}`];
      requireDone(await there(args, { isLong: true }), 'given its base');
    },
    async claimForCancel(runId, epoch) {
      const id = `${runId}.${epoch}`;
      const known = (await claims())[id];
      if (known !== undefined) return known.worker === coordinatorName ? 'nobody-has-it' : 'asked';
      const tree = requireText(await there(['hash-object', '-t', 'tree', '-w', '--', '/dev/null']), 'written');
      const words = claimWordsOf(runId, epoch, coordinatorName, randomBytes(8).toString('hex'));
      const message = `${claimWords}${words}\n`;
      const env = identity(coordinatorName);
      const commit = requireText(
        await there(['commit-tree', tree.trim(), '-F', '-'], { input: message, env }),
        'written',
      );
      const zero = '0'.repeat(commit.trim().length);
      await there(['update-ref', runRef(runId, epoch), commit.trim(), zero]);
      // Whatever git said: who stands there now has it.
      return (await claims())[id]?.worker === coordinatorName ? 'nobody-has-it' : 'asked';
    },
    async bringHome(refs) {
      const format = '--format=%(refname)%00%(objectname)';
      const text = requireText(await there(['for-each-ref', format, 'refs/cm/runs', 'refs/cm/late']), 'read');
      const known = text.split('\n').map(line => line.split('\0'));
      const results: Record<RunId, Oid | null> = {};
      const specs: string[] = [];
      for (const { runId, epoch, slug, head, late } of refs) {
        // Its own place first; where that was taken, its worker put it beside.
        const ref = known.find(([name = '', oid]) => oid === head && isPlaceOf(name, runId, epoch))?.[0];
        results[runId] = ref === undefined ? null : head;
        const place = late === true ? 'late' : 'fleet';
        if (ref !== undefined) specs.push(`+${ref}:refs/cm/${place}/${assertSlug(slug)}/${epoch}`);
      }
      if (specs.length === 0) return results;
      const args = ['fetch', ...fetchArgs, '--end-of-options', path, ...specs];
      const config = ['fetch.fsckObjects=true', 'transfer.fsckObjects=true'];
      requireDone(await here(args, { config, isLong: true }), 'fetched from');
      return results;
    },
    async createBranch(branchName, head) {
      const ref = branchRef(branchName);
      const zero = '0'.repeat(head.length);
      await here(['update-ref', '-m', 'cm-tui: came from another machine', ref, assertOid(head), zero]);
      const now = await here(['rev-parse', '--verify', '--quiet', ref]);
      return now.stdout.toString('utf8').trim() === head;
    },
  };
}

/** Who makes the commits that are only names. */
export function identity(name: string): Readonly<Record<string, string>> {
  const email = `${name}@cm-tui.invalid`;
  return { GIT_AUTHOR_NAME: name, GIT_AUTHOR_EMAIL: email, GIT_COMMITTER_NAME: name, GIT_COMMITTER_EMAIL: email };
}

function requireDone(output: GitOutput, what: string): void {
  if (output.code !== 0) throw new CmError(`The depot could not be ${what}: ${gitReason(output)}.`, 3);
}

function requireText(output: GitOutput, what: string): string {
  requireDone(output, what);
  return stdoutText(output) ?? '';
}
