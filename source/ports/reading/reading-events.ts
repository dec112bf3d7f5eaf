import type { AgentUsage } from '../../domain/cost/agent-usage.ts';
import type { Oid, ProcessIdentity, RunId } from '../../domain/ids.ts';
import type { AgentReading, ReadingOutcome, ReadingPurpose } from '../../domain/review/reading.ts';
import type { ReviewComment } from '../../domain/review/review.ts';

/** What becomes of agents that read finished work without changing it: a review before that of a person, a comparison of rivals. */
export type ReadingEvent =
  /** * Such an agent is to be started. */
  | {
      readonly type: 'reading-started';
      readonly runId: RunId;
      readonly purpose: ReadingPurpose;
      readonly number: number;
      readonly agent: string;
      readonly head: Oid;
      readonly slot: number;
      /** Which runs at which commits it compares. */
      readonly of?: string;
    }
  /** Its process is known; `up` is the monotonic time of its start. */
  | {
      readonly type: 'reading-running';
      readonly runId: RunId;
      readonly purpose: ReadingPurpose;
      readonly number: number;
      readonly process: ProcessIdentity;
      readonly up: number;
    }
  /** It has ended, or nobody waits for it any more. */
  | ({
      readonly type: 'reading-finished';
      readonly runId: RunId;
      readonly purpose: ReadingPurpose;
      readonly number: number;
      readonly outcome: ReadingOutcome;
      /** What it said on the whole, or why it gave no answer. */
      readonly words: string;
      /** What it found; comments take the place of those of an earlier reading that were not sent. */
      readonly comments: readonly ReviewComment[];
      /** It changed files of its worktree. */
      readonly changed?: true;
      /** Missing: its program does not say. */
      readonly usage?: AgentUsage;
    } & Pick<AgentReading, 'until' | 'tries'>);
