import type { Oid } from '../ids.ts';

/** A commit of a branch; texts are sanitised. */
export interface BranchCommit {
  readonly oid: Oid;
  readonly subject: string;
  /** May hold several lines; empty: none. */
  readonly body: string;
  readonly author: string;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** What a reviewer reads beside the state and the diff; texts are sanitised. */
export interface ReviewMaterial {
  /** What the agent was asked to do; null: the item is not there any more. */
  readonly itemText: string | null;
  /** What the agent says that it did; null: it said nothing that is known. */
  readonly summary: string | null;
  /** The run's commits, oldest first; null: git cannot tell. */
  readonly commits: readonly BranchCommit[] | null;
}
