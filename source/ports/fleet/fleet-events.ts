import type { Oid, RunId } from '../../domain/ids.ts';

/** Facts about agents on other machines. Intents and what cannot be read again (marked *) are on disk before anything acts on them. */
export type RemoteRunEvent =
  /** * It goes to a pool; the next `epoch` each time. */
  | {
      readonly type: 'run-dispatched';
      readonly runId: RunId;
      readonly epoch: number;
      readonly pool: string;
      readonly base: Oid;
    }
  /** * A worker has claimed it. */
  | { readonly type: 'instance-placed'; readonly runId: RunId; readonly epoch: number; readonly worker: string }
  /** * The worker gave it back before its agent began. */
  | {
      readonly type: 'run-refused';
      readonly runId: RunId;
      readonly epoch: number;
      readonly worker: string;
      readonly why: string;
    }
  | { readonly type: 'contact-lost'; readonly runId: RunId; readonly worker: string }
  | { readonly type: 'contact-back'; readonly runId: RunId; readonly worker: string }
  /** Its commits are on its branch here; `taken`: or pinned only, since that name is somebody else's. */
  | { readonly type: 'run-came-home'; readonly runId: RunId; readonly head: Oid | null; readonly taken?: true }
  /** * It came back after it had been given up. */
  | {
      readonly type: 'late-result';
      readonly runId: RunId;
      readonly epoch: number;
      readonly worker: string;
      readonly head: Oid;
    };

export type FleetEvent =
  | RemoteRunEvent
  /** * A person has accepted a worker's public key. */
  | { readonly type: 'worker-accepted'; readonly worker: string; readonly key: string }
  /** * It is given no more runs, or runs again. */
  | { readonly type: 'worker-drained'; readonly worker: string; readonly drained: boolean }
  /** * Its key counts no more. */
  | { readonly type: 'worker-forgotten'; readonly worker: string };
