import type { RunId } from '../ids.ts';

/** One thing that happened, as the activity log keeps it: the event's own fields, with what a person reads of it. */
export interface Activity {
  /** Number of the event in the journal. */
  readonly seq: number;
  /** When, in ISO 8601. */
  readonly ts: string;
  readonly type: string;
  /** Key of the item that it is about; null: none. */
  readonly key: string | null;
  readonly level: 'info' | 'warning' | 'error';
  /** What happened, as a predicate after the key or, without a key, as a sentence; sanitised. Null: a step that only programs care for. */
  readonly text: string | null;
  readonly runId?: RunId;
}
