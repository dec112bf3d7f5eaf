import { joinNews, type NewsEvent } from '../coordinator/state/news.ts';
import type { ClockPort } from '../ports/clock.ts';

/** At most this many commands in this time; what comes meanwhile goes together as one. */
const mostInWindow = 5;
const windowMs = 30_000;

/** Passes news on to a program, one at a time and throttled: an evening of failures must not become a hundred messages on a phone. */
export class Notifier {
  readonly #clock: Pick<ClockPort, 'now' | 'setTimer'>;
  readonly #start: (event: NewsEvent) => Promise<void>;
  #waiting: NewsEvent[] = [];
  #starts: number[] = [];
  #running = false;
  #cancel: (() => void) | null = null;

  /** @param start runs the program for one event; resolves when it has ended, however it did */
  constructor(clock: Pick<ClockPort, 'now' | 'setTimer'>, start: (event: NewsEvent) => Promise<void>) {
    this.#clock = clock;
    this.#start = start;
  }

  add(events: readonly NewsEvent[]): void {
    this.#waiting.push(...events);
    this.#next();
  }

  /** Passes on at once what still waits. */
  close(): void {
    this.#cancel?.();
    const last = joinNews(this.#waiting.splice(0));
    if (last !== null) void this.#start(last);
  }

  #next(): void {
    if (this.#running || this.#cancel !== null || this.#waiting.length === 0) return;
    const now = this.#clock.now();
    this.#starts = this.#starts.filter(at => now - at < windowMs && at <= now);
    const oldest = this.#starts[0];
    if (this.#starts.length >= mostInWindow && oldest !== undefined) {
      this.#cancel = this.#clock.setTimer(oldest + windowMs - now, () => {
        this.#cancel = null;
        this.#begin(joinNews(this.#waiting.splice(0)));
      });
      return;
    }
    this.#begin(this.#waiting.shift() ?? null);
  }

  #begin(event: NewsEvent | null): void {
    if (event === null) return;
    this.#starts.push(this.#clock.now());
    this.#running = true;
    void this.#start(event).finally(() => {
      this.#running = false;
      this.#next();
    });
  }
}
