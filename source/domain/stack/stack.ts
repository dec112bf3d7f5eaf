import type { Oid, RunId } from '../ids.ts';

/**
 * A run that was begun from the branch of another one, which waits to land. Until that has landed, the other's branch is its target: what is
 * its own, and what it conflicts with, is seen from there.
 */
export interface Stack {
  /** The run below. */
  readonly runId: RunId;
  /** The branch on which it lands once the run below has landed. */
  readonly target: string;
  /** The head of the run below that it was begun from, or that it was last brought up to, or tried to be. */
  readonly at: Oid;
  /** The run below has landed, or will not: it lands on `target` by itself now. */
  readonly left?: true;
}
