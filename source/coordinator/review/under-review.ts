import type { Instance } from '../../domain/instance.ts';

/** A run that a person may have to decide about: it has a commit to look at, and is neither at work, on its way, nor landed. */
export function isUnderReview({ state, head }: Pick<Instance, 'state' | 'head'>): boolean {
  if (head === null) return false;
  return state === 'awaiting-approval' || state === 'blocked' || state === 'checks-failed' || state === 'conflict';
}
