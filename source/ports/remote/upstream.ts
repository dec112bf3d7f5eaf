import type { Oid } from '../../domain/ids.ts';

/** Where a branch stands beside its counterpart on a remote, as of the last fetch. */
export interface Upstream {
  /** Name of the remote, `origin`. */
  readonly remote: string;
  /** Short name of the branch there. */
  readonly branch: string;
  /** As people write it: `origin/main`. */
  readonly name: string;
  readonly tip: Oid;
  /** Commits that only the local branch has, and that only the remote's has. */
  readonly ahead: number;
  readonly behind: number;
}

export type PushResult =
  | { readonly outcome: 'pushed'; readonly remote: string }
  /** One sentence; nothing was changed there. */
  | { readonly outcome: 'failed'; readonly message: string };

/** What the coordinator asks of the remotes of the repository. Nothing here ever prompts. */
export interface RemotePort {
  /** Null: the branch has no counterpart that was ever fetched. No network. Throws where git cannot tell. */
  upstream(target: string): Promise<Upstream | null>;
  /** Address of the remote that the branch belongs to; null: there is none. */
  url(target: string): Promise<string | null>;
  /** Fetches the counterpart of a branch; one sentence why that was not possible, null: it was, or there is none. */
  fetch(target: string): Promise<string | null>;
  /**
   * Fetches, and fast-forwards the branch to its counterpart where it is only behind, as a landing would. One sentence why not; null: it
   * stands there.
   */
  bringForward(target: string): Promise<string | null>;
  /**
   * Puts a commit on a branch of the remote that `target` belongs to. It moves only forward there, or away from `instead`, which we have
   * put there ourselves.
   */
  push(request: {
    readonly target: string;
    readonly branch: string;
    readonly commit: Oid;
    readonly instead: Oid | null;
  }): Promise<PushResult>;
}
