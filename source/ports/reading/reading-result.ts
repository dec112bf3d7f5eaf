import type { AgentUsage } from '../../domain/cost/agent-usage.ts';
import type { PlacedFinding } from '../../domain/review/placed-finding.ts';

/** What came of an agent that was to read finished work. Texts are foreign. */
export interface ReadingResult {
  readonly outcome: 'done' | 'failed';
  /** What it said on the whole; of a failure the reason, one sentence. */
  readonly words: string;
  readonly findings: readonly PlacedFinding[];
  /** Null: its program does not say. */
  readonly usage: AgentUsage | null;
  /** Its worktree was not as it had been; it has been put back. */
  readonly changed: boolean;
  /** Its service has a limit, until then (milliseconds since 1970; null: not said); null: none. */
  readonly limit: { readonly until: number | null } | null;
}
