import type { Instance } from '../instance.ts';

/** Its landing stopped because it could not be signed. */
export function isUnsigned({ state, reason }: Pick<Instance, 'state' | 'reason'>): boolean {
  return state === 'blocked' && reason?.startsWith('The commit could not be signed') === true;
}
