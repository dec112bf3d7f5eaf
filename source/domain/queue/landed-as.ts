import type { Oid } from '../ids.ts';
import type { LandingWay } from './landing-style.ts';

/** The commit of the target by which work reached it. */
export interface FoundLanding {
  readonly oid: Oid;
  readonly style: LandingWay;
  /** Of several commits one after the other, of which `oid` is the last: the commit that they stand on. Missing: not known. */
  readonly from?: Oid;
}

/** How a run landed, and whether cm-tui or somebody else moved the target. */
export interface LandedAs extends FoundLanding {
  readonly by: 'us' | 'other';
}

/** What is pinned of a run whose worktree and branch were removed: its head, and a commit of what was not committed. */
export interface RemovedRun {
  readonly head: Oid | null;
  readonly saved: Oid | null;
}

/** Why a run that somebody else landed counts as landed, as a clause. */
export function landedElsewhere({ oid }: FoundLanding): string {
  return `landed as ${oid.slice(0, 10)} by somebody else`;
}
