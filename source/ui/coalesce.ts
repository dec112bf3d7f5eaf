/** Merges calls that come close together into one. */
export interface Coalesced {
  (): void;
  /** Drops a call that is still due. */
  cancel(): void;
}

/**
 * Calls `work` at once, then at most every `ms` milliseconds as long as calls keep coming; the last call is never lost.
 * No timer runs while there are none.
 */
export function coalesce(work: () => void, ms: number): Coalesced {
  let timer: NodeJS.Timeout | null = null;
  let due = false;
  const elapsed = (): void => {
    timer = null;
    if (!due) return;
    due = false;
    run();
  };
  const run = (): void => {
    timer = setTimeout(elapsed, ms);
    work();
  };
  const call = (): void => {
    if (timer === null) run();
    else due = true;
  };
  return Object.assign(call, {
    cancel: (): void => {
      if (timer !== null) clearTimeout(timer);
      timer = null;
      due = false;
    },
  });
}
