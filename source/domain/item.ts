import type { Revert } from './ids.ts';
import type { LandingWay } from './queue/landing-style.ts';
import type { AfterStep } from './settings.ts';

/**
 * What a ROADMAP item is. Every word here is one of the vocabulary in ARCHITECTURE.md.
 * Plain data: it is journaled, sent over the socket and compared by value.
 */

/** Where an item stands according to the ROADMAP. No status at all is `unknown`, which is never `planned`. */
export type ItemStatus =
  | 'planned'
  | 'in-progress'
  | 'complete'
  | 'blocked'
  | 'manual-review'
  | 'testing'
  | 'failed'
  | 'cancelled'
  | 'unknown';

/**
 * The paths (globs, relative to the repository root, `/` separated) that an item may touch.
 * `known`: declared by `**Files**:` or `**Scope**:`. `inferred`: read from back-ticked deliverables or a spec file.
 * `unknown`: nothing to go by; such an item is never independent of anything.
 */
export interface Scope {
  readonly kind: 'known' | 'inferred' | 'unknown';
  readonly paths: readonly string[];
}

/** One work item of the ROADMAP, or an ad-hoc one made with `cm-tui run` or the key `n`. */
export interface Item {
  /** Unique within a roadmap: the item's key, or `key@line` for every copy of a duplicated id. */
  readonly id: string;
  /** The key used in messages: the US id where there is one (`US-108`), else `PRIORITY-2.65`, `BUG-7`, `TASK-1`. */
  readonly key: string;
  /** Every other id that resolves to this item in commands and dependencies, e.g. `PRIORITY-23`. */
  readonly aliases: readonly string[];
  readonly title: string;
  readonly status: ItemStatus;
  /** The heading as written, sanitised. */
  readonly heading: string;
  /** 1-based line of the heading; 0 for an ad-hoc item. */
  readonly line: number;
  /** 1-based last line of the section. */
  readonly endLine: number;
  /** Ids (`Priority.id`) of known items that must have landed first. */
  readonly dependsOn: readonly string[];
  /** What was listed among the dependencies but is not a known item. */
  readonly notes: readonly string[];
  readonly scope: Scope;
  readonly agentType: string;
  /** Agent program chosen by the item (`**Agent program**:`), else null. */
  readonly agentProgram: string | null;
  /** Model that the agent should use for it, in the agent's own words; missing: the agent's. */
  readonly model?: string;
  /** Agent programs that work on it side by side (`**Agents**: claude, codex ×2`), one for each run; missing: one run. */
  readonly agents?: readonly string[];
  /** What follows the work on it (`**Agent review**: yes`), where that is not as the setting `after` says. */
  readonly after?: readonly AfterStep[];
  /** The agent that reviews it (`**Agent review**: codex`), where that is not as the setting `reviewAgent` says. */
  readonly reviewAgent?: string;
  readonly estimateHours: number | null;
  /** How it lands (`**Landing**:`), where that is not as the setting `landing` says. */
  readonly landing?: LandingWay;
  /** The branch that it lands on (`**Target**:`), where that is another one than cm-tui was started with. */
  readonly target?: string;
  /** True where another item carries the same id; such an item is spawned only when named by line (`US-014@3688`). */
  readonly duplicate: boolean;
  /** The text an agent is asked to do: set for ad-hoc items only; for others it is read from the file by line. */
  readonly prompt: string | null;
  /** Type of the source that holds it (`roadmap`, `spec-kit`, `github`, …); absent: ad hoc, or read by an earlier version. */
  readonly source?: string;
  /** The epic, phase, milestone or change it belongs to in its source; null or absent: none. */
  readonly group?: string | null;
  /**
   * What its source says of running it beside others: true, it may; false, it must not. Null or absent: it says nothing. True does not set
   * a scope or a dependency aside.
   */
  readonly parallel?: boolean | null;
  /** 1 goes first; null or absent: none given, which goes after those that have one. */
  readonly priority?: number | null;
  /** Its name in its source, by which its file is searched for it: `001-search/T012`; absent for items of our ROADMAP, which go by key. */
  readonly name?: string;
  /** How its status is written when it has landed: `program`, by its source; `none`, not at all; absent: into its file. */
  readonly writes?: 'program' | 'none';
  /** The file that holds it, relative to the repository; absent: it stands in no file of its own, or in {@link Roadmap.path}. */
  readonly path?: string;
  /** No agent works on it: every run of it reverts this landing. */
  readonly reverts?: Revert;
}

/** Something in the ROADMAP or ownership file that a person should fix. `line` is 1-based. */
export interface SourceProblem {
  readonly line: number;
  /** e.g. `duplicate`, `mismatch`, `cycle`, `dependency`, `status`, `encoding`, `row`. */
  readonly code: string;
  readonly message: string;
}

/** What one source of work holds. */
export interface SourceSummary {
  readonly type: string;
  /** Files or the program it was read from. */
  readonly places: readonly string[];
  readonly items: number;
  readonly planned: number;
}

export interface Roadmap {
  /** Path of the ROADMAP relative to the repository root, else of the first file of another source; null when there is none. */
  readonly path: string | null;
  readonly items: readonly Item[];
  readonly problems: readonly SourceProblem[];
  /** Where the items come from; absent: from the one file alone. */
  readonly sources?: readonly SourceSummary[];
}
