/** Time and chance, injected so that tests and the simulator own them. */
export interface ClockPort {
  /** Milliseconds since 1970. */
  now(): number;
  /** Milliseconds of a clock that never jumps and keeps counting across restarts of cm-tui until the machine reboots. */
  monotonic(): number;
  setTimer(delayMs: number, callback: () => void): () => void;
  /** Fresh random id, `[a-z0-9]{16}`. */
  newId(): string;
}
