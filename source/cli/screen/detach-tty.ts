import { closeSync, openSync } from 'node:fs';
import { isatty } from 'node:tty';

/**
 * For a program that is about to end on a closed terminal: Node resets the terminal at exit and aborts with a core dump if that fails.
 * It skips descriptors that have changed since the start, so they become `/dev/null`.
 */
export function forgetTerminal(): void {
  const streams = [process.stdin, process.stdout, process.stderr];
  for (const [fd, stream] of streams.entries()) {
    if (!stream.isTTY || isatty(fd)) continue;
    try {
      closeSync(fd);
      // The lowest free number is the one just closed.
      openSync('/dev/null', fd === 0 ? 'r' : 'w');
    } catch {
      // Nobody is left to tell.
    }
  }
}
