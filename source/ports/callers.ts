import type { RunId } from '../domain/ids.ts';

/** Who is behind a process that asks for something. `unknown`: nobody can say, which is never treated as a person. */
export type Caller =
  | { readonly kind: 'person' }
  | { readonly kind: 'run'; readonly runId: RunId }
  /** `why`: a clause. */
  | { readonly kind: 'unknown'; readonly why: string };

/** Tells people from agents: what a run's processes ask for is refused unless it only looks. */
export interface CallersPort {
  /**
   * The process that holds `file` open for writing: `hint` where it does, else another one. Null: none that can be seen. Throws where
   * nobody can tell.
   */
  holderOf(file: string, hint: number): Promise<number | null>;
  callerOf(pid: number): Promise<Caller>;
}
