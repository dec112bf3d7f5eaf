import type { LogLine } from '../../ports/logs.ts';

const none: readonly LogLine[] = [];

/** The last lines of a run. */
export class LineRing {
  readonly #capacity: number;
  #lines: LogLine[] = [];
  #view: readonly LogLine[] | null = none;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  push(line: LogLine): void {
    this.#lines.push(line);
    this.#view = null;
    // Twice as many before old ones go, so that not every line moves all others.
    if (this.#lines.length >= 2 * this.#capacity) this.#lines = this.#lines.slice(-this.#capacity);
  }

  /** Oldest first. The same array until something is pushed. */
  view(): readonly LogLine[] {
    this.#view ??= this.#lines.slice(-this.#capacity);
    return this.#view;
  }

  /** Gives memory back: only the last `count` lines stay. */
  shrink(count: number): void {
    if (this.#lines.length <= count) return;
    this.#lines = this.#lines.slice(-count);
    this.#view = null;
  }
}
