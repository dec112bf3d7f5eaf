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
  | 'attempts'
  | 'cooldown'
  | 'cost';

/** Why an item may not run now; `detail` is one plain sentence fit for a screen. */
export interface WaitReason {
  readonly code: ReasonCode;
  readonly detail: string;
}

export interface Plan {
  /** Items (`Priority.id`) that may be spawned now, all together, in document order. */
  readonly ready: readonly string[];
  /** Planned items (and those with an instance) that may not, each with every reason. */
  readonly waiting: readonly { readonly id: string; readonly reasons: readonly WaitReason[] }[];
  /** Planned items batched into sets that could run side by side, in the order in which they could run. */
  readonly groups: readonly (readonly string[])[];
  readonly problems: readonly { readonly code: string; readonly message: string; readonly line: number | null }[];
}
