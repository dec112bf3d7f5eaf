import { keyLabel } from '../../../commands/key-words.ts';
import { violationsOf } from '../../../coordinator/landing/queue-order.ts';
import { isUnderReview } from '../../../coordinator/review/under-review.ts';
import { queueInstances } from '../../../coordinator/state/selectors.ts';
import type { State } from '../../../coordinator/state/state.ts';
import type { Oid, RunId } from '../../../domain/ids.ts';
import type { Instance } from '../../../domain/instance.ts';
import { sanitizeLine } from '../../../domain/text/sanitize.ts';
import type { Command } from '../../../ports/commands.ts';
import type { ExternalRequest } from '../../layer.ts';
import type { Matcher } from '../log/matcher.ts';
import type { Loaded, OtherRow } from './document.ts';
import { fileAt, type ReviewPage } from './review-page.ts';
import { searchableText } from './rows.ts';

/** Where a step from the cursor leads, or one sentence that says why it leads nowhere. */
export type PageStep = number | string;

/** The header of the next file, or of this or the one before it; above the first file stand the facts. */
export function fileStep(page: ReviewPage, cursor: number, by: 1 | -1): PageStep {
  const { starts } = page.body;
  const here = fileAt(page, cursor);
  const isInside = by === -1 && cursor > (starts[here] ?? 0);
  const next = here + (isInside ? 0 : by);
  if (next >= starts.length) return 'This is the last file.';
  return next < 0 ? -page.facts.length : (starts[next] ?? 0);
}

export function hunkStep({ body, loaded }: ReviewPage, cursor: number, by: 1 | -1): PageStep {
  for (let at = Math.max(-1, cursor) + by; at >= 0 && at < body.rows.length; at += by) {
    const row = body.rows[at] ?? -1;
    if (row >= 0 && loaded.numbers[row] === 0 && loaded.diff.lines[row]?.startsWith('@@') === true) return at;
  }
  return by === 1 ? 'No more hunks below.' : 'This is the first hunk.';
}

/** The next row that matches. `inclusive`: the cursor's own row counts. */
export function matchStep(
  page: ReviewPage,
  cursor: number,
  { matcher, typed }: { readonly matcher: Matcher | null; readonly typed: string },
  { by, inclusive }: { readonly by: 1 | -1; readonly inclusive: boolean },
): PageStep {
  if (matcher === null) return `No search yet. Press ${keyLabel('search')} to search.`;
  const start = inclusive ? Math.max(0, cursor) : Math.max(-1, cursor) + by;
  for (let at = start; at >= 0 && at < page.body.rows.length; at += by)
    if (matcher(searchableText(page, at)).length > 0) return at;
  return `No ${by === 1 ? 'further' : 'earlier'} match for ${typed}.`;
}

/** The next or previous run under review, in the order of the queue; null: there is no other. */
export function branchStep(state: State, { runId }: Instance, by: 1 | -1): Instance | null {
  const runs = queueInstances(state).filter(isUnderReview);
  const here = runs.findIndex(one => one.runId === runId);
  const next = runs[(Math.max(0, here) + by + runs.length) % Math.max(1, runs.length)];
  return next === undefined || next.runId === runId ? null : next;
}

/** What is not a line of the diff at a row; undefined: it is one. */
export function otherAt({ body }: ReviewPage, at: number): OtherRow | undefined {
  const row = body.rows[at];
  return row !== undefined && row < 0 ? body.others[-row - 1] : undefined;
}

/** The approval of the head that was shown; or a sentence that says what is in its way. */
export function approvalOf(
  state: State,
  instance: Instance,
  { head, accepted }: { readonly head: Oid | null; readonly accepted: boolean },
): Command | string {
  const { key, runId } = instance;
  if (instance.head !== head)
    return `${key} has new commits since you opened this page. Press ${keyLabel('approve')} to review it again.`;
  const violations = violationsOf(state, instance);
  if (violations.length > 0 && !accepted) {
    const what = violations.length === 1 ? 'violation' : 'violations';
    return `${keyLabel('accept')} accept the ${what} once, then ${keyLabel('land')} land`;
  }
  return {
    type: 'approve',
    id: runId,
    ...(head === null ? {} : { head }),
    ...(violations.length > 0 ? { accept: violations.map(one => `${one.code} ${one.path}`) } : {}),
    by: 'user',
  };
}

/** The diff for the user's pager, which gets no raw bytes either. */
export function pagerRequest(loaded: Loaded | null): ExternalRequest | string {
  if (loaded === null) return 'The diff is still being read. Try again in a moment.';
  return { type: 'pager', text: loaded.diff.lines.map(one => `${sanitizeLine(one)}\n`).join('') };
}

/** The file at the cursor for the user's editor, at the cursor's line where that is in the file as it is now. */
export function editorRequest(page: ReviewPage, cursor: number, runId: RunId): ExternalRequest | string {
  const { diff, numbers } = page.loaded;
  const file = diff.files[fileAt(page, cursor)];
  if (file === undefined) return 'No file to open here. Tab goes to the next one.';
  const row = page.body.rows[cursor] ?? -1;
  const number = row >= 0 && diff.lines[row]?.[0] !== '-' ? (numbers[row] ?? 0) : 0;
  return { type: 'editor', runId, path: file.path, line: number === 0 ? null : number };
}
