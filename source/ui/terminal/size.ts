import process from 'node:process';

/** The part of an output stream that knows how large the terminal is. */
export interface SizedStream {
  readonly columns?: number;
  readonly rows?: number;
  write(text: string): boolean;
  on(event: 'resize', listener: () => void): unknown;
  off(event: 'resize', listener: () => void): unknown;
}

export interface Size {
  readonly columns: number;
  readonly rows: number;
}

/** Time that a drag of the window's edge gets to end. */
const settleMs = 60;
const clearAndPark = '\u001b[2J\u001b[2;1H';

/** Current size; a terminal that does not know (0×0) counts as 80×24. */
export function readSize(stream: SizedStream): Size {
  return { columns: stream.columns || 80, rows: stream.rows || 24 };
}

/**
 * Follows the size of the terminal. After a change Ink's picture of the screen is wrong (the terminal has reflowed or cut it). So the
 * root is hidden, the drag gets time to end, the screen is cleared with the cursor where Ink left it after its empty frame, and the
 * root is drawn again in full. `afterHidden` resolves when the empty frame has been written.
 */
export class SizeStore {
  private current: Size | null;
  private timer: NodeJS.Timeout | null = null;
  private round = 0;
  private readonly listeners = new Set<() => void>();
  private readonly onResize = (): void => this.hide();

  constructor(
    private readonly stream: SizedStream,
    private readonly afterHidden: () => Promise<void>,
  ) {
    this.current = readSize(stream);
    stream.on('resize', this.onResize);
    // The stream reports nothing when a fast drag ends at the size it knew, though the terminal has cut its rows meanwhile.
    process.on('SIGWINCH', this.onResize);
  }

  /** The size, or null while the root has to be hidden. */
  readonly snapshot = (): Size | null => this.current;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  /** Redraws everything, as after a resize. */
  redraw(): void {
    this.hide();
  }

  dispose(): void {
    this.stream.off('resize', this.onResize);
    process.off('SIGWINCH', this.onResize);
    if (this.timer !== null) clearTimeout(this.timer);
    this.round++;
  }

  private hide(): void {
    this.round++;
    if (this.current !== null) this.set(null);
    if (this.timer !== null) clearTimeout(this.timer);
    const round = this.round;
    this.timer = setTimeout(() => void this.show(round), settleMs);
  }

  private async show(round: number): Promise<void> {
    await this.afterHidden();
    if (round !== this.round) return;
    this.timer = null;
    this.stream.write(clearAndPark);
    this.set(readSize(this.stream));
  }

  private set(size: Size | null): void {
    this.current = size;
    for (const listener of this.listeners) listener();
  }
}
