import * as z from 'zod/mini';
import type { PullRequest, PullRequestChecks } from '../../domain/queue/pull-request.ts';
import { sanitizeBlock, sanitizeLine } from '../../domain/text/sanitize.ts';

const text = () => z.string();
const orNull = () => z.optional(z.nullable(text()));

/** `gh pr view --json number,url,state,mergeCommit,statusCheckRollup`. */
const ghShape = z.object({
  number: z.int(),
  url: text(),
  state: text(),
  mergeCommit: z.optional(z.nullable(z.object({ oid: text() }))),
  statusCheckRollup: z.optional(
    z.nullable(z.array(z.object({ status: orNull(), conclusion: orNull(), state: orNull() }))),
  ),
});

/** `glab mr view --output json`: the API's own merge request. */
const glabShape = z.object({
  iid: z.int(),
  web_url: text(),
  state: text(),
  merge_commit_sha: orNull(),
  squash_commit_sha: orNull(),
  sha: orNull(),
  head_pipeline: z.optional(z.nullable(z.object({ status: text() }))),
  pipeline: z.optional(z.nullable(z.object({ status: text() }))),
});

/** A pull request of GitHub as its program prints it; null: it is none that can be read. */
export function readGhPullRequest(json: unknown): PullRequest | null {
  const parsed = ghShape.safeParse(json);
  if (!parsed.success) return null;
  const { number, url, state, mergeCommit, statusCheckRollup } = parsed.data;
  const checks = countOf((statusCheckRollup ?? []).map(ghCheck));
  return { number, url: sanitizeLine(url, 300), state: stateOf(state), checks, mergedAs: oidOf(mergeCommit?.oid) };
}

/** A check run has a status and, once it is completed, a conclusion; a commit status has a state alone. */
function ghCheck({ status, conclusion, state }: { status?: unknown; conclusion?: unknown; state?: unknown }): Verdict {
  const word = String(conclusion || state || '').toUpperCase();
  if (typeof status === 'string' && status !== '' && status.toUpperCase() !== 'COMPLETED') return 'pending';
  if (word === 'SUCCESS' || word === 'NEUTRAL' || word === 'SKIPPED') return 'passed';
  return word === '' || word === 'PENDING' || word === 'EXPECTED' ? 'pending' : 'failed';
}

/** A merge request of GitLab as its program prints it; null: it is none that can be read. */
export function readGlabMergeRequest(json: unknown): PullRequest | null {
  const parsed = glabShape.safeParse(json);
  if (!parsed.success) return null;
  const { iid, web_url, state, merge_commit_sha, squash_commit_sha, sha, head_pipeline, pipeline } = parsed.data;
  const status = (head_pipeline ?? pipeline)?.status;
  const checks = countOf(status === undefined ? [] : [glabPipeline(status)]);
  const merged = stateOf(state) === 'merged';
  // A fast-forward has no commit of its own: the branch's last one is what landed.
  const mergedAs = merged ? oidOf(merge_commit_sha ?? squash_commit_sha ?? sha) : null;
  return { number: iid, url: sanitizeLine(web_url, 300), state: stateOf(state), checks, mergedAs };
}

function glabPipeline(status: string): Verdict {
  if (status === 'success' || status === 'skipped') return 'passed';
  return status === 'failed' || status === 'canceled' ? 'failed' : 'pending';
}

type Verdict = 'passed' | 'failed' | 'pending';

function countOf(verdicts: readonly Verdict[]): PullRequestChecks {
  const count = (wanted: Verdict) => verdicts.filter(one => one === wanted).length;
  return { passed: count('passed'), failed: count('failed'), pending: count('pending') };
}

function stateOf(word: string): PullRequest['state'] {
  const state = word.toLowerCase();
  if (state === 'merged') return 'merged';
  return state === 'closed' ? 'closed' : 'open';
}

function oidOf(text: string | null | undefined): string | null {
  return text != null && /^[0-9a-f]{40,64}$/.test(text) ? text : null;
}

const author = z.optional(z.nullable(z.object({ login: z.optional(text()), username: z.optional(text()) })));
const ghComments = z.object({
  comments: z.optional(z.array(z.object({ body: text(), author }))),
  reviews: z.optional(z.array(z.object({ body: text(), author, state: z.optional(text()) }))),
});
const glabNotes = z.array(z.object({ body: text(), author, system: z.optional(z.boolean()) }));

/** What reviewers wrote, as `gh pr view --json comments,reviews` or GitLab's list of notes has it. */
export function readComments(json: unknown): readonly string[] | null {
  const notes = glabNotes.safeParse(json);
  if (notes.success) return notes.data.filter(({ system }) => system !== true).flatMap(commentOf);
  const all = ghComments.safeParse(json);
  if (!all.success) return null;
  return [...(all.data.reviews ?? []), ...(all.data.comments ?? [])].flatMap(commentOf);
}

interface Comment {
  readonly body: string;
  readonly author?: { readonly login?: string | undefined; readonly username?: string | undefined } | null | undefined;
}

function commentOf({ body, author: who }: Comment): readonly string[] {
  const name = sanitizeLine(who?.login ?? who?.username ?? 'somebody', 60);
  const words = sanitizeBlock(body, 4000).trim();
  return words === '' ? [] : [`${name}: ${words}`];
}
