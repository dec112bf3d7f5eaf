import { isClean, violationsOf } from '../coordinator/landing/queue-order.ts';
import { cannotReplay, cannotUpdate } from '../coordinator/landing/replay.ts';
import { canBeUndone, lastLanding } from '../coordinator/landing/undo.ts';
import { cannotOpen } from '../coordinator/remote/pull-requests.ts';
import { whyNotEditable } from '../coordinator/runs/ad-hoc.ts';
import { whyStaysRejected } from '../coordinator/runs/rejection.ts';
import { isRepairable, repairedTooOften } from '../coordinator/runs/repair-message.ts';
import { waitsForSettings } from '../coordinator/runs/settings-change.ts';
import { stackReason, standsSentence } from '../coordinator/stack/words.ts';
import { attentionOf } from '../coordinator/state/attention.ts';
import { allItems } from '../coordinator/state/planning.ts';
import type { State } from '../coordinator/state/state.ts';
import {
  canBeDismissed,
  continuesByItself,
  hasLanded,
  type Instance,
  isAlive,
  isDismissed,
  stillLanded,
  waitsToLand,
} from '../domain/instance.ts';
import type { Item } from '../domain/item.ts';
import { isUnsigned } from '../domain/queue/unsigned.ts';
import { readingsAtWork } from '../domain/review/reading.ts';
import { widerScope } from '../domain/scope/set-scopes.ts';
import { describeRun } from '../domain/state-labels.ts';
import type { ActionContext } from './action.ts';
import { keyLabel } from './key-words.ts';

/** Conditions of the actions: true, or one sentence that says why not now. */
type Condition = (context: ActionContext) => true | string;

export const always: Condition = () => true;

const noInstance = (context: ActionContext): string =>
  context.item === null
    ? 'Nothing selected. Choose an item with j and k.'
    : `${context.item.key} has not started. Press ${keyLabel('spawn')} to spawn it.`;

/** The first condition that fails decides. */
function all(...conditions: Condition[]): Condition {
  return context => {
    for (const condition of conditions) {
      const answer = condition(context);
      if (answer !== true) return answer;
    }
    return true;
  };
}

const repositoryCan: Condition = ({ state }) => state.repository?.problems[0] ?? true;

export const canAddItem = repositoryCan;

/** Refuses only what the core would certainly refuse. Dependencies, overlap and capacity are for the core to judge. */
export const canSpawn = all(repositoryCan, ({ item, instance }) => {
  if (item === null) return 'Nothing selected. Choose an item in the Roadmap pane with j and k.';
  if (instance === null) return item.status === 'complete' ? `${item.key} is already complete in the ROADMAP.` : true;
  if (isAlive(instance.state)) return `${item.key} is already running. Enter shows its log.`;
  if (waitsToLand(instance.state))
    return `${item.key} is waiting to land. Press ${keyLabel('approve')} to land it, ${keyLabel('redo')} to retry.`;
  if (stillLanded(instance)) return `${item.key} has already landed.`;
  return true;
});

export const canOpenLog: Condition = ({ item, instance }) =>
  item !== null || instance !== null || 'Nothing selected. Choose an item with j and k.';

export const canInterleave: Condition = ({ state }) =>
  state.instances.length > 0 || `No agent has started yet. Press ${keyLabel('spawn')} to spawn the selected item.`;

export const canHandOver: Condition = ({ external }) =>
  external || 'This screen cannot hand over the terminal to another program.';

export const canCancel: Condition = context => {
  const { instance, item, state } = context;
  if (instance === null) return (item !== null && isAdHoc(state, item)) || noInstance(context);
  if (instance.state === 'stopping') return `${instance.key} is already stopping.`;
  const isGoing = isAlive(instance.state) || continuesByItself(instance.state) || readingsAtWork(instance).length > 0;
  return isGoing || `${instance.key} is not running. Nothing to cancel.`;
};

export const canEditItem: Condition = ({ item, state }) =>
  item === null ? 'Nothing selected. Choose an item with j and k.' : (whyNotEditable(state, item) ?? true);

/** An ad-hoc item that a person typed, and no revert. */
export function isAdHoc({ adHoc }: Pick<State, 'adHoc'>, { id, reverts }: Item): boolean {
  return reverts === undefined && adHoc.some(one => one.id === id);
}

