import { violationsOf } from '../coordinator/landing/queue-order.ts';
import { canBeUndone, lastLanding } from '../coordinator/landing/undo.ts';
import { isRepairable, repairedTooOften } from '../coordinator/runs/repair-message.ts';
import type { State } from '../coordinator/state/state.ts';
import { hasLanded, type Instance, isAlive, stillLanded, waitsToLand } from '../domain/instance.ts';
import type { ActionContext } from './action.ts';
import { keyLabel } from './key-words.ts';

/** Conditions of the actions: each answers true, or one sentence that says why not now. */
type Condition = (context: ActionContext) => true | string;

export const always: Condition = () => true;

const noInstance = (context: ActionContext): string =>
  context.item === null
    ? 'Nothing is selected: choose an item with j and k first.'
    : `${context.item.key} has not been started: ${keyLabel('spawn')} spawns it.`;

/** First condition that says no wins. */
function all(...conditions: Condition[]): Condition {
  return context => {
    for (const condition of conditions) {
      const answer = condition(context);
      if (answer !== true) return answer;
    }
    return true;
  };
}

const isReady: Condition = ({ state }) => state.ready || 'The repository is still being read: try again in a moment.';

const repositoryCan: Condition = ({ state }) => state.repository?.problems[0] ?? true;

export const canAddItem = all(isReady, repositoryCan);

/** Only what the core would refuse for certain is refused here; dependencies, overlap and capacity are the core's answer. */
export const canSpawn = all(isReady, repositoryCan, ({ item, instance }) => {
  if (item === null) return 'Nothing is selected: choose an item in the Roadmap pane with j and k first.';
  if (instance === null) return item.status === 'complete' ? `${item.key} is already complete in the ROADMAP.` : true;
  if (isAlive(instance.state)) return `${item.key} is already at work: Enter shows its log.`;
  if (waitsToLand(instance.state))
    return `${item.key} has finished and waits to land: ${keyLabel('approve')} lands it, ${keyLabel('redo')} tries again.`;
  if (stillLanded(instance)) return `${item.key} has already landed.`;
  return true;
});

export const canOpenLog: Condition = ({ item, instance }) =>
  item !== null || instance !== null || 'Nothing is selected: choose an item with j and k first.';

export const canInterleave: Condition = ({ state }) =>
  state.instances.length > 0 || `No agent has been started yet: ${keyLabel('spawn')} spawns the selected item.`;

export const canHandOver: Condition = ({ external }) =>
  external || 'This screen cannot hand over the terminal to another program.';

export const canCancel: Condition = context => {
  const { instance } = context;
  if (instance === null) return noInstance(context);
  if (instance.state === 'stopping') return `${instance.key} is already being stopped.`;
  return isAlive(instance.state) || `${instance.key} is not running: there is nothing to cancel.`;
};

export const canDiff: Condition = context => {
  const { instance } = context;
  if (instance === null) return noInstance(context);
  return instance.base !== null || `${instance.key} has no branch yet.`;
};

export const canAttach: Condition = context => {
  const { instance, external } = context;
  if (instance === null) return noInstance(context);
  if (!external) return `This screen cannot hand over the terminal: run cm-tui attach ${instance.key} in another one.`;
  return true;
};

export const canApprove: Condition = context => {
  const { instance } = context;
  if (instance === null) return noInstance(context);
  const { key, state, merge } = instance;
  if (hasLanded(state)) return `${key} has already landed.`;
  if (isAlive(state)) return `${key} is still at work: it can land when its agent has finished.`;
  if (state === 'queued' || state === 'checking' || state === 'landing') return `${key} is already on its way to land.`;
  if (state === 'no-work') return `${key} has no commits to land: ${keyLabel('redo')} tries it again.`;
  if (state === 'needs-attention')
    return `${key} is not in a state to land: ${instance.reason ?? 'look at its worktree'}`;
  if (!waitsToLand(state)) return `${key} did not finish its work: ${keyLabel('redo')} tries it again.`;
  if (instance.head === null) return `The head of ${key} is not known yet: try again in a moment.`;
  if (merge.prediction === 'conflict') {
    const path = merge.conflicts[0];
    return `${key} conflicts with ${instance.target}${path === undefined ? '' : ` in ${path}`}: ${keyLabel('redo')} tries it again on the current tip.`;
  }
  return true;
};

/** On the approval page there must be a breach to accept; what cleaning would lose, its page knows itself. */
export const canAccept: Condition = ({ state, view, instance }) =>
  view !== 'approval' ||
  (instance !== null && violationsOf(state, instance).length > 0) ||
  `No breach is listed: ${keyLabel('yes')} lands it.`;

/** Branches that `M` would land: predicted clean and without a breach of scope or ownership. */
export function cleanOnes(state: State): readonly Instance[] {
  return state.instances.filter(
    one =>
      one.state === 'awaiting-approval' && one.merge.prediction === 'clean' && violationsOf(state, one).length === 0,
  );
}

export const canApproveAll: Condition = ({ state }) =>
  cleanOnes(state).length > 0 || 'No finished branch is clean and within its scope at the moment.';

export const canRedo: Condition = context => {
  const { instance } = context;
  if (instance === null) return noInstance(context);
  if (isAlive(instance.state)) return `${instance.key} is still at work: ${keyLabel('cancel')} cancels it first.`;
  if (instance.state === 'landing') return `${instance.key} is landing at this moment.`;
  return !hasLanded(instance.state) || `${instance.key} has already landed.`;
};

export const canReject: Condition = all(canRedo, ({ instance }) => {
  if (instance === null) return 'Nothing is selected.';
  return waitsToLand(instance.state) || `${instance.key} does not wait to land: there is nothing to reject.`;
});

/** Dependencies, overlap and capacity are the core's answer, as they are when an item is spawned. */
export const canGoOn: Condition = all(canRedo, ({ item, instance }) => {
  if (instance === null) return 'Nothing is selected.';
  const { key, state, base } = instance;
  if (state === 'completed') return `${key} is being judged: try again in a moment.`;
  if (state === 'queued' || state === 'checking') return `${key} is on its way to land: reject it first.`;
  if (base === null) return `${key} never had a worktree to go on in.`;
  const often = isRepairable(instance) ? repairedTooOften(instance) : null;
  if (often !== null) return often.message;
  return item !== null || `${key} is no longer in the ROADMAP.`;
});

export const canRebuild: Condition = all(canRedo, ({ instance }) => {
  if (instance === null) return 'Nothing is selected.';
  if (instance.state !== 'checks-failed' && instance.state !== 'blocked' && instance.state !== 'conflict')
    return `${instance.key} has no failed landing to build again.`;
  return instance.head !== null || `The head of ${instance.key} is not known.`;
});

export const canUndo: Condition = ({ state, instance }) => {
  const one = undoTarget(state, instance);
  if (one === null) return 'Nothing has landed that could be undone.';
  return one.undoing === undefined || `The landing of ${one.key} is being undone already.`;
};

/** What an undo means here: the selected landing, or else the last one. */
export function undoTarget(state: State, selected: Instance | null): Instance | null {
  return selected !== null && canBeUndone(selected, state.target) ? selected : lastLanding(state);
}

export const canClean: Condition = ({ state }) =>
  state.instances.some(one => one.state === 'merged') || 'Nothing that has landed is left to clean up.';

export const canPin: Condition = ({ item, instance }) => {
  if (item === null) return 'Nothing is selected: choose an item in the Roadmap pane with j and k first.';
  return instance === null || !isAlive(instance.state) || `${item.key} is already at work.`;
};
