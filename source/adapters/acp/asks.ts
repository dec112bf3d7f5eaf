import { CmError } from '../../domain/errors.ts';
import type { HostEntry } from './host-log.ts';

interface Open {
  readonly words: string;
  readonly settle: (allow: boolean | null, by: 'person' | 'time' | 'cancel') => void;
}

/** Questions of an agent that nobody has answered yet. Several may be open, and be answered in any order; time never allows. */
export class Asks {
  readonly #open = new Map<number, Open>();
  readonly #log: (entry: HostEntry) => void;
  readonly #timeoutMs: number;
  #last = 0;

  constructor(log: (entry: HostEntry) => void, timeoutMs: number) {
    this.#log = log;
    this.#timeoutMs = timeoutMs;
  }

  get open(): number {
    return this.#open.size;
  }

  /** Resolves with yes or no; null: the question was withdrawn. */
  ask(words: string, detail: string, command: string | null): Promise<boolean | null> {
    const ask = ++this.#last;
    this.#log({ type: 'ask', ask, words, detail: detail.slice(0, 100_000), command });
    return new Promise(resolve => {
      const timer = setTimeout(() => this.#settle(ask, false, 'time'), this.#timeoutMs);
      this.#open.set(ask, {
        words,
        settle: (allow, by) => {
          clearTimeout(timer);
          this.#log({ type: 'answered', ask, allow: allow === true, by, words });
          resolve(allow);
        },
      });
    });
  }

  /** A person's answer. Throws where there is no such question, or it was answered before. */
  answer(ask: number, allow: boolean): void {
    if (!this.#open.has(ask)) throw new CmError(`Question ${ask} is not open: it was answered already, or withdrawn.`);
    this.#settle(ask, allow, 'person');
  }

  cancelAll(): void {
    for (const ask of [...this.#open.keys()]) this.#settle(ask, null, 'cancel');
  }

  #settle(ask: number, allow: boolean | null, by: 'person' | 'time' | 'cancel'): void {
    const open = this.#open.get(ask);
    this.#open.delete(ask);
    open?.settle(allow, by);
  }
}
