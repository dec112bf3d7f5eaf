import type { Oid } from '../ids.ts';

/** How many of the forge's checks of a pull request have passed, have failed, and are still to come. */
export interface PullRequestChecks {
  readonly passed: number;
  readonly failed: number;
  readonly pending: number;
}

/** A pull request (merge request) as the forge last described it. */
export interface PullRequest {
  readonly number: number;
  /** Sanitised. */
  readonly url: string;
  readonly state: 'open' | 'merged' | 'closed';
  readonly checks: PullRequestChecks;
  /** The commit that it was merged as; null: it was not, or the forge does not say. */
  readonly mergedAs: Oid | null;
}

/** The pull request of a run's branch. */
export interface RunPullRequest extends PullRequest {
  /** The commit of the branch that it was opened, or last pushed, for. */
  readonly head: Oid;
}

/** `PR #12 ✓ 3/3`, as short as it can be said. */
export function pullRequestWords({ number, state, checks }: Pick<PullRequest, 'number' | 'state' | 'checks'>): string {
  const { passed, failed, pending } = checks;
  const all = passed + failed + pending;
  const name = `PR #${number}`;
  if (state !== 'open') return `${name} ${state}`;
  if (all === 0) return name;
  const mark = failed > 0 ? '✗' : pending > 0 ? '…' : '✓';
  return `${name} ${mark} ${passed}/${all}`;
}

export function samePullRequest(a: PullRequest, b: PullRequest): boolean {
  const words = ({ number, url, state, checks, mergedAs }: PullRequest) =>
    JSON.stringify([number, url, state, checks.passed, checks.failed, checks.pending, mergedAs]);
  return words(a) === words(b);
}
