import { changeName, looksLikeEscape, type OutsideChange, settingsFileOf } from '../../domain/escape.ts';
import type { RunId } from '../../domain/ids.ts';
import { begunAt, type Instance } from '../../domain/instance.ts';
import type { Violation } from '../../domain/queue/merge-entry.ts';
import { withoutFullStop } from '../../domain/text/clause.ts';
import { escapePath } from '../../domain/text/sanitize.ts';
import {
  holdsBranch,
  isLoss,
  type UserChange,
  userChangeName,
  userChangeStamp,
} from '../../domain/user-work/changes.ts';
import { describeUserChange, restoreCommitted } from '../../domain/user-work/words.ts';
import { pauseQueue } from '../landing/queue-stop.ts';
import type { OutsideReport } from '../state/messages.ts';
import { sanitizeReason, someOf } from '../state/sentences.ts';
import type { DurableState } from '../state/state.ts';
import type { Transition } from '../transition.ts';
import { isSettingsChange, pauseForSettings } from './settings-change.ts';

/** How many losses the sentence that pauses landing names; each further one gets its own notice. */
const mostInSentence = 3;
const minute = 60_000;

/**
 * The stash lost an entry that is not the run's own while it was at work, and it was not popped in a worktree of the user's: what was in it
 * may be on the branch, so that this does not land before a person has accepted it.
 */
export function holdForLosses(transition: Transition, runId: RunId, { work }: OutsideReport): void {
  const instance = transition.instance(runId);
  const violations = work.filter(holdsBranch).flatMap(stashViolation);
  if (instance === undefined || violations.length === 0) return;
  const { priorityId, heldFor = [] } = instance;
  const fresh = violations.filter(({ path }) => !heldFor.some(one => one.path === path));
  if (fresh.length === 0) return;
  transition.record({
    type: 'outside-changed',
    runId,
    priorityId,
    places: [],
    told: {},
    violations: [...heldFor, ...fresh],
  });
}

function stashViolation(change: UserChange): readonly Violation[] {
  if (change.what !== 'stash-lost') return [];
  const { oid, message, foundIn, alsoIn, ofRun } = change;
  const entry = ofRun ? `the stash entry "${message}" of another run` : `the user's stash entry "${message}"`;
  const where = (paths: readonly string[]) => someOf(paths.map(escapePath));
  if (foundIn.length > 0)
    return [{ code: 'stash', path: oid, message: `${entry} was taken and is on the branch: ${where(foundIn)}` }];
  const perhaps = alsoIn.length > 0 ? `, and the branch changes the same files: ${where(alsoIn)}` : '';
  return [{ code: 'stash', path: oid, message: `${entry} disappeared while it ran${perhaps}` }];
}

/**
 * A run has ended, and something outside its worktree has changed. What looks like its doing, and every loss of the user's work, pauses
 * landing until a person has accepted it. The rest is shown when its branch is reviewed, since it may well have been the user.
 */
export function outsideReported(transition: Transition, runId: RunId, report: OutsideReport): void {
  const instance = transition.instance(runId);
  if (instance === undefined) return;
  const { changes, work, onTarget, unknown } = report;
  const reported = transition.state.outside ?? {};
  const fresh = changes.filter(change => isNews(transition.state, change));
  const suspect = fresh.filter(change => looksLikeEscape(change, instance));
  const losses = work.filter(isLoss).filter(change => !wasReported(reported, change, instance));
  if (fresh.length > 0 || work.length > 0 || onTarget) {
    const places = [...work.map(describeUserChange), ...fresh.map(change => placeOf(transition, change))];
    transition.record({
      type: 'outside-changed',
      runId,
      priorityId: instance.priorityId,
      places: places.map(sanitizeReason),
      told: {
        ...Object.fromEntries(suspect.map(change => [changeName(change), change.stamp])),
        ...Object.fromEntries(losses.map(change => [reportedName(change), reportedValue(change, transition.at)])),
      },
    });
  }
  pauseForSettings(
    transition,
    suspect.filter(({ path }) => settingsFileOf(path) !== null),
  );
  for (const loss of losses.slice(mostInSentence)) transition.notice('error', describeUserChange(loss), runId);
  const sentence = alarm(transition, instance, { suspect, losses, onTarget, unknown });
  if (sentence === null) return;
  transition.notice('error', sentence, runId);
  pauseQueue(transition, `${sentence}; nothing lands until you accept that`);
}

