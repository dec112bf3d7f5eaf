import type { Oid } from './ids.ts';

/** How work came to the target: by a merge commit, as one commit, commit by commit, by moving the target, or by a pull request. */
export type LandingStyle = 'merge' | 'squash' | 'rebase' | 'ff' | 'pr';

/** The commit of the target by which work reached it. */
export interface FoundLanding {
  readonly oid: Oid;
  readonly style: LandingStyle;
}

/** How a run landed, and whether cm-tui or somebody else moved the target. */
export interface LandedAs extends FoundLanding {
  readonly by: 'us' | 'other';
}

/** Why a run that somebody else landed counts as landed, as a clause. */
export function landedElsewhere({ oid }: FoundLanding): string {
  return `landed as ${oid.slice(0, 10)} by somebody else`;
}
