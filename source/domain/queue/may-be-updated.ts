import type { InstanceState } from '../instance.ts';

/** Its branch waits for a person, who may have it brought up to date with the target. */
export function mayBeUpdated(state: InstanceState): boolean {
  return (
    state === 'awaiting-approval' ||
    state === 'blocked' ||
    state === 'conflict' ||
    state === 'checks-failed' ||
    state === 'needs-attention'
  );
}