/** This change was not reported yet, and no person made it through cm-tui. */
export function isNews(state: Pick<DurableState, 'outside' | 'sealed'>, change: OutsideChange): boolean {
  if (state.outside?.[changeName(change)] === change.stamp) return false;
  return settingsFileOf(change.path) === null || isSettingsChange(state, change);
}

function reportedName(change: UserChange): string {
  return `work\0${userChangeName(change)}`;
}

function reportedValue(change: UserChange, at: number): string {
  return `${at} ${userChangeStamp(change)}`;
}

/** Reported for another run that ran at the same time. What was reported before this run began has been restored, and is gone again. */
function wasReported(reported: Readonly<Record<string, string>>, change: UserChange, instance: Instance): boolean {
  const [at = '', stamp] = (reported[reportedName(change)] ?? '').split(/ (.*)/s);
  return stamp === userChangeStamp(change) && Number(at) >= begunAt(instance);
}

interface Alarm {
  readonly suspect: readonly OutsideChange[];
  readonly losses: readonly UserChange[];
  readonly onTarget: boolean;
  readonly unknown: string | null;
}

function alarm(
  transition: Transition,
  instance: Instance,
  { suspect, losses, onTarget, unknown }: Alarm,
): string | null {
  const { target } = instance;
  const files = suspect.filter(change => change.tree !== null).map(change => placeOf(transition, change));
  const settings = suspect
    .filter(change => change.tree === null && settingsFileOf(change.path) === null)
    .map(change => placeOf(transition, change));
  const parts = [
    ...losses.slice(0, mostInSentence).map(describeUserChange),
    ...(losses.length > mostInSentence
      ? [`${losses.length - mostInSentence} more of your refs or worktrees changed`]
      : []),
    ...(onTarget ? [`its commits appeared on ${target}, though nobody landed them`] : []),
    ...(files.length > 0 ? [`${someOf(files)} changed outside its worktree${bringBack(suspect)}`] : []),
    ...(settings.length > 0 ? [`what git runs or shows for you changed (${someOf(settings)})`] : []),
    ...(unknown === null
      ? []
      : [`what changed outside its worktree is unknown: ${sanitizeReason(withoutFullStop(unknown))}`]),
  ];
  return parts.length === 0 ? null : `${since(transition, instance)}, ${parts.join(', and ')}`;
}

/** Whether they were committed, a look that only compares does not know. */
function bringBack(suspect: readonly OutsideChange[]): string {
  const [tree, ...others] = [...new Set(suspect.flatMap(one => one.tree ?? []))];
  const paths = suspect.filter(one => one.tree === tree).map(({ path }) => path);
  const command = tree === undefined || others.length > 0 ? null : restoreCommitted(tree, paths);
  return command === null ? '' : ` (to restore what was committed: ${command})`;
}

/** Where it ended while nobody looked, the user has had time to do much of it afterwards. */
function since(transition: Transition, { key, endTime }: Instance): string {
  return endTime !== null && transition.at - endTime > minute ? `since ${key} was started` : `while ${key} ran`;
}

/** A path of the main worktree as it is, one of another with its worktree, a setting by its name. */
function placeOf(transition: Transition, { tree, path }: OutsideChange): string {
  const shown = escapePath(path);
  if (tree === null || tree === transition.state.repository?.root) return shown;
  return `${escapePath(tree)}/${shown}`;
}
