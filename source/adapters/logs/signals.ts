import type { RunSignal } from '../../ports/agents.ts';

/** `old`: it stood in the log before we looked. */
export type SignalListener = (signal: RunSignal, old: boolean) => void;

interface Held {
  readonly signal: RunSignal;
  readonly old: boolean;
}

/**
 * Between a reader, which may speak at every line, and the coordinator, which should not be woken thousands of times a second for what
 * the next line replaces.
 */
export class Signals {
  readonly #listener: SignalListener;
  #session: string | null = null;
  #usage: Held | null = null;
  #activity: Held | null = null;

  constructor(listener: SignalListener) {
    this.#listener = listener;
  }

  add(signal: RunSignal, old: boolean): void {
    switch (signal.type) {
      case 'usage':
        this.#usage = { signal, old };
        return;
      case 'activity':
        this.#activity = { signal, old };
        return;
      case 'session':
        if (signal.id === this.#session) return;
        this.#session = signal.id;
        break;
      case 'session-lost':
        this.#session = null;
        break;
      case 'result':
      case 'refused':
      case 'asked':
      case 'answered':
      case 'message':
      case 'interrupted':
      case 'plan':
      case 'rate-limited':
        break;
    }
    this.deliver();
    this.#listener(signal, old);
  }

  /** Hands on what was held back. */
  deliver(): void {
    const held = [this.#usage, this.#activity];
    this.#usage = null;
    this.#activity = null;
    for (const one of held) if (one !== null) this.#listener(one.signal, one.old);
  }
}
