import type { Chunk, KeyPress } from '../terminal/keys.ts';

/** One key, a piece of pasted text, or what the terminal sent at once and may be either. */
export type Input = KeyPress | string | Chunk;

/** Keys typed while a view is loading: they wait for it, in order. */
export class TypedAhead {
  private waiting: Input[] | null = null;

  /** Keeps the input if something is loading; false: nothing is, and it can be used at once. */
  hold(input: Input): boolean {
    this.waiting?.push(input);
    return this.waiting !== null;
  }

  isHolding(): boolean {
    return this.waiting !== null;
  }

  /** Holds inputs until `loading` has ended, passes on what was loaded (or the error), then the held inputs. */
  during<T>(
    loading: Promise<T>,
    done: (value: T) => void,
    failed: (error: unknown) => void,
    use: (inputs: readonly Input[]) => void,
  ): void {
    this.waiting ??= [];
    const release = (): void => {
      const inputs = this.waiting ?? [];
      this.waiting = null;
      use(inputs);
    };
    loading.then(done).catch(failed).then(release);
  }
}
