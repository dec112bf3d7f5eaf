import { checksHash } from '../../domain/checks.ts';
import type { Instance } from '../../domain/instance.ts';
import { type CheckResult, coversCandidate } from '../../domain/queue/merge-entry.ts';
import type { State } from '../state/state.ts';

/** What the checks say of a branch as it would land now. */
export interface ReviewedChecks {
  /** `none`: no checks are set. `stale`: what they said was about another merge. */
  readonly outcome: CheckResult['outcome'] | 'none' | 'running' | 'not-run' | 'stale';
  readonly detail: string | null;
  /** What failed, in the words of the checks. */
  readonly lines: readonly string[];
}

/** The state of the checks of a branch, for whoever reviews it. */
export function checksOf({ settings }: Pick<State, 'settings'>, { state, merge }: Instance): ReviewedChecks {
  const { checks, check, candidate } = merge;
  const without = (outcome: ReviewedChecks['outcome']): ReviewedChecks => ({ outcome, detail: null, lines: [] });
  if (settings.checks.length === 0) return without('none');
  if (check !== undefined && !check.ended) return without('running');
  if (checks === null) return without('not-run');
  const isCurrent = state === 'checks-failed' || (candidate !== null && coversCandidate(checks, candidate));
  if (!isCurrent || checks.commandHash !== checksHash(settings)) return without('stale');
  return { outcome: checks.outcome, detail: checks.detail, lines: checks.lines ?? [] };
}