export const canDiff: Condition = context => {
  const { instance } = context;
  if (instance === null) return noInstance(context);
  return instance.base !== null || `${instance.key} has no branch yet.`;
};

export const canAttach: Condition = context => {
  const { instance, external } = context;
  if (instance === null) return noInstance(context);
  if (!isAlive(instance.state)) return canResumeRun(context);
  if (!external)
    return `This screen cannot hand over the terminal. Run "cm-tui attach ${instance.key}" in another one.`;
  return true;
};

export const canApprove: Condition = context => {
  const { instance } = context;
  if (instance === null) return noInstance(context);
  const { key, state, merge } = instance;
  if (hasLanded(state)) return `${key} has already landed.`;
  if (isAlive(state)) return `${key} is still running. It can land once its agent has finished.`;
  if (state === 'queued' || state === 'checking' || state === 'landing') return `${key} is already queued to land.`;
  if (state === 'no-work') return `${key} has no commits to land. Press ${keyLabel('redo')} to retry.`;
  if (state === 'asks') return `${key} asks you something. Press ${keyLabel('attach')} to answer.`;
  if (state === 'needs-attention') return `${key} cannot land: ${instance.reason ?? 'check its worktree'}`;
  if (state === 'rejected') return whyStaysRejected(context.state, instance) ?? (instance.head !== null || noHead(key));
  if (!waitsToLand(state)) return `${describeRun(instance)}. Press ${keyLabel('redo')} to retry.`;
  if (instance.head === null) return noHead(key);
  if (merge.prediction === 'conflict') {
    const path = merge.conflicts[0];
    return `${key} conflicts with ${instance.target}${path === undefined ? '' : ` in ${path}`}. Press ${keyLabel('redo')} to retry on the current tip.`;
  }
  return true;
};

/** Whatever has a commit to look at can be reviewed; whether it may land is asked when it is to land. */
export const canReview: Condition = context => {
  const { instance } = context;
  const mayLand = canApprove(context);
  if (mayLand === true || instance === null || instance.base === null || instance.head === null) return mayLand;
  const { state } = instance;
  return state === 'conflict' || state === 'blocked' || state === 'rejected' || state === 'needs-attention' || mayLand;
};

function noHead(key: string): string {
  return `The head of ${key} is not known yet. Try again in a moment.`;
}

/** The run that `D` puts away, or puts back: the selected one, or the last of the item that was dismissed. */
export function dismissTarget({ state, item, instance }: Pick<ActionContext, 'state' | 'item' | 'instance'>) {
  if (instance !== null && !isDismissed(instance) && canBeDismissed(instance.state)) return instance;
  const id = instance?.priorityId ?? item?.id;
  return state.instances.findLast(one => one.priorityId === id && isDismissed(one)) ?? null;
}

export const canFindAttention: Condition = ({ state }) =>
  attentionOf(state).length > 0 || waitsForSettings(state) || 'Nothing needs you.';

export const canReviewSettings: Condition = ({ state }) =>
  waitsForSettings(state) || 'No settings file was changed while an agent ran.';

export const canDismiss: Condition = context => {
  const { instance } = context;
  if (dismissTarget(context) !== null) return true;
  if (instance === null) return noInstance(context);
  return `${instance.key} is not over. Only what failed, was cancelled, rejected, reverted or has landed can be dismissed.`;
};

/** The approval page needs a violation to accept; the cleanup page knows itself what it would lose. */
export const canAccept: Condition = ({ state, view, instance }) =>
  view !== 'review' ||
  (instance !== null && violationsOf(state, instance).length > 0) ||
  `No violations listed. Press ${keyLabel('land')} to land it.`;

/** Branches that `M` would land. */
export function cleanBranches(state: State): readonly Instance[] {
  return state.instances.filter(one => isClean(state, one));
}

export const canApproveAll: Condition = ({ state }) =>
  cleanBranches(state).length > 0 || 'No finished branch is clean, without violations and without warnings right now.';

export const canRedo: Condition = context => {
  const { instance } = context;
  if (instance === null) return noInstance(context);
  if (isAlive(instance.state))
    return `${instance.key} is still running. Press ${keyLabel('cancel')} to cancel it first.`;
  if (instance.state === 'landing') return `${instance.key} is landing right now.`;
  return !hasLanded(instance.state) || `${instance.key} has already landed.`;
};

