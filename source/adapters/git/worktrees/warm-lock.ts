/** Locks of worktrees that no run has yet: while they are made, and when every byte of them was found to be as committed. */
export const warming = 'cm-tui warming';
export const warm = 'cm-tui warm';

/** True for the lock of a worktree of the pool, also of one that a run was taking when it was cut off. */
export function isWarm(reason: string | null): boolean {
  return reason === warm;
}
