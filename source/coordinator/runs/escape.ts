import { changeName, looksLikeEscape, type OutsideChange } from '../../domain/escape.ts';
import type { RunId } from '../../domain/ids.ts';
import type { Instance } from '../../domain/instance.ts';
import { escapePath } from '../../domain/text/sanitize.ts';
import { pauseQueue } from '../landing/queue-stop.ts';
import type { OutsideReport } from '../state/messages.ts';
import { sanitizeReason, someOf } from '../state/sentences.ts';
import type { Transition } from '../transition.ts';

/**
 * A run has ended, and something outside its worktree is not as it was. What looks like its doing pauses landing until a person has
 * accepted it; the rest is shown where its branch is looked through, since it may well have been the user.
 */
export function outsideReported(transition: Transition, runId: RunId, { changes, onTarget }: OutsideReport): void {
  const instance = transition.instance(runId);
  if (instance === undefined) return;
  const told = transition.state.outside ?? {};
  const fresh = changes.filter(change => told[changeName(change)] !== change.stamp);
  const suspect = fresh.filter(change => looksLikeEscape(change, instance));
  if (fresh.length === 0 && !onTarget) return;
  const names = fresh.map(change => placeOf(transition, change));
  transition.record({
    type: 'outside-changed',
    runId,
    priorityId: instance.priorityId,
    places: names.map(sanitizeReason),
    told: Object.fromEntries(suspect.map(change => [changeName(change), change.stamp])),
  });
  const sentence = alarm(transition, instance, suspect, onTarget);
  if (sentence === null) return;
  transition.notice('error', sentence, runId);
  pauseQueue(transition, `${sentence}; nothing lands until you accept that`);
}

function alarm(
  transition: Transition,
  { key, target }: Instance,
  suspect: readonly OutsideChange[],
  onTarget: boolean,
): string | null {
  const files = suspect.filter(change => change.tree !== null).map(change => placeOf(transition, change));
  const settings = suspect.filter(change => change.tree === null).map(change => placeOf(transition, change));
  const parts = [
    ...(onTarget ? [`its commits came onto ${target}, though nobody landed them`] : []),
    ...(files.length > 0 ? [`${someOf(files)} changed outside its worktree`] : []),
    ...(settings.length > 0 ? [`what git may run for you changed (${someOf(settings)})`] : []),
  ];
  return parts.length === 0 ? null : `while ${key} ran, ${parts.join(', and ')}`;
}

/** A path of the main worktree as it is, one of another with its worktree, a setting by its name. */
function placeOf(transition: Transition, { tree, path }: OutsideChange): string {
  const shown = escapePath(path);
  if (tree === null || tree === transition.state.repository?.root) return shown;
  return `${escapePath(tree)}/${shown}`;
}
