import type { Instance, Oid, RunId } from '../../domain/instance.ts';
import type { LandResult } from '../../ports/git.ts';
import type { Turn } from '../transition.ts';
import { isOurTarget, pauseForRewind, rebuild, stop, voidApproval } from './queue-stop.ts';
import { revertLanded } from './reverted.ts';
import { statusItem } from './status-item.ts';
import { targetIsAt } from './target.ts';

export function landingAnswered(turn: Turn, runId: RunId, result: LandResult): void {
  const instance = turn.instance(runId);
  const candidate = instance?.merge.candidate;
  if (instance?.state !== 'landing' || candidate === undefined || candidate === null) return;
  switch (result.outcome) {
    case 'landed':
      return recordLanding(turn, instance, candidate.oid);
    case 'target-moved':
      rebuild(turn, instance);
      if (result.rewound) pauseForRewind(turn, instance.target);
      if (isOurTarget(turn, instance)) targetIsAt(turn, result.tip);
      return;
    case 'head-moved':
      return voidApproval(turn, instance, result.head === null ? 'was deleted' : 'moved');
    case 'blocked':
      return stop(turn, instance, 'blocked', result.message, result.paths);
    case 'failed':
      return stop(turn, instance, 'blocked', result.message);
  }
}

/** What landed is no longer on the target: its user took it back, so only a new approval lands it again. */
export function landingUndone(turn: Turn, instance: Instance): void {
  const { runId, priorityId, target } = instance;
  if (instance.undoing !== undefined) {
    // Our own undo, whose answer was lost.
    return turn.record({ type: 'landing-undone', runId, priorityId, by: 'move', commit: null });
  }
  stop(turn, instance, 'blocked', `it had landed, but ${target} was moved back; approve it to land it again`);
  pauseForRewind(turn, target);
}

/** The target holds `commit`: its candidate (just moved there, or found there after a crash), or what the user merged by hand. */
export function recordLanding(turn: Turn, instance: Instance, commit: Oid): void {
  const { runId, priorityId, merge } = instance;
  const candidate = merge.candidate?.oid === commit ? merge.candidate : null;
  const wantsStatus = turn.state.settings.roadmapStatus === 'commit' && statusItem(turn.state, instance) !== null;
  const statusWritten = candidate?.statusWritten === true || !wantsStatus;
  turn.record({ type: 'landed', runId, priorityId, candidate: commit, statusWritten });
  revertLanded(turn, instance, commit);
  if (!isOurTarget(turn, instance)) return;
  // Where the target was seen elsewhere than at the candidate's base, it may have gone on since.
  if (candidate !== null && candidate.base === turn.state.targetTip) targetIsAt(turn, commit);
  else turn.emit({ type: 'target.read' });
}

export function writePendingStatus(turn: Turn): void {
  const runId = turn.state.pendingStatus.find(id => !turn.state.statusTried.includes(id));
  if (runId === undefined) return;
  // Tried once until the target or the ROADMAP moves again: the user's own edit of the file may stand in the way.
  turn.change({ statusTried: [...turn.state.statusTried, runId] });
  turn.start({ type: 'git.writeStatus', runId });
}

export function statusAnswered(turn: Turn, runId: RunId, ok: boolean): void {
  const instance = turn.instance(runId);
  if (instance === undefined || !ok) return;
  turn.record({ type: 'status-written', runId, priorityId: instance.priorityId });
  turn.emit({ type: 'sources.read' });
  turn.emit({ type: 'target.read' });
}
