import type { CoordinatorEvent } from './events.ts';

/** One line of the journal. */
export interface JournalRecord {
  readonly v: 1;
  readonly seq: number;
  /** Wall clock, ISO 8601. */
  readonly ts: string;
  readonly boot: string;
  /** Milliseconds since boot. */
  readonly up: number;
  readonly type: CoordinatorEvent['type'];
  readonly data: unknown;
  /** CRC-32 of the record's JSON without this field, 8 hex digits. */
  readonly crc: string;
}

/** A stored fold of every event up to and including `seq`; `state` is what the writer's callback returned, as plain JSON. */
export interface JournalSnapshot {
  readonly seq: number;
  readonly state: unknown;
}

/**
 * What loading found; the state is the fold of `events` on top of `snapshot` (absent or null: on top of the empty state).
 * `damaged`: the middle cannot be trusted; nothing may be written until a person agreed to recovery. Its `events` are those
 * before the damage.
 */
export type JournalLoad =
  | {
      readonly outcome: 'ok';
      readonly events: readonly CoordinatorEvent[];
      readonly tornTail: boolean;
      readonly snapshot?: JournalSnapshot | null;
      /** Sentences a person should see: what was set aside, which older snapshot was used. */
      readonly remarks?: readonly string[];
    }
  | {
      readonly outcome: 'damaged';
      readonly events: readonly CoordinatorEvent[];
      /** Whole records behind the damage, which tell more than nothing: between `events` and these some are missing. */
      readonly later?: readonly CoordinatorEvent[];
      readonly line: number;
      readonly message: string;
      readonly snapshot?: JournalSnapshot | null;
    };

export interface JournalPort {
  /** `readOnly`: changes nothing on disk, may run beside the writer; appending is refused afterwards. */
  load(options?: { readonly readOnly?: boolean }): Promise<JournalLoad>;
  /** Appends before anything acts on the event. `durable`: returns only when it is on disk. Synchronous so that order is program order. */
  append(event: CoordinatorEvent, durable: boolean): JournalRecord;
  close(): void;
}

/**
 * Facts that must be on disk before the next step: every intent, every request of a person that was answered, and every outcome that is not
 * re-readable from git. What a power cut may lose is found again by the next look at git, the run folders or the machine.
 */
export const durableTypes: ReadonlySet<CoordinatorEvent['type']> = new Set<CoordinatorEvent['type']>([
  'loop-changed',
  'spawns-paused',
  'queue-paused',
  'item-added',
  'item-removed',
  'item-pinned',
  'scopes-set',
  'group-chosen',
  'instance-requested',
  'instance-renamed',
  'setup-changed',
  'instance-started',
  'cancel-requested',
  'instance-resumed',
  'session-known',
  'result-reported',
  'end-requested',
  'instance-exited',
  'outside-changed',
  'settings-sealed',
  'comment-written',
  'comment-removed',
  'comments-sent',
  'reading-started',
  'reading-running',
  'reading-finished',
  'merge-approved',
  'merge-rejected',
  'rejection-withdrawn',
  'approval-voided',
  'retargeted',
  'queue-jumped',
  'queue-held',
  'queue-requeued',
  'candidate-prepared',
  'checks-started',
  'check-running',
  'checks-finished',
  'batch-failed',
  'landing-started',
  'landed',
  'undo-started',
  'landing-undone',
  'branch-exported',
  'branch-pushed',
  'pr-opened',
  'pr-failed',
  'pr-changed',
  'replay-started',
  'branch-replayed',
  'replay-stopped',
  'cleanup-started',
  'instance-cleaned',
  'instance-dismissed',
  'run-removed',
  'run-restored',
  'run-dispatched',
  'instance-placed',
  'run-refused',
  'late-result',
  'worker-accepted',
  'worker-drained',
  'worker-forgotten',
]);
