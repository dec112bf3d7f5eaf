import type { Oid, Revert, RunId } from '../../domain/ids.ts';
import { type Instance, isAlive, stillLanded, waitsToLand } from '../../domain/instance.ts';
import type { Item } from '../../domain/item.ts';
import type { ReasonCode } from '../../domain/plan-types.ts';
import { styleOfCandidate } from '../../domain/queue/landing-style.ts';
import type { Candidate } from '../../domain/queue/merge-entry.ts';
import { describeState } from '../../domain/state-labels.ts';
import { withoutFullStop } from '../../domain/text/clause.ts';
import type { UndoResult } from '../../ports/branches.ts';
import type { CommandAnswer } from '../../ports/commands.ts';
import { startRestore } from '../runs/removal.ts';
import { obstaclesToSpawn, requestInstance } from '../runs/spawning.ts';
import { done, refused } from '../state/answers.ts';
import { allItems } from '../state/planning.ts';
import { sanitizeReason, somePaths } from '../state/sentences.ts';
import type { State } from '../state/state.ts';
import type { Transition } from '../transition.ts';
import { statusPath } from './status-item.ts';
import { targetIsAt } from './target.ts';

/** The agent of a run that reverts a landing: git itself. */
const revertAgent = 'git revert';

/**
 * What does not stand against a revert: it loads no machine, as it is done in a moment, and the files of somebody else in it are what
 * the gate of the queue asks a person about.
 */
const noObstacle: ReadonlySet<ReasonCode> = new Set(['capacity', 'ownership']);

/** The landing that an undo without a name means: the last one that has not been undone. Null: there is none. */
export function lastLanding(state: Pick<State, 'instances' | 'target'>): Instance | null {
  const landed = state.instances.filter(instance => canBeUndone(instance) && instance.target === state.target);
  return landed.reduce<Instance | null>(
    (last, one) => (last === null || (one.merge.landedAt ?? 0) >= (last.merge.landedAt ?? 0) ? one : last),
    null,
  );
}

/** It has landed, and is neither undone nor being undone. */
export function canBeUndone(instance: Instance): boolean {
  const { merge, undoing } = instance;
  return stillLanded(instance) && merge.landed !== null && undoing === undefined;
}

/** Two reverts of one landing must not both be on their way. */
function mayStillLand({ state }: Instance): boolean {
  return isAlive(state) || waitsToLand(state) || state === 'needs-attention';
}

/**
 * True where the target can simply go back: it still stands at what landed, and no run was begun from there. A branch that holds what
 * landed would bring it back with its own landing. Where another target stands is not followed: there a revert undoes it.
 */
export function canMoveBack({ merge, builtOn }: Instance, { targetTip, instances }: State): boolean {
  const { landed, candidate, landsFrom } = merge;
  // It landed with others: the commit before it was never checked.
  if (landsFrom !== undefined) return false;
  if (landed === null || landed !== targetTip || candidate?.oid !== landed || builtOn === true) return false;
  return !instances.some(({ base, state }) => base === landed || (base === null && isAlive(state)));
}

/** Undoes a landing: by moving the target to where it was, or by a revert through the queue once others have built on it. */
export function undo(transition: Transition, instance: Instance | null): CommandAnswer {
  if (instance === null) return refused('No landing to undo.');
  const { key, runId, target, merge } = instance;
  if (instance.undoing !== undefined) return refused(`The landing of ${key} is already being undone.`);
  if (instance.takenBack !== undefined) return refused(`The landing of ${key} is already reverted.`);
  const reverting = transition.state.instances.find(one => one.reverts?.runId === runId && mayStillLand(one));
  if (reverting !== undefined)
    return refused(
      `${reverting.key} already reverts ${key} (it ${describeState(reverting.state, null)}). Reject it to start over.`,
    );
  if (!canBeUndone(instance) || merge.landed === null)
    return refused(`${key} has not landed on ${target}: it ${describeState(instance.state, null)}. Nothing to undo.`);
  if (transition.busy('git.land') || transition.busy('git.writeStatus') || transition.busy('git.undo'))
    return refused(`${target} is moving right now. Try again.`);
  if (transition.isRemoving(runId)) return refused(`${key} is being cleaned up right now. Try again.`);
  const { candidate, landed } = merge;
  if (transition.state.targetTip === null)
    return refused(`Could not read where ${target} is. Nothing changed; try again.`);
  if (candidate === null || candidate.oid !== landed) return revertOther(transition, instance, landed);
  if (!canMoveBack(instance, transition.state)) return revert(transition, instance, candidateToRevert(candidate));
  const { base } = candidate;
  transition.record({ type: 'undo-started', runId, landed, base });
  transition.start({ type: 'git.undo', runId, landed, base });
  return done(`Undoing ${key}: ${target} returns to ${base.slice(0, 10)}.`, [runId]);
}

/**
 * A run whose only work is the revert: judged, approved, checked and landed like any other, and started only beside what it cannot overlap
 * with. An earlier attempt's item is reused, so that two never revert the same landing.
 */
