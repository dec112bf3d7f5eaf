import type { KeyPress } from '../terminal/keys.ts';

/** One key, or a piece of pasted text. */
export type Input = KeyPress | string;

/** Keys that are typed while a view is being loaded: they wait for it, in their order. */
export class TypedAhead {
  private waiting: Input[] | null = null;

  /** Keeps the input when something is being loaded; false: nothing is, it can be used at once. */
  hold(input: Input): boolean {
    this.waiting?.push(input);
    return this.waiting !== null;
  }

  /** Holds inputs until `loading` has ended, hands over what was loaded (or the error), then what was typed meanwhile. */
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
