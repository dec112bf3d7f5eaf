/** Immutable snapshots, as React's external stores want them: a new object for every change, passed to every listener. */
export class Snapshots<T extends object> {
  private readonly listeners = new Set<() => void>();
  private holding = 0;

  constructor(private current: T) {}

  readonly now = (): T => this.current;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  change(parts: Partial<T>): void {
    this.current = { ...this.current, ...parts };
    if (this.holding === 0) this.notify();
  }

  /** Notifies the listeners once, after everything in `work` has been done. */
  together(work: () => void): void {
    this.holding++;
    const before = this.current;
    try {
      work();
    } finally {
      this.holding--;
      if (this.holding === 0 && this.current !== before) this.notify();
    }
  }

  private notify(): void {
    for (const listener of this.listeners) listener();
  }
}
