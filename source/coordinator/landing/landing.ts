import type { Oid, RunId } from '../../domain/ids.ts';
import type { Instance } from '../../domain/instance.ts';
import type { FoundLanding } from '../../domain/queue/landed-as.ts';
import type { LandResult } from '../../ports/git.ts';
import { pushLanded } from '../remote/upstream.ts';
import type { Transition } from '../transition.ts';
import { batchFailed, dissolve } from './batch/batch.ts';
import { chainBelow, hasCandidate } from './batch/chain.ts';
import { isOurTarget, pauseForRewind, rebuildCandidate, stop, voidApproval } from './queue-stop.ts';
import { revertLanded } from './reverted.ts';
import { statusItem } from './status-item.ts';
import { targetIsAt } from './target.ts';

export function landingAnswered(transition: Transition, runId: RunId, result: LandResult): void {
  const instance = transition.instance(runId);
  if (instance?.state !== 'landing' || !hasCandidate(instance)) return;
  const chain = chainBelow(transition.state.instances, instance);
  switch (result.outcome) {
    case 'landed':
      if (result.remark !== undefined) transition.notice('warning', result.remark, runId);
      for (const one of chain) recordLanding(transition, one, one.merge.candidate.oid);
      return;
    case 'target-moved':
      for (const one of chain) rebuildCandidate(transition, one);
      if (result.rewound) pauseForRewind(transition, instance.target);
      if (isOurTarget(transition, instance)) targetIsAt(transition, result.tip);
      return;
    case 'head-moved': {
      const moved = chain.find(one => one.branchName === result.branchName) ?? instance;
      voidApproval(transition, moved, result.head === null ? 'was deleted' : 'moved');
      const others = chain.filter(one => one.runId !== moved.runId);
      return dissolve(transition, others, `${moved.key}, which was to land with it, has moved; checking again`);
    }
    case 'blocked':
    case 'failed':
      // Which of them is in the way is found out as with failed checks.
      if (chain.length > 1) return batchFailed(transition, chain, result.message);
  }
  switch (result.outcome) {
    case 'blocked':
      return stop(transition, instance, 'blocked', result.message, result.paths);
    case 'failed':
      return stop(transition, instance, 'blocked', result.message);
  }
}

/** What landed is no longer on the target: its user removed it, so only a new approval lands it again. */
export function landingUndone(transition: Transition, instance: Instance): void {
  const { runId, priorityId, target } = instance;
  if (instance.undoing !== undefined) {
    // Our own undo, whose answer was lost.
    return transition.record({ type: 'landing-undone', runId, priorityId, by: 'move', commit: null });
  }
  stop(
    transition,
    instance,
    'blocked',
    `it had landed, but ${target} was reset to an earlier commit; approve it to land it again`,
  );
  pauseForRewind(transition, target);
}

/**
 * The target holds `commit`: its candidate (just moved there, or found there after a crash), or what somebody else has landed (`found`), to
 * which nothing is added.
 */
export function recordLanding(transition: Transition, instance: Instance, commit: Oid, found?: FoundLanding): void {
  const { runId, priorityId, merge } = instance;
  const candidate = merge.candidate?.oid === commit ? merge.candidate : null;
  const wantsStatus =
    transition.state.settings.roadmapStatus === 'commit' && statusItem(transition.state, instance) !== null;
  const statusWritten = found !== undefined || candidate?.statusWritten === true || !wantsStatus;
  const from = found?.from === undefined ? {} : { from: found.from };
  const elsewhere = found === undefined ? {} : { found: { style: found.style, ...from } };
  transition.record({ type: 'landed', runId, priorityId, candidate: commit, statusWritten, ...elsewhere });
  revertLanded(transition, instance, commit);
  const isBelow = transition.state.instances.some(
    one => one.state === 'landing' && one.merge.candidate?.base === commit,
  );
  if (candidate !== null && !isBelow) pushLanded(transition, instance, commit);
  if (!isOurTarget(transition, instance)) return;
  // If the target was seen elsewhere than at the candidate's base, it may have moved since.
  if (candidate !== null && candidate.base === transition.state.targetTip) targetIsAt(transition, commit);
  else transition.emit({ type: 'target.read' });
}

export function writePendingStatus(transition: Transition): void {
  const runId = transition.state.pendingStatus.find(id => !transition.state.statusTried.includes(id));
  if (runId === undefined) return;
  // Tried once until the target or the ROADMAP moves again: the user's own edit of the file may stand in the way.
  transition.change({ statusTried: [...transition.state.statusTried, runId] });
  transition.start({ type: 'git.writeStatus', runId });
}

export function statusAnswered(transition: Transition, runId: RunId, ok: boolean): void {
  const instance = transition.instance(runId);
  if (instance === undefined || !ok) return;
  transition.record({ type: 'status-written', runId, priorityId: instance.priorityId });
  transition.emit({ type: 'sources.read' });
  transition.emit({ type: 'target.read' });
}
