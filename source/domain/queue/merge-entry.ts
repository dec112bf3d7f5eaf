import type { Oid, ProcessIdentity } from '../ids.ts';
import type { LandingStyle } from './landing-style.ts';
import type { QueuePlace } from './order.ts';

/** A reason why a branch may not land as it is. */
export interface Violation {
  readonly code:
    | 'scope'
    | 'ownership'
    | 'read-only'
    | 'symlink'
    | 'submodule'
    | 'mode'
    | 'folder'
    | 'runtime-state'
    /** The user's stash lost an entry while it ran; `path` is the entry's object id. */
    | 'stash'
    /** Not a path but an item that it depends on and that will not land by itself. */
    | 'dependency';
  readonly path: string;
  readonly message: string;
}

export interface Candidate {
  /** The commit that would become the target's tip. */
  readonly oid: Oid;
  /** The target's tip it was built on, and an ancestor of it. */
  readonly base: Oid;
  /** The branch's head whose work it holds. */
  readonly head: Oid;
  /** True where the item's status line is part of the candidate's tree. */
  readonly statusWritten: boolean;
  /** How it was built; missing: as a merge, or as `squash` says. */
  readonly style?: LandingStyle;
  /** Written by earlier versions: it has the target's tip for its only parent. */
  readonly squash?: boolean;
  /** What it holds; missing: not known. */
  readonly tree?: Oid;
  /** It was built for checks before the approval: it never lands, but what they found counts for another one with the very same tree. */
  readonly early?: true;
}

export interface CheckResult {
  readonly candidate: Oid;
  /** Of the candidate; missing: not known. */
  readonly tree?: Oid;
  /** Hash of the check commands, so that a result is never used for other checks. */
  readonly commandHash: string;
  readonly outcome: 'passed' | 'failed' | 'error';
  /** Which command, its exit code, or why it could not be judged; one sentence. */
  readonly detail: string;
  /** The lines of its output that say what failed, sanitised; missing: none do, or nobody looked. */
  readonly lines?: readonly string[];
}

/** One run of the checks, under a process of its own that outlives us. */
export interface CheckRun {
  readonly candidate: Oid;
  /** Of the candidate; missing: not known. */
  readonly tree?: Oid;
  readonly commandHash: string;
  /** Counts the runs for this branch; the same candidate can be checked more than once. */
  readonly number: number;
  /** In which of our integration worktrees. */
  readonly slot: number;
  /** Null until it is known. */
  readonly process: ProcessIdentity | null;
  /** Monotonic time of its start. */
  readonly startedUp: number | null;
  /** It has a result, or nobody waits for one any more. */
  readonly ended: boolean;
}

/** What the merge queue knows of an instance's branch. */
export interface MergeEntry {
  readonly prediction: 'unknown' | 'clean' | 'conflict' | 'empty';
  /** A trial merge of this commit was tried, and its result is unknown. */
  readonly tried?: true;
  /** It was judged when its agent ended, and is judged once more only because a person wants it: nothing of its run is new. */
  readonly judgedBefore?: true;
  /** Paths that conflict with the target, or that the user's own changes block. */
  readonly conflicts: readonly string[];
  readonly violations: readonly Violation[];
  /** Findings that hold nothing up; missing: none. */
  readonly warnings?: readonly Violation[];
  /** The head a person (or `--approve clean`) said yes to; another head voids it. */
  readonly approvedHead: Oid | null;
  readonly approvedAt: number | null;
  /** Violations accepted once by a person, as `code path`. */
  readonly accepted: readonly string[];
  readonly candidate: Candidate | null;
  readonly checks: CheckResult | null;
  /** The target moved from this commit past the candidates below its own, as it landed with others; missing: from its candidate's base. */
  readonly landsFrom?: Oid;
  readonly landed: Oid | null;
  readonly landedAt: number | null;
  /** Its landing was reverted by returning the target to where it was, and it has not been judged since. */
  readonly movedBack?: true;
  /** Missing: it was never queued. */
  readonly place?: QueuePlace;
  /** When its checks last ran, milliseconds since 1970; `to` null: they have not ended. */
  readonly checkSpan?: { readonly from: number; readonly to: number | null };
  /** The last run of its checks; missing: there was none. */
  readonly check?: CheckRun;
}

/** True where checks of this kind looked at what the candidate holds: at itself, or at the very same tree. */
export function coversCandidate(
  checked: Pick<CheckResult, 'candidate' | 'tree'>,
  { oid, tree }: Pick<Candidate, 'oid' | 'tree'>,
): boolean {
  return checked.candidate === oid || (tree !== undefined && checked.tree === tree);
}

export const emptyMergeEntry: MergeEntry = {
  prediction: 'unknown',
  conflicts: [],
  violations: [],
  approvedHead: null,
  approvedAt: null,
  accepted: [],
  candidate: null,
  checks: null,
  landed: null,
  landedAt: null,
};
