import { commandName } from '../../domain/checks.ts';
import type { Instance } from '../../domain/instance.ts';
import type { CommandAnswer } from '../../ports/commands.ts';
import { refused } from '../state/answers.ts';
import { sanitizeReason, someOf, somePaths } from '../state/sentences.ts';
import type { State } from '../state/state.ts';
import type { Transition } from '../transition.ts';

/** How often the same agent is asked to fix what did not land; after that a person has to look. */
const repairLimit = 2;

const end = 'Commit everything that belongs to the item, and leave the tree clean.';

/** Why a branch that did not land is not given back to its agent once more; null: it may be. */
export function repairedTooOften({ key, worktreePath, handBacks = 0 }: Instance): CommandAnswer | null {
  if (handBacks < repairLimit) return null;
  return refused(
    `The agent of ${key} was asked for a fix ${repairLimit} times already. Fix it yourself in ${worktreePath}, or send the agent a message.`,
  );
}

/** True if its agent can be asked to fix the very work that could not land. */
export function isRepairable(instance: Instance): boolean {
  return instance.state === 'conflict' || instance.state === 'checks-failed' || isReturning(instance);
}

/** It is held since it would bring back what was removed from the target. */
function isReturning({ state, returning }: Instance): boolean {
  return state === 'needs-attention' && returning !== undefined;
}

/** What its agent is asked to do about a conflict or about checks that failed. */
export function repairMessage(transition: Transition, instance: Instance): string {
  const { branchName, merge, reason, returning } = instance;
  if (isReturning(instance) && returning !== undefined) {
    const { target, base, replayStopped } = instance;
    const named = someOf(returning.commits.map(({ oid, subject }) => `${oid.slice(0, 10)} "${subject}"`));
    const onto = tipOf(transition.state, instance);
    const where = replayStopped === undefined ? '' : ` It stops here: ${sanitizeReason(replayStopped.reason)}.`;
    return `Your branch ${branchName} still holds what was removed from ${target}: ${named}. Move only your own commits onto the tip of ${target}: git rebase --onto ${onto} ${returning.last ?? base}.${where} Resolve conflicts so that the intent of both sides is kept, and bring nothing back that was removed. ${checks(transition.state)} ${end}`;
  }
  const into = `Merge the tip of ${instance.target} into your branch ${branchName} here: ${mergeCommand(transition.state, instance)}.`;
  if (instance.state === 'conflict') {
    return `Your branch conflicts with ${instance.target} in ${somePaths(merge.conflicts)}. ${into} Resolve the conflicts so that the intent of both sides is kept. ${checks(transition.state)} ${end}`;
  }
  const how = sanitizeReason(merge.checks?.detail ?? reason ?? '');
  const failing = (merge.checks?.lines ?? []).map(line => `\n  ${sanitizeReason(line)}`).join('');
  const what = failing === '' ? '' : `\n\nWhat failed, in the words of the checks:${failing}`;
  return `Merged with ${instance.target}, your work does not pass the checks: ${how}. ${into} Find out why they fail and fix it. ${checks(transition.state)} ${end}${what}`;
}

/** By its object id: the branch itself may move meanwhile. */
function mergeCommand(state: State, instance: Instance): string {
  return `git merge ${tipOf(state, instance)}`;
}

function tipOf({ targetTip, target }: State, instance: Instance): string {
  return (instance.target === target ? targetTip : null) ?? instance.target;
}

function checks({ settings }: State): string {
  if (settings.checks.length === 0) return 'Make sure that it works.';
  return `Then run the checks, which must pass: ${settings.checks.map(command => sanitizeReason(commandName(command))).join('; ')}.`;
}
