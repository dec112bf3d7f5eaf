import process from 'node:process';

/** How long to wait for a stop that never comes: the kernel ignores one for a process without a shell above it. */
const noStopMs = 200;

/** The part of Ink that gives up the terminal, does something and repaints in full. */
export type Suspend = (callback: () => Promise<void>) => Promise<void>;

interface RawInput {
  setRawMode?(on: boolean): unknown;
}

/**
 * Job control. Ctrl+Z arrives as a key, since the terminal is raw, and `kill -TSTP` as a signal. Both release the terminal, stop the
 * foreground group as the terminal would have (so that a shell or npm above stops too), and repaint after `fg`. A stop from elsewhere
 * (`kill -STOP`) is noticed when it ends: raw mode is set again and everything redrawn.
 */
export class JobControl {
  private active = false;
  private readonly onStop = (): void => void this.stop();
  private readonly onContinue = (): void => {
    if (this.active) return;
    this.stdin.setRawMode?.(false);
    this.stdin.setRawMode?.(true);
    this.redraw();
  };

  constructor(
    private readonly suspend: Suspend,
    private readonly stdin: RawInput,
    private readonly redraw: () => void,
  ) {
    process.on('SIGTSTP', this.onStop);
    process.on('SIGCONT', this.onContinue);
  }

  async stop(): Promise<void> {
    if (this.active) return;
    this.active = true;
    try {
      await this.suspend(() => this.stopGroup());
    } finally {
      this.active = false;
    }
  }

  dispose(): void {
    process.off('SIGTSTP', this.onStop);
    process.off('SIGCONT', this.onContinue);
  }

  private stopGroup(): Promise<void> {
    process.off('SIGTSTP', this.onStop);
    return new Promise(resolve => {
      const done = (): void => {
        clearTimeout(timer);
        process.off('SIGCONT', done);
        process.on('SIGTSTP', this.onStop);
        resolve();
      };
      const timer = setTimeout(done, noStopMs);
      process.on('SIGCONT', done);
      process.kill(0, 'SIGTSTP');
    });
  }
}
