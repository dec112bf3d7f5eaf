import type { ReaderEvent } from '../../agents/profile.ts';

/** What a reader says beside its lines. */
export type RunSignal = Exclude<ReaderEvent, { readonly type: 'line' }>;

/**
 * Between a reader, which may speak at every line, and the coordinator, which should not be woken thousands of times a second for what
 * the next line replaces.
 */
export class Signals {
  readonly #listener: (signal: RunSignal) => void;
  #session: string | null = null;
  #usage: RunSignal | null = null;
  #activity: RunSignal | null = null;

  constructor(listener: (signal: RunSignal) => void) {
    this.#listener = listener;
  }

  add(signal: RunSignal): void {
    switch (signal.type) {
      case 'usage':
        this.#usage = signal;
        return;
      case 'activity':
        this.#activity = signal;
        return;
      case 'session':
        if (signal.id === this.#session) return;
        this.#session = signal.id;
        break;
      case 'result':
      case 'rate-limited':
        break;
    }
    this.deliver();
    this.#listener(signal);
  }

  /** Hands on what was held back. */
  deliver(): void {
    const held = [this.#usage, this.#activity];
    this.#usage = null;
    this.#activity = null;
    for (const signal of held) if (signal !== null) this.#listener(signal);
  }
}
