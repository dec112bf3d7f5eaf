import type { CoordinatorEvent } from '../coordinator/events.ts';

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

/** What loading found. `damaged`: the middle cannot be trusted; nothing may be written until a person agreed to recovery. */
export type JournalLoad =
  | { readonly outcome: 'ok'; readonly events: readonly CoordinatorEvent[]; readonly tornTail: boolean }
  | {
      readonly outcome: 'damaged';
      readonly events: readonly CoordinatorEvent[];
      readonly line: number;
      readonly message: string;
    };

export interface JournalPort {
  load(): Promise<JournalLoad>;
  /** Appends before anything acts on the event. `durable`: returns only when it is on disk. Synchronous so that order is program order. */
  append(event: CoordinatorEvent, durable: boolean): JournalRecord;
  close(): void;
}
