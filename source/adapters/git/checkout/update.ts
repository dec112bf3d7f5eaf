import type { Oid } from '../../../domain/ids.ts';
import type { RawChange } from '../plumbing/parse.ts';

/** What is to be done in the user's tree. */
export interface Update {
  readonly tree: string;
  readonly from: Oid;
  readonly to: Oid;
  readonly changes: readonly RawChange[];
  /** A new folder of ours, in which everything that the update needs is laid ready. */
  readonly folder: string;
}
