import { closeSync, openSync } from 'node:fs';
import { isatty } from 'node:tty';

/**
 * For a program about to end whose terminal is gone: Node sets the terminal back at its very end and aborts, with a core dump, where that fails.
 * It leaves descriptors alone that are no longer what they were at its start, so they become `/dev/null`.
 */
export function forgetTerminal(): void {
  const streams = [process.stdin, process.stdout, process.stderr];
  for (const [fd, stream] of streams.entries()) {
    if (!stream.isTTY || isatty(fd)) continue;
    try {
      closeSync(fd);
      // The lowest free number is the one that has just been closed.
      openSync('/dev/null', fd === 0 ? 'r' : 'w');
    } catch {
      // Nothing that could be said to anybody.
    }
  }
}
