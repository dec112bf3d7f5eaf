import { durablePart, initialDurableState } from '../../../source/coordinator/fold/fold.ts';
import type { DurableState } from '../../../source/coordinator/state/state.ts';
import { replay } from '../../../source/coordinator/update.ts';
import { type CoordinatorEvent, durableTypes } from '../../../source/ports/events.ts';

/** An append-only journal with snapshots; a power cut may take what was not forced to disk. */
export class MemoryJournal {
  #snapshot: DurableState = initialDurableState;
  #events: CoordinatorEvent[] = [];
  /** Events on disk for certain. */
  #safe = 0;
  /** The fold of everything appended, kept up to date: what the intents of an effect are looked up in. */
  state: DurableState = initialDurableState;
  appended = 0;

  append(event: CoordinatorEvent): void {
    this.#events.push(event);
    this.appended++;
    this.state = replay([event], this.state);
    if (durableTypes.has(event.type)) this.#safe = this.#events.length;
  }

  /** Between two turns of the coordinator, whose durable part stands for all events so far. */
  snapshot(state: DurableState): void {
    this.#snapshot = durablePart(state);
    this.#events = [];
    this.#safe = 0;
  }

  /** Cuts off up to `count` of the last events, never one that was forced to disk. */
  loseTail(count: number): void {
    this.#events.length = Math.max(this.#safe, this.#events.length - count);
    this.state = this.load();
  }

  load(): DurableState {
    return replay(this.#events, this.#snapshot);
  }
}