function revert(transition: Transition, instance: Instance, what: Omit<Revert, 'runId'>): CommandAnswer {
  const { state } = transition;
  const { key, target, runId: of } = instance;
  const known = state.adHoc.find(({ reverts }) => reverts?.runId === of && reverts.commit === what.commit);
  const item = known ?? revertItem(state, instance, { runId: of, ...what });
  const withItem = known === undefined ? { ...state, adHoc: [...state.adHoc, item] } : state;
  const reasons = obstaclesToSpawn(withItem, item, transition.at).filter(({ code }) => !noObstacle.has(code));
  if (reasons.length > 0)
    return refused(`Cannot undo ${key} now: ${reasons.map(({ detail }) => withoutFullStop(detail)).join('; ')}.`);
  if (known === undefined) transition.record({ type: 'item-added', item });
  const runId = requestInstance(transition, item);
  const why = target === state.target ? `${target} has moved on since ${key} landed. ` : '';
  return done(`${why}${item.key} reverts it on a branch that lands on ${target} when you approve it.`, [runId]);
}

function candidateToRevert(candidate: Candidate): Omit<Revert, 'runId'> {
  const { oid: commit, base } = candidate;
  const style = styleOfCandidate(candidate);
  return { commit, merge: style === 'merge', ...(style === 'rebase' || style === 'ff' ? { base } : {}) };
}

/** What somebody else has landed is reverted where it is one commit, or commits in a row; the target never goes back behind it. */
function revertOther(transition: Transition, instance: Instance, landed: Oid): CommandAnswer {
  const { key, target, landedAs, commits } = instance;
  const style = landedAs?.style;
  if (style === 'merge' || style === 'squash' || (style !== undefined && commits === 1))
    return revert(transition, instance, { commit: landed, merge: style === 'merge' });
  // Its own commits stand on what it was started from, or the copies of them one after the other.
  const base = landedAs?.from ?? (style === 'ff' && landed === instance.head ? instance.base : null);
  if (base !== null) return revert(transition, instance, { commit: landed, merge: false, base });
  return refused(
    `${key} reached ${target} commit by commit, and not all in one row. Revert its ${commits} commits with git revert in a checkout of ${target}.`,
  );
}

function revertItem(state: State, instance: Instance, reverts: NonNullable<Item['reverts']>): Item {
  const { key, title, files, agentType, merge } = instance;
  const taken = new Set(allItems(state).map(item => item.key));
  let name = `${key}-UNDO`;
  for (let number = 2; taken.has(name); number++) name = `${key}-UNDO-${number}`;
  const own = state.roadmap.items.find(({ id }) => id === instance.priorityId);
  const path = own === undefined ? state.roadmap.path : statusPath(own, state.roadmap);
  const roadmap = path !== null && merge.candidate?.statusWritten === true ? [path] : [];
  const heading = `Undo ${key}: ${title}`;
  return {
    id: name,
    key: name,
    aliases: [],
    title: heading,
    status: 'planned',
    heading,
    line: 0,
    endLine: 0,
    dependsOn: [],
    notes: [],
    scope: { kind: 'known', paths: [...files.map(file => file.path), ...roadmap] },
    agentType,
    agentProgram: revertAgent,
    estimateHours: null,
    duplicate: false,
    prompt: null,
    ...(instance.target === state.target ? {} : { target: instance.target }),
    reverts,
  };
}

/** What git found when it was asked to undo a landing. */
export function undoAnswered(transition: Transition, runId: RunId, result: UndoResult): void {
  const instance = transition.instance(runId);
  if (instance?.undoing === undefined) return;
  const { undoing, target } = instance;
  switch (result.outcome) {
    case 'moved':
      if (result.remark !== undefined) transition.notice('warning', result.remark, runId);
      return movedBack(transition, instance);
    case 'elsewhere':
      // The answer to an earlier try was lost.
      if (result.tip === undoing.base) return movedBack(transition, instance);
      undoStopped(transition, instance, `${target} has moved on since; undo it again to create a revert branch`);
      transition.emit({ type: 'target.read' });
      return;
    case 'built-on': {
      const reason = `${somePaths(result.branches)} would bring it back; undo it again to create a revert branch`;
      return undoStopped(transition, instance, reason, true);
    }
    case 'blocked':
    case 'failed':
      return undoStopped(transition, instance, result.message);
  }
}

function movedBack(transition: Transition, { runId, priorityId, undoing }: Instance): void {
  transition.record({ type: 'landing-undone', runId, priorityId, by: 'move', commit: null });
  if (undoing !== undefined) targetIsAt(transition, undoing.base);
  // Its branch was cleaned up since it landed.
  const { removed } = transition.instance(runId) ?? {};
  if (removed !== undefined && removed.head !== null) startRestore(transition, runId, removed.head, removed.saved);
}

/** `builtOn`: other branches hold what landed. */
export function undoStopped(
  transition: Transition,
  { runId, priorityId }: Instance,
  reason: string,
  builtOn = false,
): void {
  const why = { runId, priorityId, reason: sanitizeReason(reason), ...(builtOn ? { builtOn } : {}) };
  transition.record({ type: 'undo-stopped', ...why });
}

/** The step that undoes it failed, or its answer was lost: the next observation tells which. */
export function undoFailed(transition: Transition, { runId, key }: Instance, message: string): void {
  transition.change({ undoTried: [...transition.state.undoTried.filter(id => id !== runId), runId] });
  transition.notice('error', `${key}: ${message}`, runId);
}

/** An undo that nobody has heard the end of is done again; one that failed and changed nothing is given up. */
export function resumeUndo(transition: Transition, instance: Instance): void {
  const { runId, undoing } = instance;
  if (undoing === undefined) return;
  if (transition.state.undoTried.includes(runId)) return undoStopped(transition, instance, 'it failed; try again');
  transition.start({ type: 'git.undo', runId, ...undoing });
}
