import { createHash } from 'node:crypto';
import type { Oid } from '../../../domain/ids.ts';
import { sanitizeLine } from '../../../domain/text/sanitize.ts';
import type { PrepareRequest } from '../../../ports/git.ts';
import { type GitContext, isAncestor } from '../context.ts';
import { replayCommits } from '../history/replay-commits.ts';
import { isOid } from '../plumbing/refs.ts';
import { commitMessage, makeCommit } from '../plumbing/write-commit.ts';
import { throughCommitMsg } from './hooks.ts';
import { wantsSignature } from './signature.ts';

/** The commit that would become the target's tip, or why there is none. */
export type Built =
  | { readonly oid: Oid; readonly statusWritten: boolean }
  /** `lasting`: it follows from base, head and style alone. */
  | { readonly problem: string; readonly lasting?: true }
  | { readonly paths: readonly string[] };

interface Parts {
  readonly base: Oid;
  readonly head: Oid;
  /** What merging the branch gives: every style has to end with exactly that, beside the status line. */
  readonly tree: Oid;
  /** A tree with the item's status line in it; null: none is to be written, or it is not possible now. */
  markStatus(tree: Oid): Promise<Oid | null>;
}

/** Subjects of a squashed branch that its message lists. */
const mostSubjects = 100;

/** Builds what lands, as the style says. Nothing names it yet. */
export async function buildCommits(context: GitContext, request: PrepareRequest, parts: Parts): Promise<Built> {
  const sign = request.draft !== true && (await wantsSignature(context));
  const style = request.draft === true ? 'merge' : (request.style ?? 'merge');
  switch (style) {
    case 'merge':
    case 'squash': {
      const marked = await parts.markStatus(parts.tree);
      const parents = style === 'squash' ? [parts.base] : [parts.base, parts.head];
      const message = await messageOf(context, request, parts);
      const passed = request.draft === true ? { message } : await throughCommitMsg(context, message);
      if ('problem' in passed) return passed;
      const made = await makeCommit(context, { tree: marked ?? parts.tree, parents, message: passed.message, sign });
      return 'problem' in made ? made : { oid: made.oid, statusWritten: marked !== null };
    }
    case 'rebase': {
      const replayed = await replay(context, request, parts, sign);
      return 'oid' in replayed ? withStatus(context, request, parts, { tip: replayed.oid, sign }) : replayed;
    }
    case 'ff': {
      if (await isAncestor(context, parts.base, parts.head))
        return withStatus(context, request, parts, { tip: parts.head, sign });
      const { branchName, target } = request;
      return {
        problem: `${branchName} is not built on the tip of ${target}, so ${target} cannot be fast-forwarded to it; bring it up to date with "cm-tui update ${keyOf(request)}".`,
        lasting: true,
      };
    }
  }
}

/** The branch's commits on the tip of the target; their result is the one that merging gives, since that is what was reviewed. */
async function replay(
  context: GitContext,
  { target, branchName }: PrepareRequest,
  { base, head, tree }: Parts,
  sign: boolean,
): Promise<{ readonly oid: Oid } | Exclude<Built, { readonly oid: Oid }>> {
  // As they are, where they stand on the tip already and hold no merge.
  const own = await commitsBetween(context, base, head, []);
  const linear = (await commitsBetween(context, base, head, ['--merges'])).length === 0;
  if (!sign && linear && (await isAncestor(context, base, head))) return { oid: head };
  const replayed = await replayCommits(context, { own, head, onto: base, sign });
  if (replayed.outcome === 'conflict') return { paths: replayed.paths };
  if (replayed.outcome === 'own-merge') {
    const which = `${replayed.oid.slice(0, 10)} "${replayed.subject}"`;
    return {
      problem: `The merge ${which} holds changes of its own, so ${branchName} cannot be rebased; land it as a merge.`,
      lasting: true,
    };
  }
  if (replayed.tree === tree && replayed.count > 0) return { oid: replayed.head };
  return {
    problem: `Replaying the commits of ${branchName} on ${target} gives another result than merging it; land it as a merge.`,
    lasting: true,
  };
}

