import type { Instance } from '../../domain/instance.ts';
import { pullRequestWords } from '../../domain/queue/pull-request.ts';

/** Why an approved branch waits for its pull request; null: it has none for what was approved. */
export function waitForPullRequest({ pr, merge, target }: Instance): string | null {
  if (pr === undefined || pr.state === 'closed' || pr.head !== merge.approvedHead) return null;
  if (pr.state === 'merged') return `PR #${pr.number} is merged; bring ${target} up to date with "git pull"`;
  return `waits for ${pullRequestWords(pr)} to be merged`;
}
