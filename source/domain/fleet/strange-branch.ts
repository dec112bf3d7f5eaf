import type { Instance } from '../instance.ts';

/** The branch by the name of its own is somebody else's: what is on it is not the run's, and neither is it the run's to remove. */
export function hasStrangeBranch({ remote, head }: Instance): boolean {
  return remote?.besideBranch !== undefined && head === null;
}