export const canReject: Condition = all(canRedo, ({ instance }) => {
  if (instance === null) return 'Nothing selected.';
  if (instance.state === 'rejected')
    return `${instance.key} is already rejected. Press ${keyLabel('approve')} to review it again.`;
  return (
    waitsToLand(instance.state) ||
    instance.state === 'needs-attention' ||
    instance.state === 'no-work' ||
    `${instance.key} is not waiting to land. Nothing to reject.`
  );
});

/** As for a spawn, dependencies, overlap and capacity are for the core to judge. */
export const canResumeRun: Condition = all(canRedo, ({ item, instance }) => {
  if (instance === null) return 'Nothing selected.';
  const { key, state, base } = instance;
  if (state === 'completed') return `${key} has just finished. Try again in a moment.`;
  if (state === 'queued' || state === 'checking') return `${key} is queued to land. Reject it first.`;
  if (base === null) return `${key} never had a worktree to resume in.`;
  const often = isRepairable(instance) ? repairedTooOften(instance) : null;
  if (often !== null) return often.message;
  return item !== null || `${key} is no longer in the ROADMAP.`;
});

export const canRebuild: Condition = all(canRedo, ({ instance }) => {
  if (instance === null) return 'Nothing selected.';
  if (instance.state !== 'checks-failed' && instance.state !== 'blocked' && instance.state !== 'conflict')
    return `${instance.key} has no failed landing to rebuild.`;
  return instance.head !== null || `The head of ${instance.key} is unknown.`;
});

export const canUndo: Condition = ({ state, instance }) => {
  const one = undoTarget(state, instance);
  if (one === null) return 'No landing to undo.';
  return one.undoing === undefined || `The landing of ${one.key} is already being undone.`;
};

/** What an undo acts on: the selected landing, else the last one. */
export function undoTarget(state: State, selected: Instance | null): Instance | null {
  return selected !== null && canBeUndone(selected) ? selected : lastLanding(state);
}

/** On the review page; what stands on another branch can be reviewed, and lands after it. */
export const canLand: Condition = context => {
  const reviewable = canApprove(context);
  const { state, instance } = context;
  return reviewable !== true || instance === null ? reviewable : (standsSentence(state, instance) ?? true);
};

export const canReplay: Condition = context => {
  const { instance, state } = context;
  if (instance === null) return noInstance(context);
  return stackReason(state, instance) === null ? (cannotReplay(instance) ?? true) : true;
};

export const canUnlockKey: Condition = ({ state, external }) => {
  if (!state.instances.some(isUnsigned)) return 'No landing waits for a signature.';
  return external || 'This screen cannot hand over the terminal. Run "cm-tui doctor" in another one.';
};

export const canUpdate: Condition = context => {
  const { instance } = context;
  return instance === null ? noInstance(context) : (cannotUpdate(instance) ?? true);
};

export const canOpenPullRequest: Condition = context => {
  const { instance } = context;
  return instance === null ? noInstance(context) : (cannotOpen(instance) ?? true);
};

export const canSendComments: Condition = context => {
  const { instance } = context;
  if (instance === null) return noInstance(context);
  if (isAlive(instance.state)) return `${instance.key} is still running.`;
  return instance.pr !== undefined || `${instance.key} has no pull request. ${keyLabel('pull-request')} opens one.`;
};

export const canClean: Condition = ({ state }) =>
  state.instances.some(one => one.state === 'merged') || 'No landed work to clean up.';

export const canSuggest: Condition = ({ state }) =>
  allItems(state).length > 0 || `There are no items yet. Press ${keyLabel('new-item')} to create one.`;

export const canWiden: Condition = ({ state, item, instance }) =>
  (item !== null && instance !== null && widerScope(item, instance, state.roadmap.path) !== null) ||
  'The run stayed inside its scope.';

export const canGroup: Condition = ({ state }) =>
  allItems(state).some(({ group }) => group != null) || 'No item stands in a group: a phase, an epic or a milestone.';

export const canPin: Condition = ({ item, instance }) => {
  if (item === null) return 'Nothing selected. Choose an item in the Roadmap pane with j and k.';
  return instance === null || !isAlive(instance.state) || `${item.key} is already running.`;
};
