import type { BranchesPort } from '../ports/branches.ts';
import type { ClockPort } from '../ports/clock.ts';

const day = 24 * 3_600_000;
/** Copies of the user's uncommitted work, made before landings, are kept this long. */
const backupMs = 30 * day;
/** The first look comes once the start is over. */
const firstMs = 5000;

/** Drops what was kept for long enough: soon after the start, then once a day. Returns the stop function. */
export function keepHouse(clock: ClockPort, branches: BranchesPort): () => void {
  let cancel = clock.setTimer(firstMs, work);
  let stopped = false;

  function work(): void {
    const again = () => {
      if (!stopped) cancel = clock.setTimer(day, work);
    };
    void branches.expireBackups(clock.now() - backupMs).then(again, again);
  }

  return () => {
    stopped = true;
    cancel();
  };
}
