import type { Effect } from '../coordinator/state/effects.ts';
import { messageOf } from '../domain/errors.ts';
import type { CoordinatorEvent } from '../ports/events.ts';
import { durableTypes, type JournalRecord } from '../ports/journal.ts';
import type { RuntimeDeps } from './deps.ts';

const journalRetryMs = 10_000;

/** What becomes of the effects, one by one and in order. */
export interface EffectSink {
  carryOut(effect: Effect): void;
  /** A fact is in the journal. */
  recorded(record: JournalRecord, event: CoordinatorEvent): void;
  /** A fact could not be journaled, in a sentence; it is tried again by itself. */
  notRecorded(message: string): void;
}

/**
 * Effects in the order in which the core asked for them. A fact that cannot be journaled stops everything behind it: nothing is done that
 * the journal does not know, agents continue, and it is tried again.
 */
export class EffectQueue {
  readonly #deps: Pick<RuntimeDeps, 'journal' | 'clock'>;
  readonly #sink: EffectSink;
  readonly #waiting: Effect[] = [];
  #closed = false;
  /** Why the journal could not be written the last time. */
  #trouble = '';
  /** Ends the wait for the next try to write the journal; null while it can be written. */
  #cancelRetry: (() => void) | null = null;

  constructor(deps: Pick<RuntimeDeps, 'journal' | 'clock'>, sink: EffectSink) {
    this.#deps = deps;
    this.#sink = sink;
  }

  get isEmpty(): boolean {
    return this.#waiting.length === 0;
  }

  /** Carries out what waits and then these, as far as the journal lets it. */
  add(effects: readonly Effect[]): void {
    this.#waiting.push(...effects);
    this.#flush();
  }

  /** No further try: what the journal could not take is left to the next coordinator. */
  close(): void {
    this.#closed = true;
    this.#cancelRetry?.();
  }

  #flush(): void {
    for (let effect = this.#waiting[0]; effect !== undefined; effect = this.#waiting[0]) {
      if (effect.type === 'record') {
        if (this.#writeFacts()) continue;
        return this.#answerWaiting();
      }
      // Taken off before anybody hears of it: who hears may ask for more.
      this.#waiting.shift();
      this.#sink.carryOut(effect);
    }
  }

  /**
   * Journals the facts at the head of what waits: the disk is waited for once, with the last that has to be on it. False where the journal
   * could not take them all.
   */
  #writeFacts(): boolean {
    const end = this.#waiting.findIndex(effect => effect.type !== 'record');
    const facts = this.#waiting.slice(0, end < 0 ? undefined : end).filter(effect => effect.type === 'record');
    const lastDurable = facts.findLastIndex(({ event }) => durableTypes.has(event.type));
    const written: { readonly record: JournalRecord; readonly event: CoordinatorEvent }[] = [];
    let whole = true;
    for (const [at, { event }] of facts.entries()) {
      const record = this.#append(event, at === lastDurable);
      if (record === null) {
        whole = false;
        break;
      }
      this.#waiting.shift();
      if (record !== undefined) written.push({ record, event });
    }
    for (const { record, event } of written) this.#sink.recorded(record, event);
    return whole;
  }

  /** Whoever waits for an answer is not kept waiting for the disk: what was asked for stays where it is, and is done when it can be. */
  #answerWaiting(): void {
    const asked = this.#waiting.filter(effect => effect.type === 'answer');
    for (const effect of asked) this.#waiting.splice(this.#waiting.indexOf(effect), 1);
    const message = `${this.#trouble} Your request is kept and carried out as soon as possible.`;
    for (const effect of asked) this.#sink.carryOut({ ...effect, answer: { ok: false, message, runIds: [] } });
  }

  /** Null where the journal could not take it; undefined where there is none. */
  #append(event: CoordinatorEvent, durable: boolean): JournalRecord | undefined | null {
    try {
      return this.#deps.journal?.append(event, durable);
    } catch (error) {
      this.#trouble = messageOf(error);
      this.#sink.notRecorded(this.#trouble);
      if (!this.#closed) this.#tryAgain();
      return null;
    }
  }

  #tryAgain(): void {
    this.#cancelRetry ??= this.#deps.clock.setTimer(journalRetryMs, () => {
      this.#cancelRetry = null;
      this.#flush();
    });
  }
}
