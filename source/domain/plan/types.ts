import type { ResourceStatus } from '../capacity.ts';
import type { Instance } from '../instance.ts';
import type { Item, SourceProblem } from '../item.ts';
import type { Ownership } from '../ownership/ownership.ts';
import type { Settings } from '../settings.ts';

/** Everything that the plan is made from. The same input always gives the same plan. */
export interface PlanInput {
  /** Items of the ROADMAP in document order, then ad-hoc ones in the order in which they were added. */
  readonly items: readonly Item[];
  /** In the order in which they were requested. */
  readonly instances: readonly Instance[];
  readonly ownership: Ownership;
  readonly settings: Pick<
    Settings,
    | 'agent'
    | 'maxParallel'
    | 'minFreeDisk'
    | 'unknownScope'
    | 'unowned'
    | 'ownershipPolicy'
    | 'readOnlyTypes'
    | 'attemptLimit'
    | 'fallbackAgents'
    | 'costCapUsd'
    | 'stack'
  >;
  readonly resources: ResourceStatus;
  /** Room on other machines; missing: everything runs here. `local`: whether anything runs here as well. */
  readonly elsewhere?: { readonly local: boolean; readonly free: number; readonly atWork: number };
  /** Why the repository cannot take an instance, one sentence each; empty: it can. */
  readonly repositoryProblems: readonly string[];
  readonly paused: boolean;
  /** Only items of this group are started by the work loop; null or missing: all. */
  readonly onlyGroup?: string | null;
  /** Ids of items that the user wants first, in that order. */
  readonly pins: readonly string[];
  /** Agent program → milliseconds since 1970 until which it reported a rate limit. */
  readonly cooldowns: Readonly<Record<string, number>>;
  /** Those of them that are for a trouble of the service, not for a rate limit. */
  readonly troubled?: Readonly<Record<string, true>>;
  /** Those of them of which a run prints nothing → the key of its item; missing: none. */
  readonly silent?: Readonly<Record<string, string>>;
  readonly now: number;
  /** When this coordinator was started: costs are counted from there. Missing: from ever. */
  readonly startedAt?: number;
  /** What reading the ROADMAP and the ownership file found wrong; passed on in `Plan.problems`. */
  readonly problems: readonly SourceProblem[];
}
