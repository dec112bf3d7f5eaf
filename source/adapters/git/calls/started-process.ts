import { AsyncLocalStorage } from 'node:async_hooks';
import { subscribe } from 'node:diagnostics_channel';
import { constants } from 'node:os';

/** What of Node's `ChildProcess` is of use here. */
interface Child {
  readonly exitCode: number | null;
  readonly signalCode: NodeJS.Signals | null;
  readonly stdout: { destroy(): void } | null;
  readonly stderr: { destroy(): void } | null;
  kill(signal: NodeJS.Signals): boolean;
}

const calls = new AsyncLocalStorage<StartedProcess>();

// Node tells of every process that it starts: the one that is started within a call is the call's.
subscribe('child_process', message => {
  calls.getStore()?.isNow((message as { readonly process: Child }).process);
});

/** Milliseconds that a process which was asked to end has for it. */
const graceMs = 2000;

/** The process of one call of git, which the git library keeps to itself. */
export class StartedProcess {
  #child: Child | null = null;
  #grace: NodeJS.Timeout | undefined;

  /** Does `work`; the process that it starts is this one. */
  during<T>(work: () => Promise<T>): Promise<T> {
    return calls.run(this, work);
  }

  isNow(child: Child): void {
    this.#child = child;
  }

  /** Number of the signal that ended it; null: none did, or nobody can tell. */
  get signal(): number | null {
    const name = this.#child?.signalCode ?? null;
    return name === null ? null : constants.signals[name];
  }

  /** Ends it: git takes its lock files along where it is let. Then its output is let go of, which its own children may hold open. */
  end(): void {
    if (this.#grace !== undefined) return;
    this.#child?.kill('SIGTERM');
    this.#grace = setTimeout(() => {
      if (this.#child?.exitCode === null && this.#child.signalCode === null) this.#child.kill('SIGKILL');
      this.#child?.stdout?.destroy();
      this.#child?.stderr?.destroy();
    }, graceMs);
  }

  /** It is over. */
  ended(): void {
    clearTimeout(this.#grace);
  }
}

/** Calls back once after so many milliseconds without a restart. */
export function afterSilence(
  milliseconds: number,
  callback: () => void,
): { readonly isOver: boolean; restart(): void; stop(): void } {
  let isOver = false;
  const timer = setTimeout(() => {
    isOver = true;
    callback();
  }, milliseconds);
  return {
    get isOver() {
      return isOver;
    },
    restart() {
      if (!isOver) timer.refresh();
    },
    stop: () => clearTimeout(timer),
  };
}
