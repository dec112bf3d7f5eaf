import type { RunId } from '../../domain/ids.ts';
import type { Instance } from '../../domain/instance.ts';
import type { Item } from '../../domain/item.ts';
import type { ReadingPurpose } from '../../domain/review/reading.ts';

/** A branch that is read, with its diff as git prints it. */
export interface ReadBranch {
  readonly run: Instance;
  readonly diff: string;
}

/** What an agent is to read, and where. */
export interface ReadingRequest {
  readonly runId: RunId;
  readonly runName: string;
  readonly purpose: ReadingPurpose;
  readonly agent: string;
  /** A worktree of its own, which is thrown away. */
  readonly worktree: string;
  /** The run whose branch is reviewed, or one of those that are compared. */
  readonly instance: Instance;
  /** Undefined: its source no longer has it. */
  readonly item: Item | undefined;
  readonly diffs: readonly ReadBranch[];
}
