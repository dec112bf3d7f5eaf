import { randomBytes } from 'node:crypto';
import type { ClockPort } from '../ports/clock.ts';
import { failpoint } from './failpoint.ts';

/** The longest delay `setTimeout` can hold; anything above would fire at once. */
const longestDelay = 2 ** 31 - 1;
const alphabet = 'abcdefghijklmnopqrstuvwxyz0123456789';
const idLength = 16;

/**
 * The machine's own clock and chance.
 *
 * `monotonic` is the kernel's monotonic clock, counted from the machine's start on Linux and macOS: all our processes read the same
 * value, so a deadline that was journaled still holds after a restart. It stands still while the machine sleeps, and so do limits.
 */
export const systemClock: ClockPort = {
  now: () => Date.now(),
  monotonic: () => Number(process.hrtime.bigint() / 1000n) / 1000,
  setTimer,
  newId,
};

function setTimer(delayMs: number, callback: () => void): () => void {
  let left = Math.max(0, delayMs);
  let timer: NodeJS.Timeout;
  const fire = () => {
    failpoint('timer.fired');
    callback();
  };
  const arm = () => {
    const delay = Math.min(left, longestDelay);
    left -= delay;
    timer = setTimeout(() => (left > 0 ? arm() : fire()), delay);
  };
  arm();
  return () => clearTimeout(timer);
}

/** Sixteen characters without bias: bytes beyond the last whole multiple of the alphabet are thrown away. */
function newId(): string {
  const limit = 256 - (256 % alphabet.length);
  let id = '';
  while (id.length < idLength) {
    for (const byte of randomBytes(idLength)) {
      if (byte < limit && id.length < idLength) id += alphabet.charAt(byte % alphabet.length);
    }
  }
  return id;
}
