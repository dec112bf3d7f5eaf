/** What a run has used, as far as its program tells; null: it does not. */
export interface AgentUsage {
  readonly inputTokens: number | null;
  readonly outputTokens: number | null;
  readonly costUsd: number | null;
  /** It counts all of the session, what earlier parts of the run used of it included; absent: this part alone. */
  readonly ofSession?: true;
}
