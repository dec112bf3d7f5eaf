import { durablePart, initialDurableState } from '../../../source/coordinator/fold/fold.ts';
import type { DurableState } from '../../../source/coordinator/state/state.ts';
import { replay } from '../../../source/coordinator/update.ts';
import type { CoordinatorEvent } from '../../../source/ports/events.ts';
import { durableTypes } from '../../../source/ports/journal.ts';
import { mustBeOnDisk } from '../core/facts-on-disk.ts';
import { BrokenPromise } from './invariants.ts';

/**
 * An append-only journal with snapshots. A power cut takes what was not forced to disk, as far as it likes: the program decides what that is,
 * and what must not be among it stands in a list that is not the program's.
 */
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

  /** Events that a power cut would take at most. */
  get unsynced(): number {
    return this.#events.length - this.#safe;
  }

  /** Cuts off the last `count` events, none of which was forced to disk. */
  loseTail(count: number): void {
    const lost = this.#events.splice(this.#events.length - Math.min(count, this.unsynced));
    const missed = lost.find(event => mustBeOnDisk.has(event.type));
    if (missed !== undefined)
      throw new BrokenPromise('what must be on disk survives a power cut', JSON.stringify(missed));
    this.state = this.load();
  }

  load(): DurableState {
    return replay(this.#events, this.#snapshot);
  }
}
