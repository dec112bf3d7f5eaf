export type ReasonCode =
  | 'dependency'
  | 'cycle'
  | 'overlap'
  | 'unknown-scope'
  | 'ownership'
  | 'singleton'
  | 'capacity'
  | 'disk'
  | 'duplicate'
  | 'status'
  | 'repository'
  | 'paused'
  | 'group'
  | 'attempts'
  | 'cooldown'
  | 'cost';

/** Why an item may not run now; `detail` is one plain sentence fit for a screen. */
export interface WaitReason {
  readonly code: ReasonCode;
  readonly detail: string;
}

/** What may run now. What else there is to say is worked out when somebody asks: see `PlanDetails`. */
export interface Plan {
  /** Items (`Item.id`) that may be spawned now, all together, in document order. */
  readonly ready: readonly string[];
  /** Milliseconds since 1970 for which it was made: a rate limit ends by itself. */
  readonly at: number;
}

/** A plan with everything that can be said about it; each part is worked out when it is first asked for. */
export interface PlanDetails {
  readonly ready: Plan['ready'];
  /** Planned items (and those with an instance) that may not run now, each with every reason, in document order. */
  waiting(): readonly { readonly id: string; readonly reasons: readonly WaitReason[] }[];
  /** Every reason why an item, named by id, key or alias, does not run now, whether the plan lists it or not; empty: it is ready. */
  reasonsOf(id: string): readonly WaitReason[];
  /** Is it among `ready` or `waiting`? */
  lists(id: string): boolean;
  /** What is to be said of items in `ready` or `waiting` although it holds nothing up, in document order. */
  warnings(): readonly { readonly id: string; readonly reasons: readonly WaitReason[] }[];
  /** Planned items batched into sets that could run side by side, in the order in which they could run. */
  groups(): readonly (readonly string[])[];
  problems(): readonly { readonly code: string; readonly message: string; readonly line: number | null }[];
}
