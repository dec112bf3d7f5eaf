import { gitIsSilent } from '../../coordinator/state/idle.ts';
import type { State } from '../../coordinator/state/state.ts';
import { CmError } from '../../domain/errors.ts';

/** Nobody waits for ever on a git that does not answer: what is under way is taken up by the next start or command. */
export const silentGit =
  'git does not answer any more, so how this ends is not known. Nothing is lost. Once "git status" works again, run the same command again.';

/** Throws (exit 3) where git does not answer any more. */
export function refuseSilence(state: Pick<State, 'gitSilent'>): void {
  if (gitIsSilent(state)) throw new CmError(silentGit, 3);
}
