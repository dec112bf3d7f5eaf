import type { Instance, ReturningCommits } from '../../domain/instance.ts';
import type { Violation } from '../../domain/queue/merge-entry.ts';
import { withoutFullStop } from '../../domain/text/clause.ts';
import { createRedactor } from '../../domain/text/redact.ts';
import { escapePath, sanitizeLine } from '../../domain/text/sanitize.ts';

/** Longest reason that is kept; an agent's or git's own words may be of any length. */
const reasonLength = 1000;

/** Reasons are journaled and handed on: what is known to look like a secret stays out of them. */
const withoutTokens = createRedactor();

/** Foreign words made harmless, as they stand in a reason. */
export function sanitizeReason(text: string): string {
  return withoutTokens(sanitizeLine(text, reasonLength));
}

/** First three of a list, and how many more. */
export function someOf(list: readonly string[]): string {
  const more = list.length - 3;
  return list.slice(0, 3).join(', ') + (more > 0 ? ` and ${more} more` : '');
}

/** First three paths as they may be shown, and how many more. */
export function somePaths(paths: readonly string[]): string {
  return someOf(paths.map(escapePath));
}

/** Why a branch may not land as it is. */
export function describeViolations(violations: readonly Violation[]): string {
  return sanitizeReason(someOf(violations.map(violation => violation.message)));
}

/** What a branch that may land should be looked at for; null: nothing. */
export function describeWarnings(warnings: readonly Violation[]): string | null {
  return warnings.length === 0 ? null : `warning: ${describeViolations(warnings)}`;
}

export function conflictSentence(target: string, paths: readonly string[]): string {
  return `conflicts with ${target}: ${somePaths(paths)}`;
}

/** Landing a branch would bring back what somebody removed from the target; and how its own commits get there without that. */
export function returningReason(
  instance: Pick<Instance, 'base' | 'target' | 'worktreePath' | 'key' | 'head' | 'replayStopped'>,
  { count, commits, last }: ReturningCommits,
  head: string | null = instance.head,
): string {
  const { base, target, worktreePath, key, replayStopped: stopped } = instance;
  const named = someOf(commits.map(({ oid, subject }) => `${oid.slice(0, 10)} "${subject}"`));
  const rest = count > commits.length ? ` (${count} in all)` : '';
  const what = count === 1 ? 'a commit' : `${count} commits`;
  const held = `landing it would bring back ${what} that ${target} no longer holds: ${named}${rest}`;
  const keeps = `"cm-tui replay ${key}" keeps only its own commits`;
  if (stopped === undefined || stopped.head !== head) return sanitizeReason(`${held}; ${keeps}`);
  const rebase = `"git rebase --onto ${target} ${(last ?? base ?? '').slice(0, 10)}" in ${escapePath(worktreePath)}`;
  const how = stopped.paths.length > 0 ? `resolve it with ${rebase}, or request a fix from the agent` : keeps;
  return sanitizeReason(`${held}; not replayed: ${withoutFullStop(stopped.reason)}; ${how}`);
}

/** A run is over and some of its processes are not. */
export function leftoverText(key: string, count: number): string {
  return `${key} ${leftoverWords} ${count === 1 ? '1 process' : `${count} processes`}`;
}

/** Something is at work in a run's worktree, and nobody knows whose it is. */
export function strayText(key: string, pid: number, name: string): string {
  return sanitizeReason(
    `a process in the worktree of ${key} may be left over from it: ${name} (${pid}); "kill ${pid}" ends it`,
  );
}

/** Where nobody can tell what works in a worktree. */
export function unknownStrays(key: string): string {
  return `whether processes still work in the worktree of ${key} is unknown; make /proc or lsof available`;
}

/** Beginning of the notice about a run's leftovers, by which it is recognised. */
export const leftoverWords = 'ended but left running';

/** Why a run is stopped that works where its worktree no longer is. */
export const astrayReason = 'its worktree was removed while it ran';
