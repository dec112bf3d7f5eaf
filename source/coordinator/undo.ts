import {
  type Candidate,
  hasLanded,
  type Instance,
  isAlive,
  type Oid,
  type RunId,
  waitsToLand,
} from '../domain/instance.ts';
import type { Priority } from '../domain/priority.ts';
import type { UndoResult } from '../ports/branches.ts';
import { done, refused } from './answers.ts';
import type { CommandAnswer } from './messages.ts';
import { targetIsAt } from './queue.ts';
import { harmless } from './sentences.ts';
import { allItems, requestInstance } from './spawning.ts';
import type { State } from './state.ts';
import type { Turn } from './turn.ts';

/** The agent of a run that takes a landing back: git itself. */
const revertAgent = 'git revert';

/** The landing that an undo without a name means: the last one that has not been taken back. Null: there is none. */
export function lastLanding(state: Pick<State, 'instances' | 'target'>): Instance | null {
  const landed = state.instances.filter(instance => canBeUndone(instance, state.target));
  return landed.reduce<Instance | null>(
    (last, one) => (last === null || (one.merge.landedAt ?? 0) >= (last.merge.landedAt ?? 0) ? one : last),
    null,
  );
}

/** It has landed on our target and nobody has taken it back, or is about to. */
export function canBeUndone(instance: Instance, target: string | null): boolean {
  const { state, merge, takenBack, undoing } = instance;
  return (
    hasLanded(state) &&
    merge.landed !== null &&
    takenBack === undefined &&
    undoing === undefined &&
    instance.target === target
  );
}

/** Two reverts of one landing must not both be on their way. */
function mayStillLand({ state }: Instance): boolean {
  return isAlive(state) || waitsToLand(state) || state === 'needs-attention';
}

/** True where the target still stands at what landed, so that it can simply go back. */
export function isTip({ merge }: Instance, targetTip: Oid | null): boolean {
  return merge.landed !== null && merge.landed === targetTip && merge.candidate?.oid === targetTip;
}

/** Takes a landing back: by moving the target to where it was, or by a revert through the queue once others have built on it. */
export function undo(turn: Turn, instance: Instance | null): CommandAnswer {
  if (instance === null) return refused('Nothing has landed that could be undone.');
  const { key, runId, target, merge } = instance;
  if (instance.undoing !== undefined) return refused(`The landing of ${key} is being undone already.`);
  if (instance.takenBack !== undefined) return refused(`The landing of ${key} was taken back already.`);
  const reverting = turn.state.instances.find(one => one.reverts?.runId === runId && mayStillLand(one));
  if (reverting !== undefined)
    return refused(`${reverting.key} takes ${key} back already (it is ${reverting.state}); reject it to begin anew.`);
  if (!canBeUndone(instance, turn.state.target) || merge.landed === null)
    return refused(`${key} has not landed on ${turn.state.target}, it is ${instance.state}: there is nothing to undo.`);
  if (turn.busy('git.land') || turn.busy('git.writeStatus') || turn.busy('git.undo'))
    return refused(`${target} is being moved at this moment; try again.`);
  const { candidate, landed } = merge;
  if (candidate === null || candidate.oid !== landed)
    return refused(`${key} was merged by hand, so it is taken back by hand: git revert, in a checkout of ${target}.`);
  if (!isTip(instance, turn.state.targetTip)) return revert(turn, instance, candidate);
  const { base } = candidate;
  turn.record({ type: 'undo-started', runId, landed, base });
  turn.start({ type: 'git.undo', runId, landed, base });
  return done(`Taking ${key} back: ${target} returns to ${base.slice(0, 10)}.`, [runId]);
}

/** A run of its own whose only work is the revert: judged, approved, checked and landed like any other. */
function revert(turn: Turn, instance: Instance, { oid, squash }: Candidate): CommandAnswer {
  const { key, target } = instance;
  const item = revertItem(turn.state, instance);
  turn.record({ type: 'item-added', item });
  const of = { runId: instance.runId, commit: oid, merge: squash !== true };
  const runId = requestInstance(turn, item, revertAgent, of);
  return done(
    `${target} has moved on since ${key} landed: ${item.key} takes it back on a branch of its own, and lands when you approve it.`,
    [runId],
  );
}

function revertItem(state: State, instance: Instance): Priority {
  const { key, title, files, agentType, merge } = instance;
  const taken = new Set(allItems(state).map(item => item.key));
  let name = `${key}-UNDO`;
  for (let number = 2; taken.has(name); number++) name = `${key}-UNDO-${number}`;
  const roadmap = state.roadmap.path !== null && merge.candidate?.statusWritten === true ? [state.roadmap.path] : [];
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
    agentProgram: null,
    estimateHours: null,
    duplicate: false,
    prompt: null,
  };
}

export function undoAnswered(turn: Turn, runId: RunId, result: UndoResult): void {
  const instance = turn.instance(runId);
  if (instance?.undoing === undefined) return;
  const { priorityId, undoing, target } = instance;
  switch (result.outcome) {
    case 'moved':
      turn.record({ type: 'landing-undone', runId, priorityId, by: 'move', commit: null });
      return targetIsAt(turn, undoing.base);
    case 'elsewhere':
      undoStopped(turn, instance, `${target} has moved on since; undo it once more to take it back by a revert`);
      turn.emit({ type: 'target.read' });
      return;
    case 'blocked':
    case 'failed':
      return undoStopped(turn, instance, result.message);
  }
}

export function undoStopped(turn: Turn, { runId, priorityId }: Instance, reason: string): void {
  turn.record({ type: 'undo-stopped', runId, priorityId, reason: harmless(reason) });
}