async function commitsBetween(
  context: GitContext,
  base: Oid,
  head: Oid,
  options: readonly string[],
): Promise<readonly Oid[]> {
  const args = ['rev-list', ...options, head, `^${base}`, '--'];
  return (await context.git.text({ cwd: context.home, args })).split('\n').filter(isOid);
}

/** The item's status in a commit of its own on top, so that it lands, and is undone, together with the work. */
async function withStatus(
  context: GitContext,
  request: PrepareRequest,
  parts: Parts,
  { tip, sign }: { readonly tip: Oid; readonly sign: boolean },
): Promise<Built> {
  const marked = await parts.markStatus(parts.tree);
  if (marked === null || marked === parts.tree) return { oid: tip, statusWritten: marked !== null };
  const { status } = request;
  const subject = `Set ${status?.itemKey ?? keyOf(request)} to ${status?.to ?? 'complete'}`;
  const message = commitMessage(subject, await trailersOf(context, request, parts));
  const made = await makeCommit(context, { tree: marked, parents: [tip], message, sign });
  return 'problem' in made ? made : { oid: made.oid, statusWritten: true };
}

/** Subject and body; a squash lists the branch's own subjects and names its other authors. */
async function messageOf(context: GitContext, request: PrepareRequest, parts: Parts): Promise<string> {
  const trailers = await trailersOf(context, request, parts);
  if (request.style !== 'squash') return commitMessage(request.message, trailers);
  const { subjects, authors } = await workOf(context, parts);
  const list = subjects.map(subject => `* ${subject}`).join('\n');
  const text = list === '' ? request.message : `${request.message.trimEnd()}\n\n${list}`;
  return commitMessage(text, { ...(authors.length === 0 ? {} : { 'Co-authored-by': authors }), ...trailers });
}

async function trailersOf(
  context: GitContext,
  request: PrepareRequest,
  { base, head }: Parts,
): Promise<Record<string, string>> {
  const added: Record<string, string> = {};
  for (const name of request.addTrailers ?? []) {
    if (name === 'Signed-off-by') added[name] = await committer(context);
    // One id for one run, whatever is built for it, so that the reviewer's tool sees versions of one change.
    else added[name] = `I${createHash('sha1').update(`cm-tui ${request.runId}`).digest('hex')}`;
  }
  return { ...request.trailers, 'Cm-Head': head, 'Cm-Base': base, ...added };
}

/** What the commits of a branch are called, oldest first, and who made them beside the one who commits. */
async function workOf(
  context: GitContext,
  { base, head }: Parts,
): Promise<{ readonly subjects: readonly string[]; readonly authors: readonly string[] }> {
  const format = '--format=%s%x00%an <%ae>';
  const plain = ['--no-show-signature', '--no-patch', '--no-notes', '--no-merges', '--reverse', '-z'];
  const args = ['log', ...plain, format, head, `^${base}`, '--'];
  const fields = (await context.git.text({ cwd: context.home, args })).split('\0');
  const lines = fields.filter((_, at) => at % 2 === 0 && at + 1 < fields.length);
  const own = await committer(context);
  const authors = new Set(fields.filter((_, at) => at % 2 === 1).map(author => sanitizeLine(author, 200)));
  authors.delete(own);
  const subjects = lines.slice(0, mostSubjects).map(subject => sanitizeLine(subject, 200));
  const more = lines.length - subjects.length;
  return { subjects: more === 0 ? subjects : [...subjects, `and ${more} more`], authors: [...authors] };
}

/** `Name <mail>` of whoever commits here. */
async function committer(context: GitContext): Promise<string> {
  const ident = await context.git.text({ cwd: context.home, args: ['var', 'GIT_COMMITTER_IDENT'] });
  return sanitizeLine(ident.trim().replace(/ \d+ [+-]\d{4}$/, ''), 200);
}

function keyOf({ trailers, slug }: PrepareRequest): string {
  return trailers['Cm-Task'] ?? slug;
}
