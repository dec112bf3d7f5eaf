import type { BranchesPort } from '../ports/branches.ts';
import type { ClockPort } from '../ports/clock.ts';

const day = 24 * 3_600_000;
/** Copies of the user's uncommitted work, and pins of what has landed, are kept this long. */
const pinMs = 30 * day;
/** The first look comes once the start is over. */
const firstMs = 5000;

interface House {
  readonly branches: BranchesPort;
  readonly target: () => string | null;
  /** Forgets what runs that are over have left in our own folder. */
  readonly tidy: () => void;
  /** Tells the user of something of theirs that is kept. */
  readonly warn: (sentence: string) => void;
}

/** Drops what was kept for long enough: soon after the start, then once a day. Returns the stop function. */
export function keepHouse(clock: ClockPort, house: House): () => void {
  let cancel = clock.setTimer(firstMs, work);
  let stopped = false;

  function work(): void {
    const again = () => {
      if (!stopped) cancel = clock.setTimer(day, work);
    };
    house.tidy();
    void expire().then(again, again);
  }

  async function expire(): Promise<void> {
    const { branches, target, warn } = house;
    for (const sentence of await branches.releaseReplaced(clock.now())) warn(sentence);
    await branches.expirePins(clock.now() - pinMs, target());
  }

  return () => {
    stopped = true;
    cancel();
  };
}
