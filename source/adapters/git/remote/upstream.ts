import type { Oid } from '../../../domain/ids.ts';
import { sanitizeLine } from '../../../domain/text/sanitize.ts';
import type { RemotePort, Upstream } from '../../../ports/remote/upstream.ts';
import { type GitOutput, gitReason } from '../calls/answers.ts';
import { recoverLanding } from '../checkout/recover.ts';
import { type GitContext, readRefs, tipOf } from '../context.ts';
import { moveBranch } from '../landing/advance-branch.ts';
import { assertOid, branchRef } from '../plumbing/refs.ts';

/** Milliseconds that a remote may be silent. */
const networkMs = 60_000;

/** See `RemotePort`. */
export function createRemote(context: GitContext): RemotePort {
  return {
    upstream: target => readUpstream(context, target),
    url: target => urlOf(context, target),
    fetch: target => fetch(context, target),
    bringForward: target => bringForward(context, target),
    push: request => push(context, request),
  };
}

/** The counterpart of a branch: as its configuration says, else the branch of that name on the only remote, or on `origin`. */
interface Counterpart {
  readonly remote: string;
  readonly branch: string;
  /** The remote-tracking ref, whether it is there or not. */
  readonly ref: string;
}

async function counterpartOf(context: GitContext, target: string): Promise<Counterpart | null> {
  const ref = branchRef(target);
  const format = '--format=%(upstream)%00%(upstream:remotename)%00%(upstream:remoteref)';
  const line = (await context.git.text({ cwd: context.home, args: ['for-each-ref', format, ref] })).trimEnd();
  const [tracking = '', remote = '', remoteRef = ''] = line.split('\0');
  if (tracking.startsWith('refs/remotes/') && remote !== '' && remoteRef.startsWith('refs/heads/'))
    return { remote, branch: remoteRef.slice('refs/heads/'.length), ref: tracking };
  const remotes = (await context.git.text({ cwd: context.home, args: ['remote'] }))
    .split('\n')
    .filter(name => name !== '');
  const chosen = remotes.includes('origin') ? 'origin' : remotes.length === 1 ? remotes[0] : undefined;
  return chosen === undefined ? null : { remote: chosen, branch: target, ref: `refs/remotes/${chosen}/${target}` };
}

async function readUpstream(context: GitContext, target: string): Promise<Upstream | null> {
  // Without a start of git: most starts are in repositories that were never fetched into.
  if (!context.refFiles.mayHave('refs/remotes')) return null;
  const found = await counterpartOf(context, target);
  if (found === null) return null;
  const own = branchRef(target);
  const [here, there] = await Promise.all([tipOf(context, own), tipOf(context, found.ref)]);
  if (here === null || there === null) return null;
  const [ahead, behind] = here === there ? ['0', '0'] : await countApart(context, here, there);
  const name = sanitizeLine(found.ref.slice('refs/remotes/'.length), 100);
  return { remote: found.remote, branch: found.branch, name, tip: there, ahead: Number(ahead), behind: Number(behind) };
}

/** How many commits each has that the other lacks, as git writes it. */
async function countApart(context: GitContext, here: Oid, there: Oid): Promise<readonly string[]> {
  const args = ['rev-list', '--left-right', '--count', `${here}...${there}`, '--'];
  return (await context.git.text({ cwd: context.home, args })).trim().split('\t');
}

async function urlOf(context: GitContext, target: string): Promise<string | null> {
  const found = await counterpartOf(context, target);
  if (found === null) return null;
  const args = ['remote', 'get-url', '--push', '--', found.remote];
  return (await context.git.text({ cwd: context.home, args })).trim() || null;
}

async function fetch(context: GitContext, target: string): Promise<string | null> {
  const found = await counterpartOf(context, target);
  if (found === null) return null;
  const refspec = `+refs/heads/${found.branch}:${found.ref}`;
  const quiet = ['--quiet', '--no-tags', '--no-recurse-submodules', '--no-write-fetch-head', '--no-auto-maintenance'];
  const args = ['fetch', ...quiet, '--end-of-options', found.remote, refspec];
  const output = await context.git.run({ cwd: context.home, args, durable: true, timeoutMs: networkMs });
  if (output.code === 0) return null;
  return `Could not fetch ${sanitizeLine(found.branch, 100)} from ${sanitizeLine(found.remote, 60)}: ${remoteReason(output)}.`;
}

async function bringForward(context: GitContext, target: string): Promise<string | null> {
  const problem = await fetch(context, target);
  if (problem !== null) return problem;
  return context.exclusive(async () => {
    if ((await recoverLanding(context)).outcome === 'stopped') return `${target} is not brought up to date now.`;
    const upstream = await readUpstream(context, target);
    if (upstream === null || upstream.behind === 0) return null;
    if (upstream.ahead > 0)
      return `${target} and ${upstream.name} have diverged, so ${target} is not brought up to date; merge or rebase it.`;
    const from = (await readRefs(context, [branchRef(target)])).get(branchRef(target))?.oid;
    if (from === undefined) return null;
    const reason = `cm-tui: fast-forward to ${upstream.name}`;
    const result = await moveBranch(context, { target, from, to: assertOid(upstream.tip), reason, with: [] });
    switch (result.outcome) {
      case 'moved':
        return null;
      case 'elsewhere':
        return `${target} moved meanwhile.`;
      case 'blocked':
      case 'failed':
        return result.message;
    }
  });
}

async function push(
  context: GitContext,
  { target, branch, commit, instead }: Parameters<RemotePort['push']>[0],
): ReturnType<RemotePort['push']> {
  const found = await counterpartOf(context, target);
  if (found === null) {
    return {
      outcome: 'failed',
      message: `There is no remote to push ${branch} to; add one with "git remote add origin URL".`,
    };
  }
  const to = `refs/heads/${branch === target ? found.branch : branch}`;
  // What stands there moves only forward, unless it is what we put there; a branch of that name that is somebody else's stays.
  const lease = instead === null ? [] : [`--force-with-lease=${to}:${assertOid(instead)}`];
  const args = [
    'push',
    '--porcelain',
    '--no-verify',
    ...lease,
    '--end-of-options',
    found.remote,
    `${assertOid(commit)}:${to}`,
  ];
  const output = await context.git.run({ cwd: context.home, args, timeoutMs: networkMs });
  if (output.code === 0) return { outcome: 'pushed', remote: found.remote };
  const what = `${sanitizeLine(branch, 100)} to ${sanitizeLine(found.remote, 60)}`;
  return { outcome: 'failed', message: `Could not push ${what}: ${rejection(output) ?? remoteReason(output)}.` };
}

/** Why the remote did not take it, in its own words; null: it was not asked, or said nothing. */
function rejection({ stdout }: GitOutput): string | null {
  const words = /^!\t[^\t]*\t\[[^\]]*\] ?\(?([^\n)]*)/m.exec(stdout.toString('utf8'))?.[1]?.trim();
  if (words === undefined || words === '') return null;
  const fix = /fetch first|non-fast-forward|stale info/.test(words) ? '; fetch and bring it up to date first' : '';
  return `${sanitizeLine(words, 200)}${fix}`;
}

/** What the remote, or ssh, says comes before what git says of it. */
function remoteReason(output: GitOutput): string {
  const lines = output.stderr.split(/[\r\n]+/).map(line => line.trim());
  const remote = lines.find(line => /^(remote: |ssh: |.*Permission denied|.*Host key verification)/.test(line));
  return remote === undefined || output.timedOut
    ? gitReason(output)
    : sanitizeLine(remote.replace(/^remote: /, ''), 300);
}
